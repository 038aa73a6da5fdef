/** (b) Ends at random moments: from due to confirmed absence, with one process and with three. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { seededMoments } from './moments.ts';
import { endLags } from './reconciler.ts';
import type { ReconcilerReport } from './reconciler-process.ts';
import { seedLive } from './seed.ts';
import { type Figure, percentile, spread } from './table.ts';
import { createBenchDatabase, until, type World } from './world.ts';

/** Before the ends that count, as many a second as then: processes open connections and plan statements once. */
const WARM_UP_MS = 5_000;
const LEAD_MS = 2_000;

export async function randomEnds(world: World): Promise<Figure[]> {
  return [await randomEndsWith(world, 1), await randomEndsWith(world, 3)];
}

async function randomEndsWith(world: World, processes: number): Promise<Figure> {
  const { randomEnds: count, randomEndsWithinS: withinS } = world.sizes;
  const database = await createBenchDatabase(world, { migrated: true });
  const { sql } = database;
  const children = Array.from({ length: processes }, () => startReconciler(database.url));
  try {
    await Promise.all(children.map((child) => child.ready));
    const first = new Date(Date.now() + LEAD_MS + WARM_UP_MS);
    const begin = new Date(first.getTime() - WARM_UP_MS);
    const warmUp = seededMoments(begin, Math.round((count * WARM_UP_MS) / (withinS * 1000)), WARM_UP_MS);
    const ends = [...seededMoments(first, count, withinS * 1000), ...warmUp];
    await seedLive(sql, ends);
    world.say(
      `${count} ends within ${withinS} s, ${processes === 1 ? 'one process' : `${processes} processes`}`,
    );
    await Promise.all(children.map((child) => child.begin()));
    await until(
      'the grants to end',
      async () => {
        const [row] = await sql<{ open: number }[]>`
        select count(*)::int as open from grants where state <> 'ended'`;
        return row?.open === 0;
      },
      { everyMs: 500 },
    );
    const rows = (await endLags(sql)).filter(({ endsAt }) => endsAt >= first);
    const reports = await Promise.all(children.map((child) => child.finish()));
    crossCheck(rows, reports, count);
    const seen = new Map(reports.flatMap(({ absentAt }) => absentAt));
    const toAbsence = rows.map(({ edge, endsAt }) => (seen.get(edge) ?? Number.NaN) - endsAt.getTime());
    return {
      part: 'b',
      what: `Curfew: lag of an end, ${processes === 1 ? 'one process' : `${processes} processes`}`,
      perSecond: null,
      ...spread(rows.map(({ lag }) => lag)),
      note: `${count} ends at random moments (seeded) in ${withinS} s, after ${warmUp.length} that do not count; real clocks; from the end to the commit of confirmed absence. In the target itself the access was gone after p50 ${percentile(toAbsence, 0.5).toFixed(1)}, p99 ${percentile(toAbsence, 0.99).toFixed(1)} ms. Aim: p99 ≤ 100 ms.`,
    };
  } finally {
    for (const child of children) child.kill();
    await database.close();
  }
}

/** The ledger says that an access ended only after the target was seen without it. */
function crossCheck(
  rows: readonly { id: string; edge: string; endsAt: Date; lag: number }[],
  reports: readonly ReconcilerReport[],
  count: number,
): void {
  const seen = new Map(reports.flatMap(({ absentAt }) => absentAt));
  if (rows.length !== count) throw new Error(`Of ${count} grants ${rows.length} ended.`);
  for (const { id, edge, endsAt, lag } of rows) {
    const at = seen.get(edge);
    // The database's clock and ours are one machine's, read to the millisecond.
    if (at === undefined || at > endsAt.getTime() + lag + 1)
      throw new Error(`${id} was said to be over too soon.`);
    if (lag < 0) throw new Error(`${id} ended before its time.`);
  }
}

function startReconciler(url: string) {
  const child = fork(new URL('./reconciler-process.js', import.meta.url), [], {
    env: { ...process.env, BENCH_LEDGER: url },
  });
  const ask = async <T>(word: string): Promise<T> => {
    const answer = once(child, 'message');
    child.send(word);
    return (await answer)[0] as T;
  };
  return {
    ready: once(child, 'message'),
    begin: () => ask('begin'),
    finish: () => ask<ReconcilerReport>('finish'),
    kill: () => void child.kill(),
  };
}
