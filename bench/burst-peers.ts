/** Beside (a): job queues with no-op jobs due in the same instant, and the bare SQL of claiming and finishing. */
import { Logger, makeWorkerUtils, run } from 'graphile-worker';
import PgBoss from 'pg-boss';
import type { Sql } from 'postgres';
import { type Figure, spread } from './table.ts';
import { type BenchDatabase, createBenchDatabase, until, type World } from './world.ts';

const LEAD_MS = 2_000;
const quiet = new Logger(() => () => {});

export async function burstPeers(world: World): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const peer of [graphileWorker, pgBoss, rawSql]) {
    const database = await createBenchDatabase(world, { migrated: false });
    try {
      figures.push(await peer(world, database));
    } finally {
      await database.close();
    }
  }
  return figures;
}

async function graphileWorker(world: World, { url, sql }: BenchDatabase): Promise<Figure> {
  const count = world.sizes.burst;
  world.say(`graphile-worker: ${count} jobs due at once`);
  const utils = await makeWorkerUtils({ connectionString: url, logger: quiet });
  await utils.migrate();
  await utils.release();
  const due = new Date(Date.now() + LEAD_MS);
  await sql`select graphile_worker.add_job('noop', run_at => ${due}) from generate_series(1, ${count}::int)`;
  await sql`vacuum analyze`;
  const runner = await run({
    connectionString: url,
    concurrency: 24,
    maxPoolSize: 25,
    pollInterval: 100,
    noHandleSignals: true,
    logger: quiet,
    taskList: { noop: async () => {} },
  });
  const done: number[] = [];
  runner.events.on('job:complete', () => done.push(Date.now()));
  await until('its jobs', async () => done.length === count);
  await runner.stop();
  return figure(
    'graphile-worker: no-op jobs',
    done.map((at) => at - due.getTime()),
    'The same server. 24 jobs at a time, 25 connections (its documentation’s setting), pollInterval 100 ms; completion of a job by its own event.',
  );
}

async function pgBoss(world: World, { url, sql }: BenchDatabase): Promise<Figure> {
  const count = world.sizes.burst;
  world.say(`pg-boss: ${count} jobs due at once`);
  const boss = new PgBoss({ connectionString: url, max: 10, schedule: false, supervise: false });
  boss.on('error', (error) => console.error('pg-boss:', error.message));
  await boss.start();
  await boss.createQueue('noop');
  const due = new Date(Date.now() + LEAD_MS);
  await boss.insert('noop', Array(count).fill({ name: 'noop', startAfter: due.toISOString() }));
  await sql`vacuum analyze`;
  const workers = await Promise.all(
    Array.from({ length: 4 }, async () => {
      const options = { batchSize: 250, pollingIntervalSeconds: 0.5 };
      const id: string = await boss.work('noop', options, async () => boss.notifyWorker(id));
      return id;
    }),
  );
  const completed = () => sql<{ lag: number }[]>`
    select (extract(epoch from pg_xact_commit_timestamp(xmin) - ${due}::timestamptz) * 1000)::float8 as lag
    from pgboss.job where name = 'noop' and state = 'completed'`;
  await until('its jobs', async () => (await completed()).length === count);
  const lags = (await completed()).map(({ lag }) => lag);
  for (const id of workers) await boss.offWork({ id });
  await boss.stop({ graceful: false, wait: true });
  return figure(
    'pg-boss: no-op jobs',
    lags,
    'The same server. 4 workers, batches of 250, shortest polling interval (0.5 s), each batch asking for the next at once, 10 connections.',
  );
}

async function rawSql(world: World, { sql }: BenchDatabase): Promise<Figure> {
  const count = world.sizes.burst;
  world.say('bare SQL: claim and finish');
  await sql`create table work (id int primary key, due_at timestamptz, leased boolean, done_at timestamptz)`;
  await sql`create index on work (due_at) where done_at is null`;
  await sql`insert into work select n, now(), false from generate_series(1, ${count}::int) as n`;
  await sql`vacuum analyze`;
  const began = Date.now();
  const lags: number[] = [];
  await Promise.all(Array.from({ length: 4 }, () => drain(sql, began, lags)));
  return figure(
    'bare SQL: rows claimed and finished',
    lags,
    'The same server. A limit, not a peer: two statements for each 500 rows, 4 connections, no calls, no log, no cards.',
  );
}

async function drain(sql: Sql, began: number, lags: number[]): Promise<void> {
  for (;;) {
    const rows = await sql<{ id: number }[]>`update work set leased = true where id in (
      select id from work where done_at is null and not leased and due_at <= now()
      order by due_at limit 500 for update skip locked) returning id`;
    if (rows.length === 0) return;
    await sql`update work set done_at = clock_timestamp() where id = any(${rows.map(({ id }) => id)})`;
    for (const _ of rows) lags.push(Date.now() - began);
  }
}

function figure(what: string, lags: readonly number[], note: string): Figure {
  const lag = spread(lags);
  return { part: 'a', what, perSecond: (lags.length / (lag.max ?? 1)) * 1000, ...lag, note };
}
