/** When Curfew looks: at once when told to, when something falls due, every second in any case, never after stop. */
import cron, { type ScheduledTask } from 'node-cron';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createScheduler } from '../src/scheduler.ts';
import { createGate } from './support/gate.ts';
import { createRecordingLog } from './support/recording-log.ts';

beforeEach(() => {
  vi.useFakeTimers({ now: new Date('2026-11-20T14:00:00.500Z') });
  monotonicStart = performance.now();
});
afterEach(() => {
  vi.useRealTimers();
});

/** The database's time: no jump of this machine's wall clock moves it. */
const begun = Date.parse('2026-11-20T14:00:00.500Z');
let monotonicStart = 0;
const time = () => new Date(begun + performance.now() - monotonicStart);
const clocks = { now: time, real: time };
/** Lets what is ready run, without time passing. */
const turn = () => vi.advanceTimersByTimeAsync(0);

interface Stage {
  readonly sweep?: () => Promise<void>;
  /** Ledger time. */
  readonly nextDue?: () => Promise<Date | null>;
  /** Real time. */
  readonly retry?: () => Promise<Date | null>;
}

function stage(options: Stage = {}) {
  const recording = createRecordingLog();
  const log = { ...recording, child: () => log };
  let sweeps = 0;
  const scheduler = createScheduler({
    async sweep() {
      sweeps += 1;
      await options.sweep?.();
    },
    nextDue: async () => ({
      ledger: (await options.nextDue?.()) ?? null,
      real: (await options.retry?.()) ?? null,
    }),
    clocks,
    log,
  });
  return { scheduler, entries: recording.entries, sweeps: () => sweeps };
}

it('sweeps at once after a nudge', async () => {
  const { scheduler, sweeps } = stage();
  scheduler.nudge();
  await turn();
  expect(sweeps()).toBe(1);
  await scheduler.stop();
});

it('sweeps once more after the sweep under way, however often it was nudged meanwhile, and never two at once', async () => {
  let atOnce = 0;
  let most = 0;
  const gate = createGate();
  const { scheduler, sweeps } = stage({
    async sweep() {
      atOnce += 1;
      most = Math.max(most, atOnce);
      await gate.pass();
      atOnce -= 1;
    },
  });
  scheduler.nudge();
  await gate.arrived;
  for (let i = 0; i < 5; i += 1) scheduler.nudge();
  await turn();
  expect(sweeps()).toBe(1);
  gate.open();
  await turn();
  expect([sweeps(), most]).toEqual([2, 1]);
  await scheduler.stop();
});

it('sweeps at the moment at which the next thing falls due, and not before', async () => {
  let due: Date | null = new Date('2026-11-20T14:00:00.750Z');
  const { scheduler, sweeps } = stage({ nextDue: async () => due });
  scheduler.nudge();
  await turn();
  due = null;
  await vi.advanceTimersByTimeAsync(249);
  expect(sweeps()).toBe(1);
  await vi.advanceTimersByTimeAsync(2);
  expect(sweeps()).toBe(2);
  await scheduler.stop();
});

it('keeps one timer: a nearer moment takes the place of a farther one', async () => {
  let due: Date | null = new Date('2026-11-20T14:00:00.900Z');
  const { scheduler, sweeps } = stage({ nextDue: async () => due });
  scheduler.nudge();
  await turn();
  due = new Date('2026-11-20T14:00:00.600Z');
  scheduler.nudge();
  await turn();
  due = null;
  await vi.advanceTimersByTimeAsync(101);
  expect(sweeps()).toBe(3);
  await vi.advanceTimersByTimeAsync(350);
  expect(sweeps()).toBe(3);
  await scheduler.stop();
});

it('copes with a moment that is a year away', async () => {
  const { scheduler, sweeps } = stage({ nextDue: async () => new Date('2027-11-20T14:00:00.000Z') });
  scheduler.nudge();
  await vi.advanceTimersByTimeAsync(50_000);
  expect(sweeps()).toBe(1);
  await scheduler.stop();
});

it('sweeps every second without any nudge', async () => {
  const { scheduler, sweeps } = stage();
  scheduler.start();
  await turn();
  const before = sweeps();
  await vi.advanceTimersByTimeAsync(5_000);
  expect(sweeps() - before).toBe(5);
  await scheduler.stop();
});

