/**
 * Ledger time: the database's clock, so that replicas whose own clocks are wrong agree on when a window ends.
 *
 * Between measurements time goes on by the process's monotonic clock, which no jump of the wall clock moves
 * (it does stop while a machine sleeps: time is then behind until the next measurement).
 * It never goes backwards: where a measurement says that it is ahead, it runs at half speed until the
 * database has caught up. Standing still instead would keep leases and retries from ever running out.
 *
 * The embedded ledger's clock is this machine's wall clock, which has no authority: somebody who sets it back
 * would lengthen what was approved. There time begins no earlier than the newest moment that the ledger knows,
 * and goes back toward the wall clock by one percent only.
 */
import { performance } from 'node:perf_hooks';
import { sql } from 'drizzle-orm';
import { newestAudited } from '../db/audit.ts';
import type { Ledger } from '../db/client.ts';
import { type Clocks, followingClocks } from './domain/clock.ts';
import type { Log } from './observability/log.ts';

/** All in milliseconds. */
export interface TimeSources {
  /** The database's time, since 1970. */
  database(): Promise<number>;
  /** This machine's wall clock, since 1970. */
  local(): number;
  /** Since any moment; never goes backwards. */
  monotonic(): number;
  /** The newest moment that the ledger knows to have been, since 1970; null: it knows none, or its clock has the say. */
  newest?(): Promise<number | null>;
}

export interface DatabaseClockOptions {
  readonly ledger: Ledger;
  readonly log: Log;
  /** Between measurements. */
  readonly everyMs: number;
  readonly sources?: TimeSources;
}

export interface DatabaseClock extends Clocks {
  /** Measures for the first time; rejects when the ledger does not answer. Until then there is no time. */
  start(): Promise<void>;
  /** Resolves when no measurement is under way. */
  stop(): Promise<void>;
}

/** The best of several: the answer that came soonest tells the time most precisely. */
const SAMPLES = 5;
/** An answer that took longer says too little to correct a clock that already runs. */
const SLOWEST_USABLE_MS = 1_000;
const WORTH_A_WARNING_MS = 5_000;
/** How fast time goes, at least, where it is ahead of the clock that it follows. */
const CATCHING_UP = { postgres: 0.5, embedded: 0.99 } as const;

interface Sample {
  /** What to add to the monotonic clock to have the database's time. */
  readonly offset: number;
  readonly roundTrip: number;
  /** How far the wall clock is ahead of the database's. */
  readonly localAhead: number;
}

/** From `since` on, time was at least `from` and went no slower than it may. */
interface Course {
  readonly offset: number;
  readonly since: number;
  readonly from: number;
}

/** Time that never goes backwards, and no slower than `slowest` of the monotonic clock's pace. */
function createCourse(monotonic: () => number, slowest: number) {
  let course: Course | null = null;
  let earliest = Number.NEGATIVE_INFINITY;

  function read(): number {
    if (!course) throw new Error('The ledger was not asked for the time yet.');
    const { offset, since, from } = course;
    const at = monotonic();
    return Math.max(offset + at, from + (at - since) * slowest);
  }

  return {
    read,
    /** Before the first time it is told what to follow: time begins no earlier than this. */
    begin(newest: number | null | undefined): void {
      earliest = newest ?? Number.NEGATIVE_INFINITY;
    },
    /** From now on time is the monotonic clock's and `offset`, as soon as it may be. */
    follow(offset: number): void {
      const since = monotonic();
      course = { offset, since, from: course ? read() : earliest };
    },
  };
}

export function createDatabaseClock(options: DatabaseClockOptions): DatabaseClock {
  const { log, everyMs, sources = ownSources(options.ledger) } = options;
  const embedded = options.ledger.kind === 'embedded';
  /** Real time only says when to try again, and whether a signature is fresh: it is soon the wall clock's again. */
  const real = createCourse(sources.monotonic, CATCHING_UP.postgres);
  const now = createCourse(sources.monotonic, embedded ? CATCHING_UP.embedded : CATCHING_UP.postgres);
  let measured = false;
  let warned = false;
  let timer: NodeJS.Timeout | undefined;
  let measuring: Promise<void> | null = null;

  async function sample(): Promise<Sample> {
    const asked = sources.monotonic();
    const localAsked = sources.local();
    const time = await sources.database();
    const roundTrip = sources.monotonic() - asked;
    // It looked at its clock about half-way.
    return {
      offset: time - (asked + roundTrip / 2),
      roundTrip,
      localAhead: localAsked + roundTrip / 2 - time,
    };
  }

  async function measure(): Promise<void> {
    let best = await sample();
    for (let taken = 1; taken < SAMPLES; taken += 1) {
      const next = await sample();
      if (next.roundTrip < best.roundTrip) best = next;
    }
    if (measured && best.roundTrip > SLOWEST_USABLE_MS) {
      log.warn({ roundTripMs: Math.round(best.roundTrip) }, 'the ledger took too long to tell the time');
      return;
    }
    if (!measured) now.begin(await sources.newest?.());
    for (const course of [real, now]) course.follow(best.offset);
    measured = true;
    compare(best.localAhead);
  }

  /** Says once that this machine's clock is wrong, until it is right again. */
  function compare(localAhead: number): void {
    const wrong = Math.abs(localAhead) > WORTH_A_WARNING_MS;
    if (wrong && !warned) {
      const aheadS = Math.round(localAhead / 100) / 10;
      log.warn(
        { aheadS },
        "this machine's clock is not the ledger's; Curfew goes by the ledger's, but signatures need it right",
      );
    }
    warned = wrong;
  }

  function measureAgain(): void {
    measuring ??= measure()
      .catch((err: unknown) =>
        log.warn({ err }, 'the ledger did not tell the time; the last measurement holds'),
      )
      .finally(() => {
        measuring = null;
      });
  }

  return {
    ...followingClocks(real.read),
    now: () => new Date(now.read()),
    async start() {
      await measure();
      timer = setInterval(measureAgain, everyMs).unref();
    },
    async stop() {
      clearInterval(timer);
      await measuring;
    },
  };
}

function ownSources({ db, kind }: Ledger): TimeSources {
  return {
    newest: async () => (kind === 'embedded' ? newestAudited(db) : null),
    async database() {
      // Not now(): that is when the transaction began.
      const [row] = await db
        .select({ at: sql<number>`(extract(epoch from clock_timestamp()) * 1000)::float8` })
        .from(sql`(select 1) as one`);
      const at = Number(row?.at);
      if (!Number.isFinite(at)) throw new Error('The ledger told no time.');
      return at;
    },
    local: () => Date.now(),
    monotonic: () => performance.now(),
  };
}
