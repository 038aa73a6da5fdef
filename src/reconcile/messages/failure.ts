/** What a failed message does next: wait, give up, or begin anew. Pure. */
import { ChatError } from '../../chat/port.ts';
import { backoffS } from '../../domain/assignment.ts';

export interface Failure {
  /** Real seconds until the next try; null: given up, which an alert never is. */
  readonly retryInS: number | null;
  readonly message: string;
  /** The message was deleted: where there was one, it is posted anew. */
  readonly forget: boolean;
  /** Nothing can be posted there, as far as can be seen, until somebody does something. */
  readonly hopeless: boolean;
  /** It says nothing of this message: it is as if it had not been tried. */
  readonly counts: boolean;
}

const FIRST_LOOK_S = 60;
export const EVERY_HOUR_S = 3_600;
/** Six weeks of hours: a place that was closed for so long is not opened any more. */
const MOST_LOOKS = 1_000;
/** Somebody who is not there: who comes back says something, and is tried anew. */
const NOBODY = [
  'cannot_dm_bot',
  'no_such_member',
  'user_disabled',
  'user_not_found',
  'user_not_visible',
  'users_not_found',
];

/** @param isAlert alerts are never given up: at the least they are tried again each hour */
export function failureOf(
  error: unknown,
  { attempts, jitter, isAlert }: { attempts: number; jitter: number; isAlert: boolean },
): Failure {
  const failure = kindOfFailure(error, attempts, jitter);
  return isAlert && failure.retryInS === null ? { ...failure, retryInS: EVERY_HOUR_S } : failure;
}

function kindOfFailure(error: unknown, attempts: number, jitter: number): Failure {
  const waits = backoffS(attempts + 1, jitter);
  const rest = { forget: false, hopeless: false, counts: true };
  if (!(error instanceof ChatError)) {
    const message = error instanceof Error ? error.message : String(error);
    return { ...rest, retryInS: waits, message };
  }
  const { kind, code, message, retryAfterS } = error;
  const looks = Math.min(EVERY_HOUR_S, FIRST_LOOK_S * 2 ** Math.min(attempts, 6));
  const looksAgainInS = attempts < MOST_LOOKS ? Math.max(looks, retryAfterS) : null;
  switch (kind) {
    case 'refused':
    case 'unreachable':
      return { ...rest, retryInS: null, message, hopeless: true };
    case 'gone':
      return {
        ...rest,
        retryInS: NOBODY.includes(code) ? null : looksAgainInS,
        message,
        forget: true,
        hopeless: true,
      };
    case 'closed':
      return { ...rest, retryInS: looksAgainInS, message, hopeless: true };
    case 'app-refused':
      // The platform is not written to until it lets the app in.
      return { ...rest, retryInS: 0, message, counts: false };
    case 'retry':
      return { ...rest, retryInS: Math.max(retryAfterS, waits), message };
  }
}

const NOT_LET_IN = ['channel_not_found', 'not_in_channel'];

/**
 * In an incident's channel Curfew is a guest. Where it is not let in it does not wait, since the approvals
 * channel has the card too; the next change is tried there anew.
 */
export function asGuest(error: unknown, channel: string): unknown {
  if (!(error instanceof ChatError)) return error;
  const { code } = error;
  if (code === 'shared_channel')
    return new ChatError('refused', code, error.message, { outcomeKnown: true, cause: error });
  if (!NOT_LET_IN.includes(code)) return error;
  const message = `The incident is talked about in ${channel}, where Curfew is not a member. Invite it there, and it shows what changes from then on.`;
  return new ChatError('refused', code, message, { outcomeKnown: true, cause: error });
}

/** They have to do something before they can be written to, so they are told where others read it too. */
export function isUnreachable(error: unknown): error is ChatError {
  return error instanceof ChatError && error.kind === 'unreachable';
}

/** Clocks differ a little, so the search begins somewhat before the first try. */
const LOOK_BACK_S = 120;

/**
 * From when on a message has to be looked for in the history before it is posted: it was tried at `intentAt`
 * and nobody saw the outcome. Null: it was never tried. Real.
 */
export function lookSince(intentAt: Date | null): Date | null {
  return intentAt ? new Date(intentAt.getTime() - LOOK_BACK_S * 1000) : null;
}
