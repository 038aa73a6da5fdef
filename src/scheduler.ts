/**
 * Decides when to sweep: every second as the safety net, at once after a nudge, and at the next moment at
 * which something falls due. Sweeps of one process never overlap; what is asked for during one is done
 * right after it.
 */
import cron, { type ScheduledTask } from 'node-cron';
import type { Clocks } from './domain/clock.ts';
import type { Log } from './observability/log.ts';

export interface SchedulerOptions {
  readonly sweep: () => Promise<void>;
  /** The next moment, in ledger time, at which something falls due. */
  readonly nextDue: (after: Date) => Promise<Date | null>;
  readonly clocks: Clocks;
  readonly log: Log;
}

/** Node's timers hold 2^31 - 1 ms; the sweep of every second makes longer waits pointless anyway. */
const LONGEST_WAIT_MS = 60_000;

export function createScheduler({ sweep, nextDue, clocks, log }: SchedulerOptions) {
  let running: Promise<void> | null = null;
  let again = false;
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  let task: ScheduledTask | undefined;

  async function run(): Promise<void> {
    do {
      again = false;
      const began = clocks.now();
      try {
        await sweep();
        await setTimer(began);
      } catch (err) {
        log.error({ err }, 'a sweep failed; the next one follows within a second');
      }
    } while (again && !stopped);
  }

  async function setTimer(began: Date): Promise<void> {
    const due = await nextDue(began);
    clearTimeout(timer);
    if (!due || stopped) return;
    // A millisecond more: a timer may fire a little early, and would then find nothing due.
    const wait = Math.min(LONGEST_WAIT_MS, Math.max(0, due.getTime() - clocks.now().getTime()) + 1);
    timer = setTimeout(nudge, wait);
  }

  /** Something may be due: sweeps at once, or right after the sweep under way. */
  function nudge(): void {
    again = true;
    if (running || stopped) return;
    running = run().finally(() => {
      running = null;
      if (again && !stopped) nudge();
    });
  }

  return {
    nudge,
    start(): void {
      task = cron.schedule('* * * * * *', nudge, { noOverlap: true });
      nudge();
    },
    /** No sweep begins after this; resolves when the one under way is over. */
    async stop(): Promise<void> {
      stopped = true;
      clearTimeout(timer);
      await task?.destroy();
      await running;
    },
  };
}
