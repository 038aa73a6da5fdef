/** Who else is connected to a ledger on PostgreSQL. */
import { sql } from 'drizzle-orm';
import type { Tx } from './client.ts';

/** Whether a session of that `application_name` is connected to this database. */
export async function isConnected(db: Tx, applicationName: string): Promise<boolean> {
  const [row] = await db
    .select({ found: sql<boolean>`bool_or(application_name = ${applicationName}::text)` })
    .from(sql`pg_stat_activity`)
    .where(sql`datname = current_database() and pid <> pg_backend_pid()`);
  return row?.found ?? false;
}
