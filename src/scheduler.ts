/**
 * Decides when to sweep: every second as the safety net, at once after a nudge, and at the next moment at
 * which something falls due. Sweeps of one process never overlap; what is asked for during one is done
 * right after it.
 *
 * Every wait is by the monotonic clock. node-cron counts in wall-clock time: it sees no tick in the hour that
 * is repeated when clocks go back, nor after the clock was set. So it is only one of two that drive the sweep
 * of every second, beside a plain interval.
 */
import cron, { type ScheduledTask } from 'node-cron';
import type { Clocks } from './domain/clock.ts';
import type { Log } from './observability/log.ts';

/** The next moment at which something falls due, by each of the two kinds of time; null where nothing waits. */
interface NextDue {
  /** Ledger time: ends, reminders, alerts. */
  readonly ledger: Date | null;
  /** Real time: retries. */
  readonly real: Date | null;
}

export interface SchedulerOptions {
  readonly sweep: () => Promise<void>;
  /** What falls due after these moments. */
  readonly nextDue: (after: { readonly ledger: Date; readonly real: Date }) => Promise<NextDue>;
  readonly clocks: Clocks;
  readonly log: Log;
}

/** Node's timers hold 2^31 - 1 ms; the sweep of every second sets a new one anyway. */
const LONGEST_WAIT_MS = 60_000;
/** Retries need not be on the dot; many, each a little later, are taken together. */
const SHORTEST_RETRY_WAIT_MS = 100;
const EVERY_MS = 1_000;
/** The interval leaves the sweep to cron where that has just made one. */
const RECENT_MS = 900;
/** No sweep was over for this long: whoever runs this is told. */
const LATE_AFTER_MS = 10_000;
const COMPLAIN_EVERY_MS = 60_000;

const monotonic = () => performance.now();

export function createScheduler({ sweep, nextDue, clocks, log }: SchedulerOptions) {
  let running: Promise<void> | null = null;
  let again = false;
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  let interval: NodeJS.Timeout | undefined;
  let task: ScheduledTask | undefined;
  let begunAt = Number.NEGATIVE_INFINITY;
  let overAt = monotonic();
  let complainedAt = Number.NEGATIVE_INFINITY;

  async function run(): Promise<void> {
    do {
      again = false;
      begunAt = monotonic();
      try {
        const began = { ledger: clocks.now(), real: clocks.real() };
        await sweep();
        over();
        await setTimer(began);
      } catch (err) {
        log.error({ err }, 'a sweep failed; the next one follows within a second');
      }
    } while (again && !stopped);
  }

  async function setTimer(began: { ledger: Date; real: Date }): Promise<void> {
    const due = await nextDue(began);
    clearTimeout(timer);
    if (stopped) return;
    const waits = [
      due.ledger && Math.max(0, due.ledger.getTime() - clocks.now().getTime()),
      due.real && Math.max(SHORTEST_RETRY_WAIT_MS, due.real.getTime() - clocks.real().getTime()),
    ].filter((wait) => wait !== null);
    if (waits.length === 0) return;
    // A millisecond more: a timer may fire a little early, and would then find nothing due.
    timer = setTimeout(nudge, Math.min(LONGEST_WAIT_MS, ...waits) + 1);
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

  function everySecond(): void {
    complain();
    if (monotonic() - begunAt >= RECENT_MS) nudge();
  }

  function over(): void {
    // Also where this process was suspended, or too busy to say so in time.
    complain();
    overAt = monotonic();
    if (complainedAt === Number.NEGATIVE_INFINITY) return;
    complainedAt = Number.NEGATIVE_INFINITY;
    log.info({}, 'sweeps are made again');
  }

  function complain(): void {
    const now = monotonic();
    if (now - overAt < LATE_AFTER_MS || now - complainedAt < COMPLAIN_EVERY_MS) return;
    complainedAt = now;
    const seconds = Math.round((now - overAt) / 1000);
    log.error({ seconds }, 'no sweep was over for too long: what is due is not ended by this process');
  }

  return {
    nudge,
    start(): void {
      overAt = monotonic();
      // A clock that was set ahead would make it complain of each second that it never saw.
      task = cron.schedule('* * * * * *', nudge, { noOverlap: true, suppressMissedWarning: true });
      interval = setInterval(everySecond, EVERY_MS);
      nudge();
    },
    /** No sweep begins after this; resolves when the one under way is over. */
    async stop(): Promise<void> {
      stopped = true;
      clearTimeout(timer);
      clearInterval(interval);
      await task?.destroy();
      await running;
    },
  };
}
