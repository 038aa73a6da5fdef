/** Whether the ledger has this version's tables. */
import { join } from 'node:path';
import { sql } from 'drizzle-orm';
import { readMigrationFiles } from 'drizzle-orm/migrator';
import { sqlState, type Tx } from '../../db/client.ts';

const UNDEFINED_TABLE = '42P01';

/** A ledger that a newer version has migrated further is fine too. */
export function createMigrationCheck(db: Tx, packageRoot: string): () => Promise<boolean> {
  const ours = readMigrationFiles({ migrationsFolder: join(packageRoot, 'db', 'migrations') });
  const newest = Math.max(...ours.map(({ folderMillis }) => folderMillis));
  return async () => (await newestApplied(db)) >= newest;
}

/** Drizzle's mark of the newest applied migration; 0 where there is none. */
async function newestApplied(db: Tx): Promise<number> {
  try {
    const [row] = await db
      .select({ at: sql<string | null>`(select max(created_at) from drizzle.__drizzle_migrations)::text` })
      .from(sql`(select 1) as one`);
    return Number(row?.at ?? 0);
  } catch (error) {
    if (sqlState(error) === UNDEFINED_TABLE) return 0;
    throw error;
  }
}
