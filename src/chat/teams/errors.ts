/** Teams' errors → the one error that a port throws. */
import { retryAfterS } from '../../net/retry-after.ts';
import { ChatError } from '../port.ts';
import { ConnectorError } from './connector-error.ts';

const TROUBLE_WAIT_S = 1;
/** Where a 429 names no wait; Teams counts over 1, 2, 30 and 3600 s. */
const THROTTLED_WAIT_S = 2;
const OPERATOR_WAIT_S = 60;
const LONGEST_WAIT_S = 3_600;

/**
 * The person has to do something first; in a channel or a group chat it says that the bot was thrown out.
 * https://learn.microsoft.com/microsoftteams/platform/bots/build-conversational-capability#status-codes-from-agent-conversational-apis
 */
const CLOSED = new Set([
  'MessageWritesBlocked',
  'BotNotInConversationRoster',
  'ConversationBlockedByUser',
  'BotDisabledByUser',
  'ForbiddenOperationException',
]);

/** Nothing works anywhere until somebody has mended this. */
const APP_REFUSED = new Map([
  ['BotNotRegistered', 'Teams does not know this bot: check MicrosoftAppId and its registration.'],
  ['no_token', 'Entra gave no token: check MicrosoftAppId, MicrosoftAppPassword and MicrosoftAppTenantId.'],
]);

/** The message will work once somebody has changed this: never given up on. */
const FOR_THE_OPERATOR = new Map([
  ['BotDisabledByAdmin', 'An administrator of Teams has switched Curfew off.'],
  ['InvalidBotApiHost', 'This tenant needs another address: somebody has to say something to Curfew there.'],
]);
/** Teams finds fault with the message itself, and will never take it. */
const BAD_MESSAGE = [400, 413];
const NOT_AUTHORISED = 'Teams does not accept this bot: check MicrosoftAppId and MicrosoftAppPassword.';

/** What the call was about: `person` where it concerns one person's chat, with their name as it is known. */
interface About {
  readonly method: string;
  readonly person?: { readonly name: string } | undefined;
  /** Real milliseconds, for a Retry-After that is a date. */
  readonly now: number;
}

/** The message holds nothing that a person typed, but for a person's own name. */
export function toChatError(error: unknown, about: About): ChatError {
  if (error instanceof ChatError) return error;
  if (!(error instanceof ConnectorError)) {
    // Not from Teams at all, so nothing is known of what Teams did.
    return retry('no_answer', about, { retryAfterS: TROUBLE_WAIT_S, outcomeKnown: false });
  }
  const { status, code } = error;
  const refused = APP_REFUSED.get(code) ?? (status === 401 ? NOT_AUTHORISED : undefined);
  if (refused) return new ChatError('app-refused', code, refused, { outcomeKnown: true });
  const operator = FOR_THE_OPERATOR.get(code);
  if (CLOSED.has(code) && (status === 403 || status === 404)) return closed(code, about);
  if (code === 'BotDisabledByAdmin' && about.person) {
    return unreachable(code, `An administrator of Teams has switched Curfew off for ${about.person.name}.`);
  }
  if (operator)
    return retry(code, about, { retryAfterS: OPERATOR_WAIT_S, outcomeKnown: true, say: operator });
  if (status === 0) return retry(code, about, { retryAfterS: TROUBLE_WAIT_S, outcomeKnown: !error.sent });
  return fromStatus(error, about);
}

/** Something answered, if only that it is in trouble; false: the connection was lost, or was never there. */
export function wasAnswered({ cause }: ChatError): boolean {
  return cause instanceof ConnectorError && cause.status > 0;
}

function fromStatus(error: ConnectorError, about: About): ChatError {
  const { status, code, retryAfter } = error;
  const wait = retryAfterS(retryAfter, about.now, LONGEST_WAIT_S);
  // Throttled, or several at once in one conversation: nothing was done.
  if (status === 429)
    return retry(code, about, { retryAfterS: wait ?? THROTTLED_WAIT_S, outcomeKnown: true });
  if (status === 412) return retry(code, about, { retryAfterS: wait ?? TROUBLE_WAIT_S, outcomeKnown: true });
  if (status >= 500 || status === 408 || status < 400) {
    return retry(code, about, { retryAfterS: wait ?? TROUBLE_WAIT_S, outcomeKnown: false, cause: error });
  }
  // A 403 that names no reason comes from in front of Teams, and goes when the registration is mended.
  if (status === 403 && code === 'http_403') {
    return retry(code, about, { retryAfterS: OPERATOR_WAIT_S, outcomeKnown: true, say: NOT_AUTHORISED });
  }
  // Of what nobody foresaw it is not known that it stays so: it is looked at again.
  const unforeseen = BAD_MESSAGE.includes(status) ? 'refused' : 'closed';
  const kind = status === 404 || status === 410 ? 'gone' : unforeseen;
  return new ChatError(kind, code, `${about.method}: ${code}`, { outcomeKnown: true });
}

function closed(code: string, about: About): ChatError {
  if (about.person) return unreachable(code, notAdded(about.person.name));
  const message = `Curfew is not a member of this conversation in Teams any more. (${code})`;
  return new ChatError('closed', code, message, { outcomeKnown: true });
}

/** Whether this code says that the bot is not let in (any more), rather than that there is nothing. */
export function isClosed(code: string): boolean {
  return CLOSED.has(code);
}

/** Curfew has no place there any more, or there is none. */
export function isShut({ kind, code }: ChatError): boolean {
  return kind === 'gone' || (kind === 'closed' && CLOSED.has(code));
}

/** What to say of a person who cannot be written to. */
export function notAdded(name: string): string {
  return `${name} has not added Curfew in Teams, or blocked it.`;
}

export function unreachable(code: string, message: string): ChatError {
  return new ChatError('unreachable', code, message, { outcomeKnown: true });
}

function retry(
  code: string,
  about: About,
  options: { retryAfterS: number; outcomeKnown: boolean; say?: string; cause?: ConnectorError },
): ChatError {
  return new ChatError('retry', code, options.say ?? `${about.method}: ${code}`, options);
}
