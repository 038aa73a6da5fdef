/** Ledger time is the database's, whatever this machine's own clock says, and never goes backwards. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { recordAudit } from '../db/audit.ts';
import { sealBatch } from '../db/audit-seal.ts';
import type { Ledger } from '../db/client.ts';
import { createDatabaseClock, type DatabaseClock, type TimeSources } from '../src/database-clock.ts';
import { createTestLedger } from './support/ledger.ts';
import { createRecordingLog } from './support/recording-log.ts';

const NOON = Date.UTC(2026, 10, 20, 12);
const EVERY_MS = 30_000;

/** A database, a wall clock and a monotonic clock that stand still until time passes, or one of them jumps. */
function createWorld() {
  let monotonic = 5_000;
  let database = NOON;
  let local = NOON;
  const world = {
    /** Milliseconds there and back, one pair for each question; the last pair again and again. */
    travel: [[0, 0]] as [number, number][],
    down: false,
    pass(ms: number) {
      monotonic += ms;
      database += ms;
      local += ms;
    },
    setDatabase(by: number) {
      database += by;
    },
    setLocal(by: number) {
      local += by;
    },
    database: () => database,
    sources: {
      async database() {
        if (world.down) throw new Error('connection refused');
        const [there, back] = (world.travel.length > 1 ? world.travel.shift() : world.travel[0]) ?? [0, 0];
        world.pass(there);
        const told = database;
        world.pass(back);
        return told;
      },
      local: () => local,
      monotonic: () => monotonic,
    } satisfies TimeSources,
  };
  return world;
}

let world: ReturnType<typeof createWorld>;
let log: ReturnType<typeof createLog>;
let clock: DatabaseClock;

function createLog() {
  const recording = createRecordingLog();
  return { ...recording, child: () => createLog() };
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  world = createWorld();
  log = createLog();
  // Never asked: the sources stand in for it.
  clock = createDatabaseClock({ ledger: {} as Ledger, log, everyMs: EVERY_MS, sources: world.sources });
});

afterEach(async () => {
  await clock.stop();
  vi.useRealTimers();
});

const ahead = () => clock.now().getTime() - world.database();
const remeasure = () => vi.advanceTimersByTimeAsync(EVERY_MS);

test('there is no time before the database was asked', () => {
  expect(() => clock.now()).toThrow('not asked');
});

test('a machine whose clock is an hour wrong still has the database’s time, and says so once', async () => {
  world.setLocal(3_600_000);
  await clock.start();
  expect(ahead()).toBe(0);
  expect(clock.real()).toEqual(clock.now());
  await remeasure();
  expect(log.entries).toMatchObject([{ level: 'warn', fields: { aheadS: 3600 } }]);
});

test('a clock that is off by less than 5 s is nobody’s trouble', async () => {
  world.setLocal(-4_900);
  await clock.start();
  expect(log.entries).toEqual([]);
});

test('a jump of the wall clock moves nothing', async () => {
  await clock.start();
  world.pass(1_000);
  world.setLocal(-86_400_000);
  expect(ahead()).toBe(0);
  await remeasure();
  expect(ahead()).toBe(0);
});

test('the answer that came soonest is believed, and the way there is half of the way', async () => {
  world.travel = [
    [0, 400],
    [300, 0],
    [10, 10],
    [0, 900],
  ];
  await clock.start();
  expect(ahead()).toBe(0);
  expect(log.entries).toEqual([]);
});

test('a wrong answer is never off by more than half of the fastest way', async () => {
  world.travel = [
    [0, 500],
    [0, 40],
    [700, 0],
  ];
  await clock.start();
  expect(Math.abs(ahead())).toBeLessThanOrEqual(20);
});

test('a database that is set forward is followed at once', async () => {
  await clock.start();
  world.setDatabase(60_000);
  await remeasure();
  expect(ahead()).toBe(0);
});

test('a database that is set back is approached at half speed: never backwards, never standing still', async () => {
  await clock.start();
  const before = clock.now().getTime();
  world.setDatabase(-10_000);
  await remeasure();
  expect(clock.now().getTime()).toBe(before);
  world.pass(8_000);
  expect(clock.now().getTime()).toBe(before + 4_000);
  await remeasure();
  expect(clock.now().getTime()).toBe(before + 4_000);
  world.pass(12_000);
  expect(ahead()).toBe(0);
  world.pass(5_000);
  expect(ahead()).toBe(0);
});

