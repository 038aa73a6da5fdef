/** Slack's errors → the one error that a port throws. */
import { webApi } from '@slack/bolt';
import { ChatError } from '../port.ts';

/** The message, person or channel is no more, or the bot is not in it. https://docs.slack.dev/reference/methods */
const GONE = new Set([
  'account_inactive',
  'cannot_dm_bot',
  'cannot_reply_to_message',
  'cant_update_message',
  'channel_not_found',
  'edit_window_closed',
  'is_archived',
  'is_inactive',
  'message_not_found',
  'not_in_channel',
  'thread_not_found',
  'user_disabled',
  'user_not_found',
  'user_not_visible',
  'users_not_found',
]);

/** Slack's own trouble: it says so, but not whether it had done the work before. */
const TROUBLE = new Set([
  'fatal_error',
  'internal_error',
  'request_timeout',
  'service_unavailable',
  'team_added_to_org',
]);

/** Somebody must change something (a token, a scope), after which it will work: never given up on. */
const FOR_THE_OPERATOR = new Set([
  'access_denied',
  'invalid_auth',
  'missing_scope',
  'not_allowed_token_type',
  'not_authed',
  'org_login_required',
  'team_access_not_granted',
  'token_expired',
  'token_revoked',
]);

const OPERATOR_WAIT_S = 60;
const TROUBLE_WAIT_S = 1;
/** Slack's guess of a fair wait, where it names none. */
const RATE_LIMIT_WAIT_S = 30;

/** `method` for the message; the message holds nothing that a person typed. */
export function toChatError(error: unknown, method: string): ChatError {
  if (error instanceof ChatError) return error;
  if (error instanceof webApi.WebAPIRateLimitedError) {
    return retry('rate_limited', method, { retryAfterS: error.retryAfter, outcomeKnown: true });
  }
  if (error instanceof webApi.WebAPIPlatformError) return fromCode(error.data.error, method);
  if (error instanceof webApi.WebAPIHTTPError) {
    const outcomeKnown = error.statusCode < 500;
    return retry(`http_${error.statusCode}`, method, { retryAfterS: TROUBLE_WAIT_S, outcomeKnown });
  }
  if (error instanceof Error && /retry header did not contain/i.test(error.message)) {
    return retry('rate_limited', method, { retryAfterS: RATE_LIMIT_WAIT_S, outcomeKnown: true });
  }
  // The connection broke or the time was up: whether Slack did it, nobody knows.
  return retry('no_answer', method, { retryAfterS: TROUBLE_WAIT_S, outcomeKnown: neverSent(error) });
}

function fromCode(code: string, method: string): ChatError {
  if (GONE.has(code)) return new ChatError('gone', code, `${method}: ${code}`, { outcomeKnown: true });
  if (TROUBLE.has(code)) return retry(code, method, { retryAfterS: TROUBLE_WAIT_S, outcomeKnown: false });
  if (code === 'ratelimited' || code === 'rate_limited' || code === 'message_limit_exceeded') {
    return retry(code, method, { retryAfterS: RATE_LIMIT_WAIT_S, outcomeKnown: true });
  }
  if (FOR_THE_OPERATOR.has(code)) {
    return retry(code, method, { retryAfterS: OPERATOR_WAIT_S, outcomeKnown: true });
  }
  return new ChatError('refused', code, `${method}: ${code}`, { outcomeKnown: true });
}

function retry(
  code: string,
  method: string,
  options: { retryAfterS: number; outcomeKnown: boolean },
): ChatError {
  return new ChatError('retry', code, `${method}: ${code}`, options);
}

/** Nothing left this machine: no connection was made. */
function neverSent(error: unknown): boolean {
  for (let cause = error, depth = 0; cause instanceof Error && depth < 5; depth += 1) {
    const { code } = cause as { code?: unknown };
    if (code === 'ECONNREFUSED' || code === 'ENOTFOUND' || code === 'EAI_AGAIN') return true;
    cause = cause instanceof webApi.WebAPIRequestError ? cause.original : cause.cause;
  }
  return false;
}
