/** What a failed message does next: wait, give up, or begin anew. Pure. */
import { ChatError } from '../../chat/port.ts';
import { backoffS } from '../../domain/assignment.ts';

export interface Failure {
  /** Real seconds until the next try; null: given up. */
  readonly retryInS: number | null;
  readonly message: string;
  /** The message was deleted or its conversation is closed: forget where it stood. */
  readonly forget: boolean;
  readonly outcomeKnown: boolean;
}

export function failureOf(error: unknown, attempts: number, jitter: number): Failure {
  const waits = backoffS(attempts + 1, jitter);
  if (!(error instanceof ChatError)) {
    const message = error instanceof Error ? error.message : String(error);
    return { retryInS: waits, message, forget: false, outcomeKnown: false };
  }
  const { kind, message, retryAfterS, outcomeKnown } = error;
  if (kind === 'refused' || kind === 'unreachable')
    return { retryInS: null, message, forget: false, outcomeKnown };
  if (kind === 'gone') return { retryInS: null, message, forget: true, outcomeKnown };
  return { retryInS: Math.max(retryAfterS, waits), message, forget: false, outcomeKnown };
}

const NOT_LET_IN = ['channel_not_found', 'not_in_channel'];

/**
 * In an incident's channel Curfew is a guest. Where it is not let in it does not wait, since the approvals
 * channel has the card too; the next change is tried there anew.
 */
export function asGuest(error: unknown, channel: string): unknown {
  if (!(error instanceof ChatError) || !NOT_LET_IN.includes(error.code)) return error;
  const message = `The incident is talked about in ${channel}, where Curfew is not a member. Invite it there, and it shows what changes from then on.`;
  return new ChatError('refused', error.code, message, { outcomeKnown: true, cause: error });
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
