/** What targets have asked for: no calls before a moment. Real time. One for each connector, for all processes. */
import { gt, sql } from 'drizzle-orm';
import type { Tx } from './client.ts';
import { connectorWaits } from './schema-service.ts';

export interface ConnectorWait {
  readonly connector: string;
  readonly until: Date;
}

/** Those that are not over. */
export async function readWaits(db: Tx, real: Date): Promise<ConnectorWait[]> {
  return db.select().from(connectorWaits).where(gt(connectorWaits.until, real));
}

/** Never shortens a wait. */
export async function keepWaits(db: Tx, waits: readonly ConnectorWait[]): Promise<void> {
  const latest = new Map<string, Date>();
  for (const { connector, until } of waits) {
    const known = latest.get(connector);
    if (!known || known < until) latest.set(connector, until);
  }
  if (latest.size === 0) return;
  await db
    .insert(connectorWaits)
    .values([...latest].sort().map(([connector, until]) => ({ connector, until })))
    .onConflictDoUpdate({
      target: connectorWaits.connector,
      set: { until: sql`greatest(${connectorWaits.until}, excluded.until)` },
    });
}