test('while the database is down, time goes on as last measured', async () => {
  await clock.start();
  world.down = true;
  world.setDatabase(7_000);
  await remeasure();
  world.pass(1_000);
  expect(ahead()).toBe(-7_000);
  expect(log.entries).toMatchObject([{ level: 'warn' }]);
  world.down = false;
  await remeasure();
  expect(ahead()).toBe(0);
});

test('a database too slow to tell the time corrects nothing', async () => {
  await clock.start();
  world.travel = [[1_200, 0]];
  await remeasure();
  expect(ahead()).toBe(0);
});

test('a start without a database fails', async () => {
  world.down = true;
  await expect(clock.start()).rejects.toThrow('connection refused');
});

test('after a stop nobody asks any more', async () => {
  await clock.start();
  await clock.stop();
  world.setDatabase(60_000);
  await remeasure();
  expect(ahead()).toBe(-60_000);
});

describe('the embedded ledger, whose clock is this machine’s', () => {
  const HOUR_MS = 3_600_000;
  const ledger = { kind: 'embedded' } as Ledger;
  const begin = async (newest: number | null = null) => {
    const sources = { ...world.sources, newest: async () => newest };
    clock = createDatabaseClock({ ledger, log, everyMs: EVERY_MS, sources });
    await clock.start();
  };

  test('half an hour lasts twenty seconds longer at most when the clock is set back', async () => {
    await begin();
    const before = clock.now().getTime();
    world.setDatabase(-HOUR_MS);
    await remeasure();
    expect(clock.now().getTime()).toBe(before);
    for (let minute = 0; minute < 30; minute += 1) {
      world.pass(60_000);
      await remeasure();
    }
    expect(clock.now().getTime() - before).toBeGreaterThanOrEqual(30 * 60_000 - 20_000);
    expect(clock.now().getTime() - before).toBeLessThanOrEqual(30 * 60_000);
    // Signatures are dated by others’ clocks.
    expect(clock.real().getTime() - before).toBe(15 * 60_000);
  });

  test('a clock that is set forward is followed at once', async () => {
    await begin();
    world.setDatabase(HOUR_MS);
    await remeasure();
    expect(ahead()).toBe(0);
  });

  test('time begins no earlier than what the ledger knows', async () => {
    await begin(NOON + HOUR_MS);
    expect(ahead()).toBe(HOUR_MS);
    world.pass(60_000);
    expect(ahead()).toBeGreaterThan(HOUR_MS - 1_000);
    expect(clock.real().getTime()).toBe(world.database());
  });

  test('time begins with the clock where that is later', async () => {
    await begin(NOON - HOUR_MS);
    expect(ahead()).toBe(0);
  });

  test.each(['in the inbox', 'sealed'])('the newest moment is that of an audit event %s', async (where) => {
    vi.useRealTimers();
    const opened = await createTestLedger('embedded');
    const later = new Date(Date.now() + HOUR_MS);
    await recordAudit(opened.ledger.db, later, [{ actor: 'curfew', action: 'grant.live', details: {} }]);
    if (where === 'sealed') await sealBatch(opened.ledger, later);
    const real = createDatabaseClock({ ledger: opened.ledger, log, everyMs: EVERY_MS });
    try {
      await real.start();
      expect(real.now().getTime()).toBeGreaterThanOrEqual(later.getTime());
    } finally {
      await real.stop();
      await opened.close();
    }
  });
});

describe.each(['postgres', 'embedded'] as const)('on %s', (kind) => {
  test('it tells what the ledger’s clock tells', async () => {
    vi.useRealTimers();
    const { ledger, close } = await createTestLedger(kind);
    const real = createDatabaseClock({ ledger, log, everyMs: EVERY_MS });
    try {
      await real.start();
      // One machine here, so one clock: only a wrong unit, zone or sign could part them.
      expect(Math.abs(real.now().getTime() - Date.now())).toBeLessThan(1_000);
    } finally {
      await real.stop();
      await close();
    }
  });
});
