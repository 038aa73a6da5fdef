/** The real reconciler and scheduler on a ledger, with the database's clock, without chat. */
import type { Sql } from 'postgres';
import { openPostgres } from '../db/client.ts';
import { nextDue } from '../db/next-due.ts';
import type { Connector } from '../src/connectors/connector.ts';
import { createDatabaseClock } from '../src/database-clock.ts';
import type { Catalog, Role } from '../src/domain/catalog.ts';
import { DEFAULT_TIMING } from '../src/domain/timing.ts';
import { createReconcile } from '../src/reconcile/reconcile.ts';
import { createScheduler } from '../src/scheduler.ts';
import { benchLog } from './world.ts';

export function benchCatalog(roles: readonly Role[]): Catalog {
  return {
    version: 'sha256:bench',
    roles: new Map(roles.map((role) => [role.name, role])),
    admins: ['mia@acme.test'],
    domains: ['acme.test'],
    channels: { approvals: 'C0APPROVALS', alerts: 'C0ALERTS00' },
    nonAsciiAddresses: false,
    mapped: new Map(),
    manualIncidentsTrusted: false,
  };
}

export async function createBenchReconciler(url: string, connector: Connector) {
  const ledger = openPostgres(url);
  const log = benchLog;
  const clocks = createDatabaseClock({ ledger, log, everyMs: 10_000 });
  await clocks.start();
  const reconcile = createReconcile({
    ledger,
    clocks,
    catalog: benchCatalog([]),
    timing: DEFAULT_TIMING,
    connectors: new Map([[connector.name, connector]]),
    incidents: new Map(),
    platforms: ['slack'],
    ports: new Map(),
    log,
    random: Math.random,
  });
  const scheduler = createScheduler({
    sweep: reconcile.sweep,
    nextDue: (after) => nextDue(ledger.db, after, DEFAULT_TIMING),
    clocks,
    log,
  });
  return {
    start: scheduler.start,
    /** One sweep to its end, and the look at what is due next, as the scheduler does it. */
    async sweepOnce(): Promise<void> {
      const began = { ledger: clocks.now(), real: clocks.real() };
      await reconcile.sweep();
      await reconcile.drain();
      await nextDue(ledger.db, began, DEFAULT_TIMING);
    },
    async stop(): Promise<void> {
      await scheduler.stop();
      await reconcile.drain();
      await clocks.stop();
      await ledger.close();
    },
  };
}

/** For each ended grant, milliseconds from its end to the commit that confirmed absence, by the database's clock. */
export async function endLags(sql: Sql): Promise<{ id: string; edge: string; endsAt: Date; lag: number }[]> {
  return sql<{ id: string; edge: string; endsAt: Date; lag: number }[]>`
    select g.id, a.edge, g.ends_at as "endsAt",
      (extract(epoch from pg_xact_commit_timestamp(g.xmin) - g.ends_at) * 1000)::float8 as lag
    from grants g join claims c on c.grant_id = g.id join assignments a on a.id = c.assignment_id
    where g.state = 'ended'`;
}
