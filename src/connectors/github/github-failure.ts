import { AnswerTooLarge, networkCode, neverSent } from '../../net/bounded-fetch.ts';
import { ConnectorError } from '../connector.ts';

/** What octokit throws, as far as it is looked at: `RequestError`, `GraphqlResponseError`, or anything. */
interface Failure {
  readonly status?: unknown;
  readonly response?: { readonly headers?: Readonly<Record<string, unknown>> };
  readonly errors?: readonly { readonly type?: unknown; readonly message?: unknown }[];
}

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
  about: { name: string; token: string; changes: boolean; timedOut: boolean },
): ConnectorError {
  if (error instanceof ConnectorError) return error;
  const { name, changes } = about;
  const failed = (kind: 'retryable' | 'terminal', code: string, text: string, outcomeKnown: boolean) =>
    new ConnectorError(kind, code, `${name}: ${text}`, { outcomeKnown });

  if (about.timedOut) return failed('retryable', 'timeout', 'GitHub did not answer in time', !changes);
  if (error instanceof Error && error.cause instanceof AnswerTooLarge)
    return failed('terminal', 'answer_too_large', 'GitHub answered with far too much', !changes);

  const { status, response, errors } = (error instanceof Error ? error : {}) as Failure;
  const said = clean(error, about.token);
  if (errors) {
    const limited = errors.some((entry) => entry.type === 'RATE_LIMITED');
    return limited
      ? failed('retryable', 'rate_limited', 'GitHub asks us to wait', true)
      : failed('terminal', 'refused', `GitHub refused a query: ${said}`, true);
  }
  if (!response || typeof status !== 'number') {
    const text = `GitHub cannot be reached (${networkCode(error)})`;
    return failed('retryable', 'unreachable', text, !changes || neverSent(error));
  }
  if (status >= 500)
    return failed('retryable', 'server_error', `GitHub answered ${status}: ${said}`, !changes);
  if (status === 429 || (status === 403 && isRateLimit(response.headers ?? {}, said)))
    return failed('retryable', 'rate_limited', `GitHub asks us to wait: ${said}`, true);
  if (status === 401 || status === 403)
    return failed('terminal', 'permission_denied', `GitHub answered ${status}: ${said}`, true);
  return failed('terminal', 'refused', `GitHub answered ${status}: ${said}`, true);
}

function isRateLimit(headers: Readonly<Record<string, unknown>>, said: string): boolean {
  return (
    headers['x-ratelimit-remaining'] === '0' ||
    headers['retry-after'] !== undefined ||
    said.toLowerCase().includes('secondary rate limit')
  );
}

/** GitHub's own words, on one line, short, and without the token should something echo it. */
function clean(error: unknown, token: string): string {
  const text = error instanceof Error ? error.message : 'unknown error';
  return text
    .replaceAll(token, '[redacted]')
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .slice(0, 200);
}
