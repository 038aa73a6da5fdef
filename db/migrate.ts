/** Brings the ledger to this version's tables. Safe to run from several replicas at once: one works, the others wait. */
import { join } from 'node:path';
import { migrate as migratePglite } from 'drizzle-orm/pglite/migrator';
import { migrate as migratePostgres } from 'drizzle-orm/postgres-js/migrator';
import type { Ledger } from './client.ts';

export async function migrateLedger(ledger: Ledger, packageRoot: string): Promise<void> {
  const config = { migrationsFolder: join(packageRoot, 'db', 'migrations') };
  await ledger.exclusively(() =>
    ledger.kind === 'postgres'
      ? migratePostgres(ledger.db as unknown as Parameters<typeof migratePostgres>[0], config)
      : migratePglite(ledger.db as unknown as Parameters<typeof migratePglite>[0], config),
  );
}
