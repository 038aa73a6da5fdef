/** Which path and method lead where. The paths are a promise to those who configured them elsewhere. */
import type { IncomingMessage, ServerResponse } from 'node:http';

/** Answers the request itself. What it throws, or rejects with, becomes 500. */
export type Handler = (
  request: IncomingMessage,
  response: ServerResponse,
  params: Readonly<Record<string, string>>,
) => void | Promise<void>;

export interface Route {
  /** In metrics and in the log. */
  readonly name: string;
  /** A route for GET answers HEAD too. */
  readonly method: 'GET' | 'POST';
  /** A part that begins with a colon stands for anything without a slash: `/webhooks/:source`. */
  readonly path: string;
  readonly handle: Handler;
}

export type Match =
  | { readonly kind: 'found'; readonly route: Route; readonly params: Readonly<Record<string, string>> }
  | { readonly kind: 'wrong-method'; readonly allow: readonly string[] }
  | { readonly kind: 'unknown' };

export function matchRoute(routes: readonly Route[], method: string, url: string): Match {
  const parts = (url.split('?', 1)[0] ?? '').split('/');
  const here = routes.flatMap((route) => {
    const params = paramsOf(route.path.split('/'), parts);
    return params ? [{ route, params }] : [];
  });
  const found = here.find(({ route }) => methodsOf(route).includes(method));
  if (found) return { kind: 'found', ...found };
  if (here.length === 0) return { kind: 'unknown' };
  return { kind: 'wrong-method', allow: here.flatMap(({ route }) => methodsOf(route)) };
}

const methodsOf = ({ method }: Route) => (method === 'GET' ? ['GET', 'HEAD'] : [method]);

function paramsOf(pattern: readonly string[], parts: readonly string[]): Record<string, string> | null {
  if (pattern.length !== parts.length) return null;
  const params: Record<string, string> = {};
  for (const [index, expected] of pattern.entries()) {
    const part = parts[index] ?? '';
    if (expected.startsWith(':') && /^[\w.-]+$/.test(part)) params[expected.slice(1)] = part;
    else if (expected !== part) return null;
  }
  return params;
}