it('goes on after a sweep that failed, and says so', async () => {
  let fails = true;
  const { scheduler, sweeps, entries } = stage({
    async sweep() {
      if (fails) throw new Error('the ledger is away');
    },
  });
  scheduler.start();
  await turn();
  expect(entries.map(({ level }) => level)).toContain('error');
  fails = false;
  const before = sweeps();
  await vi.advanceTimersByTimeAsync(2_000);
  expect(sweeps() - before).toBe(2);
  await scheduler.stop();
});

it('goes on after it could not learn what is due next', async () => {
  const { scheduler, sweeps } = stage({ nextDue: () => Promise.reject(new Error('the ledger is away')) });
  scheduler.nudge();
  await turn();
  scheduler.nudge();
  await turn();
  expect(sweeps()).toBe(2);
  await scheduler.stop();
});

it('waits for the sweep under way when it stops, and begins none after that', async () => {
  const gate = createGate();
  const { scheduler, sweeps } = stage({
    sweep: () => gate.pass(),
    nextDue: async () => new Date('2026-11-20T14:00:01.000Z'),
  });
  scheduler.start();
  await gate.arrived;
  scheduler.nudge();
  let stopped = false;
  const stopping = scheduler.stop().then(() => {
    stopped = true;
  });
  await turn();
  expect(stopped).toBe(false);
  gate.open();
  await stopping;
  const before = sweeps();
  scheduler.nudge();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(sweeps() - before).toBe(0);
});

it('tries again at the moment at which a retry falls due, without waiting for the next second', async () => {
  let retry: Date | null = new Date('2026-11-20T14:00:00.800Z');
  const { scheduler, sweeps } = stage({ retry: async () => retry });
  scheduler.nudge();
  await turn();
  retry = null;
  await vi.advanceTimersByTimeAsync(299);
  expect(sweeps()).toBe(1);
  await vi.advanceTimersByTimeAsync(2);
  expect(sweeps()).toBe(2);
  await scheduler.stop();
});

it('takes retries that follow each other closely together', async () => {
  const { scheduler, sweeps } = stage({ retry: async () => new Date(time().getTime() + 1) });
  scheduler.nudge();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(sweeps()).toBeLessThanOrEqual(11);
  await scheduler.stop();
});

it.each([
  ['an hour back', -3_600_000],
  ['an hour ahead', 3_600_000],
])('sweeps every second when this machine’s clock is set %s', async (_, ms) => {
  const { scheduler, sweeps } = stage();
  scheduler.start();
  await vi.advanceTimersByTimeAsync(2_000);
  vi.setSystemTime(Date.now() + ms);
  for (let second = 0; second < 120; second += 1) {
    const before = sweeps();
    await vi.advanceTimersByTimeAsync(1_500);
    expect(sweeps()).toBeGreaterThan(before);
  }
  await scheduler.stop();
});

it('sweeps every second when cron says nothing', async () => {
  const silent = { destroy() {} } as unknown as ScheduledTask;
  const schedule = vi.spyOn(cron, 'schedule').mockReturnValue(silent);
  const { scheduler, sweeps } = stage();
  scheduler.start();
  await turn();
  const before = sweeps();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(sweeps() - before).toBe(60);
  await scheduler.stop();
  schedule.mockRestore();
});

it('says when no sweep was over for ten seconds, not again every second, and when they are made again', async () => {
  const gate = createGate();
  const { scheduler, entries } = stage({ sweep: () => gate.pass() });
  scheduler.start();
  await gate.arrived;
  const late = () => entries.filter(({ message }) => message.startsWith('no sweep was over'));
  await vi.advanceTimersByTimeAsync(9_000);
  expect(late()).toEqual([]);
  await vi.advanceTimersByTimeAsync(21_000);
  expect(late()).toMatchObject([{ level: 'error', fields: { seconds: 10 } }]);
  gate.open();
  await turn();
  expect(entries.at(-1)).toMatchObject({ level: 'info', message: 'sweeps are made again' });
  await scheduler.stop();
});
