/**
 * Puts what sources of incidents sent into the ledger. What comes while one write is under way goes into the
 * next one, so that a storm of webhooks takes one connection from revocations, and never more.
 */
import type { InboxEntry } from '../../db/incidents.ts';
import { createBatcher } from '../batcher.ts';
import type { Log } from '../observability/log.ts';
import { within } from '../within.ts';

export interface IncidentInboxOptions {
  /** Durable when it resolves; what is already there is not put again. */
  readonly put: (entries: readonly InboxEntry[]) => Promise<void>;
  /** Something new is there to be applied. */
  readonly nudge: () => void;
  /** Real milliseconds. */
  readonly withinMs: number;
  readonly log: Log;
}

const MOST_AT_ONCE = 500;
/** Also of those whose senders were told to try again; while the ledger hangs no more are taken. */
const MOST_WAITING = 1_000;
/** Each nudge is a sweep. */
const NUDGE_EVERY_MS = 50;

/** The result is whether the entry is durable; false: not known in time, so that the sender has to repeat it. */
export function createIncidentInbox(options: IncidentInboxOptions): (entry: InboxEntry) => Promise<boolean> {
  const { put, withinMs, log } = options;
  const nudge = atMostEvery(NUDGE_EVERY_MS, options.nudge);
  let waiting = 0;
  let failing = false;

  const write = createBatcher<InboxEntry>(async (entries) => {
    try {
      await put(entries);
    } catch (error) {
      // Once for each outage, and without the statement: it holds up to 500 entries.
      if (!failing) log.error({ code: codeOf(error) }, 'webhooks could not be written to the ledger');
      failing = true;
      throw error;
    }
    failing = false;
    nudge();
  }, MOST_AT_ONCE);

  return async (entry) => {
    if (waiting >= MOST_WAITING) return false;
    waiting += 1;
    const written = write(entry)
      .then(
        () => true,
        () => false,
      )
      .finally(() => {
        waiting -= 1;
      });
    return (await within(withinMs, written)) ?? false;
  };
}

/** Acts at once, then not before the time is over; what was asked for meanwhile is done once, at its end. */
function atMostEvery(ms: number, act: () => void): () => void {
  let resting = false;
  let asked = false;
  return function ask() {
    asked = true;
    if (resting) return;
    asked = false;
    resting = true;
    act();
    setTimeout(() => {
      resting = false;
      if (asked) ask();
    }, ms).unref();
  };
}

/** The innermost error's code, or its name. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  if (error.cause instanceof Error) return codeOf(error.cause);
  return 'code' in error ? String(error.code) : error.name;
}
