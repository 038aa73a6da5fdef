/** (a) Everything due in the same instant: each access taken away, read back, put on record, its card marked. */
import type { Sql } from 'postgres';
import { createNoopConnector } from './noop-connector.ts';
import { createBenchReconciler, endLags } from './reconciler.ts';
import { seedLive } from './seed.ts';
import { type Figure, spread } from './table.ts';
import { createBenchDatabase, until, type World } from './world.ts';

/** What the connector declares; the `postgres` connector's own default is 8. */
const CALLS_AT_ONCE = [200, 8];
const LEAD_MS = 2_000;

export async function burst(world: World): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const concurrency of CALLS_AT_ONCE) figures.push(...(await burstWith(world, concurrency)));
  return figures;
}

async function burstWith(world: World, concurrency: number): Promise<Figure[]> {
  const count = world.sizes.burst;
  const database = await createBenchDatabase(world, { migrated: true });
  const { sql } = database;
  try {
    world.say(`seeding ${count} live grants`);
    await seedLive(sql, Array(count).fill(new Date(Date.now() + 86_400_000)));
    const { connector } = createNoopConnector({ heldAtFirst: true, concurrency });
    const reconciler = await createBenchReconciler(database.url, connector);
    const due = new Date(Date.now() + LEAD_MS);
    await sql`update grants set ends_at = ${due}`;
    world.say(`${count} ends fall due at once, ${concurrency} calls to the target at a time`);
    reconciler.start();
    await until('the grants to end', async () => (await unended(sql)) === 0);
    await until('the log to be sealed', async () => (await unsealed(sql)) === 0);
    const sealedAt = Date.now();
    await reconciler.stop();
    await check(sql, count);

    const lags = (await endLags(sql)).map(({ lag }) => lag);
    const lag = spread(lags);
    const [sealed] = await sql<{ count: number }[]>`select count(*)::int as count from audit_events`;
    const events = sealed?.count ?? 0;
    const sealedMs = sealedAt - due.getTime();
    return [
      {
        part: 'a',
        what: `Curfew: assignments ended, ${concurrency} calls at a time`,
        perSecond: (count / (lag.max ?? 1)) * 1000,
        ...lag,
        note: `One process, 10 connections. Each: due → revoked → read back → grant ended, ${events / count} audit events, 3 cards marked, timeline lines. Lag: from the end to the commit that says so.`,
      },
      {
        part: 'a',
        what: `  and its log sealed`,
        perSecond: (events / sealedMs) * 1000,
        p50: null,
        p99: null,
        max: sealedMs,
        note: `${events.toLocaleString('en-GB')} audit events chained by the same process; max: from the common end until the last was sealed.`,
      },
    ];
  } finally {
    await database.close();
  }
}

async function unended(sql: Sql): Promise<number> {
  const [row] = await sql<{ count: number }[]>`
    select count(*)::int as count from (select 1 from grants where state <> 'ended' limit 1) as g`;
  return row?.count ?? 0;
}

async function unsealed(sql: Sql): Promise<number> {
  const [row] = await sql<{ count: number }[]>`select count(*)::int as count from audit_inbox`;
  return row?.count ?? 0;
}

/** A figure for work that was not done is no figure. */
async function check(sql: Sql, count: number): Promise<void> {
  const [row] = await sql<Record<string, number>[]>`select
    (select count(*)::int from assignments where state = 'absent' and absent_at is not null) as absent,
    (select count(*)::int from claims where released_at is not null) as released,
    (select count(distinct request_id)::int from cards where due_at is not null) as cards,
    (select count(*)::int from audit_events where action = 'revoke.attempted') as attempted,
    (select count(*)::int from audit_events where action = 'access.removed') as removed,
    (select count(*)::int from audit_events where action = 'grant.ended') as ended`;
  for (const [what, seen] of Object.entries(row ?? {})) {
    if (seen !== count) throw new Error(`Of ${count} ends, ${what} counts ${seen}.`);
  }
}
