/** One ledger for a whole test file, emptied before each test: far quicker than a new one each time. */
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import type { Ledger } from '../../db/client.ts';
import type { AuditKey } from '../../src/domain/audit-key.ts';
import { createTestLedger, type TestLedger } from './ledger.ts';

/** Call it at the top of a file or a `describe`; the ledger is there from the first test on. */
export function ledgerForFile(
  kind: Ledger['kind'] = 'postgres',
  auditKey: AuditKey | null = null,
): () => TestLedger {
  let opened: TestLedger | null = null;
  beforeAll(async () => {
    opened = await createTestLedger(kind, auditKey);
  });
  beforeEach(() => emptyLedger(current().ledger));
  afterAll(() => opened?.close());

  function current(): TestLedger {
    if (!opened) throw new Error('the ledger is opened before the first test, not before');
    return opened;
  }
  return current;
}

/** Empties every table. As superuser, with the triggers off that refuse it on the audit log. */
export async function emptyLedger(ledger: Ledger): Promise<void> {
  await ledger.tx(async (tx) => {
    await tx.execute(sql`set local session_replication_role = replica`);
    await tx.execute(sql`
      truncate account_pins, addressees, assignments, audit_events, audit_inbox, cards, claims, connector_waits, conversations,
        deliveries, grants, identities, incident_inbox, incidents, notices, principals, requests, switches, teams, votes restart identity cascade`);
  });
}
