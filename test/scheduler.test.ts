/** When Curfew looks: at once when told to, when something falls due, every second in any case, never after stop. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createScheduler } from '../src/scheduler.ts';
import { createGate } from './support/gate.ts';
import { createRecordingLog } from './support/recording-log.ts';

beforeEach(() => {
  vi.useFakeTimers({ now: new Date('2026-11-20T14:00:00.500Z') });
});
afterEach(() => {
  vi.useRealTimers();
});

const clocks = { now: () => new Date(), real: () => new Date() };
/** Lets what is ready run, without time passing. */
const turn = () => vi.advanceTimersByTimeAsync(0);

function stage(options: { sweep?: () => Promise<void>; nextDue?: () => Promise<Date | null> } = {}) {
  const recording = createRecordingLog();
  const log = { ...recording, child: () => log };
  let sweeps = 0;
  const scheduler = createScheduler({
    async sweep() {
      sweeps += 1;
      await options.sweep?.();
    },
    nextDue: options.nextDue ?? (async () => null),
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
