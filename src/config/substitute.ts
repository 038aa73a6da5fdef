/** `${NAME}` in the configuration's text values, from the environment. */
import type { ConfigPath } from './problem.ts';

export interface Substitution {
  readonly data: unknown;
  readonly problems: readonly { readonly path: ConfigPath; readonly message: string }[];
  /** What was put in, and where: not for showing. */
  readonly values: readonly { readonly path: ConfigPath; readonly value: string }[];
}

/**
 * Replaces `${NAME}` in every string value, never in keys. It works on parsed data, so that a value can
 * hold anything and still be one value. `$${` stands for `${`. An empty variable counts as missing.
 */
export function substitute(data: unknown, env: Readonly<Record<string, string | undefined>>): Substitution {
  const problems: { path: ConfigPath; message: string }[] = [];
  const values: { path: ConfigPath; value: string }[] = [];

  const walk = (value: unknown, path: ConfigPath): unknown => {
    if (typeof value === 'string') return replace(value, path);
    if (Array.isArray(value)) return value.map((item, index) => walk(item, [...path, index]));
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value).map(([key, item]) => [key, walk(item, [...path, key])] as const);
    // Not fromEntries' plain object: a key `__proto__` has to stay a key, to be refused as one.
    return Object.fromEntries(entries);
  };

  const replace = (text: string, path: ConfigPath): string =>
    text.replace(/\$\$\{|\$\{([^{}]*)\}?/g, (found, name?: string) => {
      if (found === '$${') return '${';
      const message = faultOf(found, name ?? '', env);
      if (message !== null) {
        problems.push({ path, message });
        return found;
      }
      const value = env[name ?? ''] ?? '';
      values.push({ path, value });
      return value;
    });

  return { data: walk(data, []), problems, values };
}

function faultOf(
  found: string,
  name: string,
  env: Readonly<Record<string, string | undefined>>,
): string | null {
  if (!found.endsWith('}') || !/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
    return `A variable is written \${NAME}; for the characters themselves write $\${.`;
  }
  return (env[name] ?? '') === '' ? `The environment variable ${name} is not set.` : null;
}
