/** Migrated ledgers for tests, on both databases that Curfew runs on. */
import { inject } from 'vitest';
import { type Ledger, openEmbedded, openPostgres } from '../../db/client.ts';
import { migrateLedger } from '../../db/migrate.ts';
import type { AuditKey } from '../../src/domain/audit-key.ts';
import { packageRoot } from '../../src/package-root.ts';
import { createDatabase } from '../../src/playground/postgres-server.ts';

export interface TestLedger {
  readonly ledger: Ledger;
  /** For further processes on the same ledger; '' when it is embedded. */
  readonly url: string;
  close(): Promise<void>;
}

export async function createTestLedger(
  kind: Ledger['kind'] = 'postgres',
  auditKey: AuditKey | null = null,
): Promise<TestLedger> {
  if (kind === 'embedded') {
    const ledger = await openEmbedded(null, { auditKey });
    await migrateLedger(ledger, packageRoot());
    return { ledger, url: '', close: () => ledger.close() };
  }
  const database = await createDatabase(inject('pg18Url'));
  const ledger = openPostgres(database.url, { max: 6, auditKey });
  await migrateLedger(ledger, packageRoot());
  return {
    ledger,
    url: database.url,
    async close() {
      await ledger.close();
      await database.drop();
    },
  };
}
