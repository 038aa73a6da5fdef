/** Slack's errors → the one error that a port throws. */
import { webApi } from '@slack/bolt';
import { ChatError } from '../port.ts';

/** This message or person is no more, or the message cannot be changed. https://docs.slack.dev/reference/methods */
const GONE = new Set([
  'cannot_dm_bot',
  'cannot_reply_to_message',
  'cant_update_message',
  'edit_window_closed',
  'message_not_found',
  'thread_not_found',
  'user_disabled',
  'user_not_found',
  'user_not_visible',
  'users_not_found',
]);

/** Nothing can be written here until somebody opens it. So say all codes that begin with `restricted_action`. */
const CLOSED = new Map([
  ['channel_not_found', 'The channel was not found: is Curfew a member of it?'],
  ['ekm_access_denied', 'The administrators of Slack have suspended posting here.'],
  ['external_channel_migrating', 'The channel is being moved.'],
  ['is_archived', 'The channel is archived.'],
  ['is_inactive', 'The conversation is closed.'],
  ['messages_tab_disabled', 'The messages tab of the app is switched off: see "App Home" of the Slack app.'],
  ['not_in_channel', 'Curfew is not a member of the channel.'],
]);
const RESTRICTED = 'A setting of the workspace or of the channel does not let Curfew post there.';

/**
 * The app itself is not let in: removed, paused, or its token is no longer good. `account_inactive` says so of
 * the bot's own account, and nothing of whom it wrote to.
 */
const APP_REFUSED = new Set([
  'account_inactive',
  'accesslimited',
  'invalid_auth',
  'not_authed',
  'org_login_required',
  'token_expired',
  'token_revoked',
]);

/** Slack's own trouble: it says so, but not whether it had done the work before. */
const TROUBLE = new Set([
  'fatal_error',
  'internal_error',
  'request_timeout',
  'service_unavailable',
  'team_added_to_org',
]);

/** Somebody must change something (a scope), after which this call will work: never given up on. */
const FOR_THE_OPERATOR = new Set([
  'access_denied',
  'missing_scope',
  'not_allowed_token_type',
  'team_access_not_granted',
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
  if (APP_REFUSED.has(code)) return appRefused(code);
  if (GONE.has(code)) return new ChatError('gone', code, `${method}: ${code}`, { outcomeKnown: true });
  const closed = code.startsWith('restricted_action') ? RESTRICTED : CLOSED.get(code);
  if (closed) return new ChatError('closed', code, `${closed} (${code})`, { outcomeKnown: true });
  if (TROUBLE.has(code)) return retry(code, method, { retryAfterS: TROUBLE_WAIT_S, outcomeKnown: false });
  if (code === 'ratelimited' || code === 'rate_limited' || code === 'message_limit_exceeded') {
    return retry(code, method, { retryAfterS: RATE_LIMIT_WAIT_S, outcomeKnown: true });
  }
  if (FOR_THE_OPERATOR.has(code)) {
    return retry(code, method, { retryAfterS: OPERATOR_WAIT_S, outcomeKnown: true });
  }
  return new ChatError('refused', code, `${method}: ${code}`, { outcomeKnown: true });
}

/** @param code what Slack says, or the event with which it says so: `app_uninstalled`, `tokens_revoked` */
export function appRefused(code: string): ChatError {
  const message = `Slack does not let Curfew in (${code}): is the app installed there, and is its token good?`;
  return new ChatError('app-refused', code, message, { outcomeKnown: true });
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
