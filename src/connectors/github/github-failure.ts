import { AnswerTooLarge, networkCode, neverSent } from '../../net/bounded-fetch.ts';
import { retryAfterS } from '../../net/retry-after.ts';
import { ConnectorError, LONGEST_WAIT_S } from '../connector.ts';

type Headers = Readonly<Record<string, unknown>>;

/** What octokit throws, as far as it is looked at: `RequestError`, `GraphqlResponseError`, or anything. */
interface Failure {
  readonly status?: unknown;
  readonly response?: { readonly headers?: Headers };
  /** Of an answer to a query. */
  readonly headers?: Headers;
  readonly errors?: readonly { readonly type?: unknown; readonly message?: unknown }[];
}

export const RATE_LIMITED = 'rate_limited';
const FIRST_WAIT_S = 60;
const LONGEST_UNSPECIFIED_WAIT_S = 960;

export function isStatus(error: unknown, status: number): boolean {
  return error instanceof Error && (error as Failure).status === status;
}

/**
 * Says of a failed call what the contract wants to know. The original error is not attached: it holds the
 * request. GitHub marks an exhausted limit by 403 or 429 with `x-ratelimit-remaining: 0` or `retry-after`,
 * a secondary one by the words "secondary rate limit" (docs.github.com, "Rate limits for the REST API").
 */
export function githubFailure(
  error: unknown,
  about: {
    name: string;
    token: string;
    changes: boolean;
    timedOut: boolean;
    /** Limits met in a row that did not say how long to wait. */
    unspecified: number;
  },
): ConnectorError {
  if (error instanceof ConnectorError) return error;
  const { name, changes } = about;
  const failed = (
    kind: 'retryable' | 'terminal',
    code: string,
    text: string,
    outcomeKnown: boolean,
    waitS = 0,
  ) => new ConnectorError(kind, code, `${name}: ${text}`, { outcomeKnown, retryAfterS: waitS });
  const limitedFor = (headers: Headers) => saidWaitS(headers) ?? unspecifiedWaitS(about.unspecified);

  if (about.timedOut) return failed('retryable', 'timeout', 'GitHub did not answer in time', !changes);
  if (error instanceof Error && error.cause instanceof AnswerTooLarge)
    return failed('terminal', 'answer_too_large', 'GitHub answered with far too much', !changes);

  const {
    status,
    response,
    errors,
    headers = response?.headers ?? {},
  } = (error instanceof Error ? error : {}) as Failure;
  const said = clean(error, about.token);
  if (errors) {
    const limited = errors.some((entry) => entry.type === 'RATE_LIMITED');
    return limited
      ? failed('retryable', RATE_LIMITED, 'GitHub asks us to wait', true, limitedFor(headers))
      : failed('terminal', 'refused', `GitHub refused a query: ${said}`, true);
  }
  if (!response || typeof status !== 'number') {
    const text = `GitHub cannot be reached (${networkCode(error)})`;
    return failed('retryable', 'unreachable', text, !changes || neverSent(error));
  }
  if (status >= 500) {
    const waitS = saidWaitS(headers) ?? 0;
    return failed('retryable', 'server_error', `GitHub answered ${status}: ${said}`, !changes, waitS);
  }
  if (status === 429 || (status === 403 && isRateLimit(headers, said)))
    return failed('retryable', RATE_LIMITED, `GitHub asks us to wait: ${said}`, true, limitedFor(headers));
  if (status === 401 || status === 403)
    return failed('terminal', 'permission_denied', `GitHub answered ${status}: ${said}`, true);
  return failed('terminal', 'refused', `GitHub answered ${status}: ${said}`, true);
}

function isRateLimit(headers: Headers, said: string): boolean {
  return (
    headers['x-ratelimit-remaining'] === '0' ||
    headers['retry-after'] !== undefined ||
    said.toLowerCase().includes('secondary rate limit')
  );
}

/**
 * The wait that GitHub names: `retry-after`, else until `x-ratelimit-reset` (UTC epoch seconds) where nothing
 * remains; null where it names none.
 */
function saidWaitS(headers: Headers): number | null {
  const now = Date.now();
  const named = retryAfterS(text(headers['retry-after']), now, LONGEST_WAIT_S);
  if (named !== null) return Math.max(1, named);
  const reset = Number(text(headers['x-ratelimit-reset']) ?? Number.NaN);
  if (headers['x-ratelimit-remaining'] !== '0' || Number.isNaN(reset)) return null;
  return Math.max(1, Math.ceil(reset - now / 1000));
}

/** "Otherwise, wait for at least one minute", and longer each time. */
function unspecifiedWaitS(inARow: number): number {
  return Math.min(FIRST_WAIT_S * 2 ** inARow, LONGEST_UNSPECIFIED_WAIT_S);
}

const text = (header: unknown) => (header === undefined ? null : String(header));

/** GitHub's own words, on one line, short, and without the token should something echo it. */
function clean(error: unknown, token: string): string {
  const text = error instanceof Error ? error.message : 'unknown error';
  return text
    .replaceAll(token, '[redacted]')
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .slice(0, 200);
}
