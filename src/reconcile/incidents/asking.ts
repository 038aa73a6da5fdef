/**
 * Sources are spoken to in the background: no faster than each allows, each call seen to its end, and a
 * source that fails holds up nobody.
 */
import type { Clocks } from '../../domain/clock.ts';
import { type IncidentSource, SourceError } from '../../incidents/source.ts';
import type { Log } from '../../observability/log.ts';
import { oneAtATime } from '../one-at-a-time.ts';
import type { Pace } from './pace.ts';

/** Within this a source has to answer, real; shorter than the lease under which it is asked. */
export const ASK_WITHIN_MS = 10_000;
/** Seconds, real. */
export const ASK_LEASE_S = 30;

export interface Errand {
  /** Speaks to the source, and records what came of it. */
  readonly run: () => Promise<void>;
  /** The source did not do it. */
  readonly failed: (error: SourceError) => Promise<void>;
}

/** `round` begins what may begin now; it runs again whenever an errand is over. `what`: for the log. */
export function createAsking(
  options: { readonly pace: Pace; readonly clocks: Clocks; readonly log: Log; readonly what: string },
  round: (begin: (source: IncidentSource, errand: Errand) => void) => Promise<void>,
) {
  const { pace, clocks, log, what } = options;
  const tasks = new Set<Promise<void>>();

  const loop = oneAtATime(() =>
    round(begin).catch((err: unknown) => log.error({ err, what }, 'sources of incidents are not asked')),
  );

  function begin(source: IncidentSource, { run, failed }: Errand): void {
    pace.begin(source.name);
    const task = run()
      .catch(async (err: unknown) => {
        if (!(err instanceof SourceError)) throw err;
        log.warn({ err, what, source: source.name }, 'a source of incidents failed');
        if (err.retryAfterS > 0) {
          pace.holdOff(source.name, new Date(clocks.real().getTime() + err.retryAfterS * 1000));
        }
        await failed(err);
      })
      // The ledger is down, perhaps: the lease runs out, and it is tried again.
      .catch((err: unknown) =>
        log.error({ err, what, source: source.name }, 'an answer could not be recorded'),
      )
      .finally(() => {
        pace.end(source.name);
        tasks.delete(task);
        void loop.go();
      });
    tasks.add(task);
  }

  return {
    /** Begins what is due; what comes of it is recorded as it comes. Never rejects. */
    go: loop.go,
    /** Resolves when nobody is being asked. */
    async drain(): Promise<void> {
      await loop.drain();
      while (tasks.size > 0) {
        await Promise.all(tasks);
        await loop.drain();
      }
    },
  };
}
