/**
 * The contract between Curfew and a source of incidents (PagerDuty, incident.io ...).
 *
 * A source reads what it is sent and answers what it is asked, once, within a deadline. Deduplication, order,
 * retries and what follows for access are others' work. Three rules carry the rest:
 *  - the signature is checked over the raw bytes before anything is parsed;
 *  - a delivery that nobody signed is never state: it only says "ask";
 *  - "does not exist" is said only when the source said so; a failed read throws.
 */
import type { z } from 'zod';
import type { Sighting } from '../domain/incident.ts';

/** A webhook as it came in. */
export interface Delivery {
  /** Lower-case names; a header that came several times is joined with ", ". */
  readonly headers: Readonly<Record<string, string>>;
  readonly rawBody: Buffer;
  /** Real. */
  readonly receivedAt: Date;
}

/** What a delivery says. `eventId` is the sender's, unique for the event and equal for its repetitions. */
export type Reading =
  | { readonly kind: 'sighting'; readonly eventId: string; readonly sighting: Sighting }
  /** Something happened to this incident, or to one not named (null): ask. */
  | { readonly kind: 'nudge'; readonly eventId: string; readonly key: string | null }
  /** An event that Curfew has no use for: counted, nothing else. */
  | { readonly kind: 'unknown'; readonly eventId: string; readonly type: string }
  | { readonly kind: 'malformed' };

export interface IncidentSource {
  /** As configured under `incidents:`. */
  readonly name: string;
  readonly kind: string;
  /** How long after an incident's close its grants go on, seconds. */
  readonly graceS: number;
  /** What happens to grants whose incident could not be confirmed for 30 minutes. */
  readonly unconfirmed: 'keep' | 'end';
  /** False: nothing of this source can be asked, so incidents are confirmed by its webhooks alone. */
  readonly polls: boolean;
  /** Whether the raw bytes are signed by the source. Never throws. */
  verify(delivery: Delivery): boolean;
  /** Of a verified delivery. Pure; never throws. */
  read(delivery: Delivery): Reading;
  /**
   * The name under which the source may know this word (its id, number, key or URL); null: certainly none of
   * its own. Pure: says nothing of whether there is such an incident.
   */
  recognises(word: string): string | null;
  /** Null: the source says that there is no such incident. Throws a `SourceError` where it cannot be told. */
  find(name: string, signal: AbortSignal): Promise<Sighting | null>;
  /** Open ones, newest first, at most 100. */
  listOpen(signal: AbortSignal): Promise<readonly Sighting[]>;
  /**
   * Leaves a note on the incident's timeline, plain text of at most 10,000 characters. Its first line names
   * incident and close, and so the note.
   */
  note(key: string, text: string, signal: AbortSignal): Promise<void>;
  /**
   * Whether the note of this first line is there; asked when nobody knows what came of leaving it. False also
   * where leaving it once more adds nothing. Absent: the source cannot tell.
   */
  readonly isNoted?: (key: string, text: string, signal: AbortSignal) => Promise<boolean>;
  close(): Promise<void>;
}

/**
 * The only error of a source. Its message may be shown, and carries no token and nothing that was sent.
 * `outcomeKnown` is true only where what was asked for was certainly not done: a lost answer leaves it false.
 */
export class SourceError extends Error {
  override readonly name = 'SourceError';
  /** `refused`: the token is wrong or may not do this; an operator has to mend it. */
  readonly kind: 'retry' | 'refused';
  /** Seconds, real; 0: as usual. */
  readonly retryAfterS: number;
  readonly outcomeKnown: boolean;

  constructor(
    kind: 'retry' | 'refused',
    message: string,
    options: { retryAfterS?: number; outcomeKnown?: boolean; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.kind = kind;
    this.retryAfterS = options.retryAfterS ?? 0;
    this.outcomeKnown = options.outcomeKnown ?? kind === 'refused';
  }
}

/** One kind of source; `config` is its part of `curfew.yaml`. */
export interface IncidentSourceKind<C> {
  readonly kind: string;
  readonly config: z.ZodType<C>;
  /** Makes the source; speaks to nobody yet. */
  create(name: string, config: C): IncidentSource;
}
