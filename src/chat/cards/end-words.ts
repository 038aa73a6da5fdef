/** Why access ended, in words that fit after "Ended 15:04, ...". */
import type { EndReason } from '../../domain/grant.ts';
import { nameOf, short } from './words.ts';

const NOTE_MAX = 300;

export interface EndedFor {
  readonly reason: EndReason;
  /** A name; null where nobody did it. */
  readonly by: string | null;
  /** Of Curfew where `by` is null, else somebody's own words. */
  readonly note: string | null;
}

/** `handed back by Ana`. The note of a failure or of what was seen outside belongs to it. */
export function endWords({ reason, by, note }: EndedFor): string {
  const who = by === null ? null : nameOf({ name: by });
  switch (reason) {
    case 'window':
      return 'time was up';
    case 'incident':
      return note === null ? 'since the incident is over' : `since ${unstopped(note)}`;
    case 'returned':
      return who ? `handed back by ${who}` : 'handed back';
    case 'revoked':
      return who ? `revoked by ${who}` : 'taken away in the target, outside Curfew';
    case 'offboarded':
      return note === null ? 'the account in chat was deactivated' : unstopped(note);
    case 'review':
      return who ? `not confirmed in a review by ${who}` : 'not confirmed in a review';
    case 'failed':
      return note === null ? 'it was not there in time' : unstopped(note);
  }
}

const unstopped = (note: string) => short(note, NOTE_MAX).replace(/[.\s]+$/, '');

/** Somebody's own words about the end, to be quoted; null where the words above say it all. */
export function ownWords({ reason, by, note }: EndedFor): string | null {
  return by !== null && note && reason !== 'incident' && reason !== 'failed' ? note : null;
}
