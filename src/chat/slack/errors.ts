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
  ['access_denied', 'Slack does not let Curfew post here.'],
  ['ekm_access_denied', 'The administrators of Slack have suspended posting here.'],
  ['enterprise_is_restricted', 'Slack lets no app do this in the whole organisation.'],
  ['external_channel_migrating', 'The channel is being moved.'],
  ['is_archived', 'The channel is archived.'],
  ['is_inactive', 'The conversation is closed.'],
  ['messages_tab_disabled', 'The messages tab of the app is switched off: see "App Home" of the Slack app.'],
  ['no_permission', 'Curfew may not post here: is it a member of the channel?'],
  ['not_in_channel', 'Curfew is not a member of the channel.'],
  ['team_access_not_granted', 'The app is not let into the workspace that this belongs to.'],
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
  'team_disabled',
  'token_expired',
  'token_revoked',
  'two_factor_setup_required',
]);

/** What Slack will never take, whatever happens: it finds fault with the message itself. */
const BAD_MESSAGE = new Set([
  'as_user_not_supported',
  'attachment_payload_limit_exceeded',
  'block_mismatch',
  'blocks_too_long',
  'content_too_large',
  'invalid_arg_name',
  'invalid_arguments',
  'invalid_array_arg',
  'invalid_attachments',
  'invalid_blocks',
  'invalid_blocks_format',
  'invalid_charset',
  'invalid_form_data',
  'invalid_json',
  'invalid_metadata_format',
  'invalid_metadata_schema',
  'invalid_post_type',
  'json_not_object',
  'markdown_text_conflict',
  'metadata_must_be_sent_from_app',
  'metadata_too_large',
  'missing_post_type',
  'msg_blocks_too_long',
  'msg_too_long',
  'no_text',
  'too_many_attachments',
  'too_many_blocks',
  'too_many_contact_cards',
]);

/** Slack's own trouble: it says so, but not whether it had done the work before. */
const TROUBLE = new Set([
  'fatal_error',
  'internal_error',
  'request_timeout',
  'service_unavailable',
  'team_added_to_org',
]);

/**
 * The token is not good for this method. Without posting Curfew can do nothing; without a look-up it can do the
 * rest, so that is tried again and never given up on.
 */
const NOT_FOR_THIS = new Set(['missing_scope', 'not_allowed_token_type']);
const POSTING = new Set(['chat.postMessage', 'chat.update']);
/** The scope of posting. Slack also calls it by its old name. */
const POSTING_SCOPES = ['chat:write', 'chat:write:bot'];

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
  if (error instanceof webApi.WebAPIPlatformError)
    return fromCode(error.data.error, method, scopeIn(error.data));
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

function fromCode(code: string, method: string, scope: string | null): ChatError {
  if (APP_REFUSED.has(code)) return appRefused(code);
  if (GONE.has(code)) return new ChatError('gone', code, `${method}: ${code}`, { outcomeKnown: true });
  const closed = code.startsWith('restricted_action') ? RESTRICTED : CLOSED.get(code);
  if (closed) return new ChatError('closed', code, `${closed} (${code})`, { outcomeKnown: true });
  if (TROUBLE.has(code)) return retry(code, method, { retryAfterS: TROUBLE_WAIT_S, outcomeKnown: false });
  if (code === 'ratelimited' || code === 'rate_limited' || code === 'message_limit_exceeded') {
    return retry(code, method, { retryAfterS: RATE_LIMIT_WAIT_S, outcomeKnown: true });
  }
  if (NOT_FOR_THIS.has(code)) return notForThis(code, method, scope);
  // Of what nobody foresaw it is not known that it stays so: it is looked at again, and said where people see it.
  const kind = BAD_MESSAGE.has(code) ? 'refused' : 'closed';
  return new ChatError(kind, code, `${method}: ${code}`, { outcomeKnown: true });
}

function notForThis(code: string, method: string, scope: string | null): ChatError {
  const message =
    code === 'missing_scope'
      ? `The Slack app lacks ${scope === null ? 'a scope' : `the scope ${scope}`} for ${method} (${code}): add it and install the app again.`
      : `Slack takes another kind of token for ${method} (${code}): SLACK_BOT_TOKEN must be a bot token (xoxb-...).`;
  const options = { retryAfterS: OPERATOR_WAIT_S, outcomeKnown: true };
  return new ChatError(POSTING.has(method) ? 'app-refused' : 'retry', code, message, options);
}

/** Throws where the token may do nothing by which Curfew posts. Unknown scopes pass: then a message finds out. */
export function requirePosting(scopes: readonly string[] | undefined): void {
  if (!scopes || scopes.length === 0 || POSTING_SCOPES.some((scope) => scopes.includes(scope))) return;
  throw notForThis('missing_scope', 'chat.postMessage', 'chat:write');
}

/** The scope that Slack says is needed. */
function scopeIn(answer: object): string | null {
  const needed: unknown = 'needed' in answer ? answer.needed : null;
  return typeof needed === 'string' && /^[\w:.,-]{1,100}$/.test(needed) ? needed : null;
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
