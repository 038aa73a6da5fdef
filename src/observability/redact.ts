/** Takes secrets out of what is about to be written. */

const GONE = '[redacted]';
const SHORTEST_SECRET = 4;
const MAX_DEPTH = 6;
const MAX_ITEMS = 100;
const MAX_TEXT = 8_192;

const SECRET_KEY =
  /token|secret|passw(or)?d|passphrase|authorization|cookie|credential|signing|(api|private|audit|access)[-_]?key/i;

/** Shapes that are secret whoever configured them. */
const PATTERNS: readonly (readonly [RegExp, string])[] = [
  // Greedy up to the last @ before a slash or space, since passwords hold @ too.
  [/\b([a-z][a-z0-9+.-]{1,30}:\/\/)[^\s/"'<>]*@/gi, `$1${GONE}@`],
  [/([?&](?:[a-z_-]*token|[a-z_-]*secret|password|sig|signature|api_?key)=)[^&\s"'<>]+/gi, `$1${GONE}`],
  [/\bxox[a-z](?:\.[a-z]+)?-[A-Za-z0-9-]{6,}/g, GONE],
  [/\bxapp-[A-Za-z0-9-]{6,}/g, GONE],
  [/\bgh[a-z]_[A-Za-z0-9]{10,}|\bgithub_pat_\w{10,}/g, GONE],
  [/\bwhsec_[A-Za-z0-9+/=]{8,}/g, GONE],
  [/\b(Bearer|Basic) [A-Za-z0-9._~+/=-]{6,}/gi, `$1 ${GONE}`],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g, GONE],
];

/** Whether a field of that name holds a secret. */
export function isSecretKey(key: string): boolean {
  return SECRET_KEY.test(key);
}

export interface Redactor {
  text(text: string): string;
  /** A copy without secrets, errors as plain objects; bounded in depth and size, and never throws. */
  value(value: unknown): unknown;
}

/**
 * @param secrets values that must never show, wherever they stand; those under 4 characters are left
 *   alone, since taking them out would leave nothing readable.
 */
export function createRedactor(secrets: readonly string[]): Redactor {
  const known = [
    ...new Set(secrets.flatMap((secret) => [secret, encodeURIComponent(secret.replace(/\p{Cs}/gu, ''))])),
  ]
    .filter((secret) => secret.length >= SHORTEST_SECRET)
    .sort((a, b) => b.length - a.length);

  function text(plain: string): string {
    // Secrets go before the text is cut: half a secret would not be recognised.
    const without = known.reduce((rest, secret) => rest.replaceAll(secret, GONE), plain);
    const clean = PATTERNS.reduce((rest, [pattern, put]) => rest.replace(pattern, put), without);
    return clean.length > MAX_TEXT ? `${clean.slice(0, MAX_TEXT)}…` : clean;
  }

  function copy(value: unknown, depth: number): unknown {
    if (typeof value === 'string') return text(value);
    if (typeof value === 'bigint') return value.toString();
    if (typeof value !== 'object' || value === null) return value;
    if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
    if (value instanceof URL) return text(value.href);
    if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
    if (depth >= MAX_DEPTH) return '[deeper]';
    if (Array.isArray(value)) return value.slice(0, MAX_ITEMS).map((item) => copy(item, depth + 1));
    if (value instanceof Map) return copy(Object.fromEntries(value), depth);
    if (value instanceof Set) return copy([...value], depth);
    const error = value instanceof Error ? errorParts(value) : {};
    const shown: Record<string, unknown> = {};
    for (const [key, item] of Object.entries({ ...error, ...value }).slice(0, MAX_ITEMS)) {
      const isSecret = isSecretKey(key) && item !== null && item !== undefined && typeof item !== 'boolean';
      shown[text(key)] = isSecret ? GONE : copy(item, depth + 1);
    }
    return shown;
  }

  return {
    text,
    value: (value) => {
      try {
        return copy(value, 0);
      } catch {
        return '[unreadable]';
      }
    },
  };
}

/** The password of a URL, as it is written and as it is meant; nothing for any other text. */
export function passwordsIn(text: string): string[] {
  const password = URL.canParse(text) ? new URL(text).password : '';
  if (password === '') return [];
  try {
    return [password, decodeURIComponent(password)];
  } catch {
    return [password];
  }
}

function errorParts(error: Error): Record<string, unknown> {
  return {
    type: error.name,
    message: error.message,
    stack: error.stack,
    ...(error.cause === undefined ? {} : { cause: error.cause }),
    ...(error instanceof AggregateError ? { errors: error.errors } : {}),
  };
}
