/**
 * Brings the ledger to this version's tables. Safe to run from several replicas at once: one works, the others
 * wait. A ledger that has them is left alone, so that the service can run under a role that may not change
 * tables.
 */
import { join } from 'node:path';
import { sql } from 'drizzle-orm';
import { readMigrationFiles } from 'drizzle-orm/migrator';
import { migrate as migratePglite } from 'drizzle-orm/pglite/migrator';
import { migrate as migratePostgres } from 'drizzle-orm/postgres-js/migrator';
import { ExpectedFailure } from '../src/expected-failure.ts';
import type { Ledger, Tx } from './client.ts';
import { sqlState } from './sql-state.ts';

const UNDEFINED_TABLE = '42P01';
const INSUFFICIENT_PRIVILEGE = '42501';
const NOT_NULL_VIOLATION = '23502';

const TOO_OLD =
  'This ledger was written by an earlier version, which knew accounts and permissions by their names only, so what ' +
  'it says of access cannot be carried on. Nothing was changed. Start the earlier version again, so that what it gave ' +
  'is taken away: `curfew freeze`, then `curfew revoke` what `curfew grants` shows, until it shows nothing. Keep its `curfew audit ' +
  'export`, and give this version a new ledger.';

const folderIn = (packageRoot: string) => join(packageRoot, 'db', 'migrations');

export async function migrateLedger(ledger: Ledger, packageRoot: string): Promise<void> {
  const config = { migrationsFolder: folderIn(packageRoot) };
  const isMigrated = createMigrationCheck(ledger.db, packageRoot);
  if (await isMigrated()) return;
  try {
    await ledger.exclusively(() =>
      ledger.kind === 'postgres'
        ? migratePostgres(ledger.db as unknown as Parameters<typeof migratePostgres>[0], config)
        : migratePglite(ledger.db as unknown as Parameters<typeof migratePglite>[0], config),
    );
  } catch (error) {
    // Rows of an older shape that cannot be brought over: all of it is undone, and that version goes on with it.
    if (sqlState(error) === NOT_NULL_VIOLATION) throw new ExpectedFailure(TOO_OLD);
    if (sqlState(error) !== INSUFFICIENT_PRIVILEGE) throw error;
    throw new ExpectedFailure(
      "The ledger has not the tables of this version, and the role in DATABASE_URL may not make them. Run `npx curfew migrate` with the ledger owner's DATABASE_URL first.",
    );
  }
}

/** Asks whether the ledger has this version's tables. One that a newer version has migrated further is fine too. */
export function createMigrationCheck(db: Tx, packageRoot: string): () => Promise<boolean> {
  const ours = readMigrationFiles({ migrationsFolder: folderIn(packageRoot) });
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
