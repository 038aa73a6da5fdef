/** Opening and migrating a ledger, and transactions that the database throws out. */
import { sql } from 'drizzle-orm';
import { describe, expect, inject, it } from 'vitest';
import { recordAudit } from '../../db/audit.ts';
import { type Ledger, openPostgres } from '../../db/client.ts';
import { migrateLedger } from '../../db/migrate.ts';
import { sqlState } from '../../db/sql-state.ts';
import { packageRoot } from '../../src/package-root.ts';
import { createDatabase } from '../../src/playground/postgres-server.ts';
import { ledgerForFile } from '../support/empty-ledger.ts';
import { createGate } from '../support/gate.ts';
import { createTestLedger } from '../support/ledger.ts';
import { principalRow } from '../support/rows.ts';

const migrationCount = async (ledger: Ledger) => {
  const [row] = await ledger.db
    .select({ count: sql<number>`count(*)::int` })
    .from(sql`drizzle.__drizzle_migrations`);
  return row?.count;
};

it('migrates once when four processes start at once on an empty database', async () => {
  const database = await createDatabase(inject('pg18Url'));
  const ledgers = [1, 2, 3, 4].map(() => openPostgres(database.url, { max: 2 }));
  await Promise.all(ledgers.map((ledger) => migrateLedger(ledger, packageRoot())));
  const [first, ...others] = ledgers;
  if (!first) throw new Error('no ledger');
  const once = await migrationCount(first);
  await migrateLedger(first, packageRoot());
  expect(await migrationCount(first)).toBe(once);
  for (const other of others) expect((await principalRow(other)).email).toBe('ana@acme.test');
  await Promise.all(ledgers.map((ledger) => ledger.close()));
  await database.drop();
});

it('migrates an embedded ledger again without doing anything', async () => {
  const { ledger, close } = await createTestLedger('embedded');
  const before = await migrationCount(ledger);
  await migrateLedger(ledger, packageRoot());
  expect(await migrationCount(ledger)).toBe(before);
  await close();
});

describe('a transaction', () => {
  const shared = ledgerForFile();

  it('chosen as a deadlock’s victim is run again, and both get done', async () => {
    const { ledger } = shared();
    const people = [await principalRow(ledger, 'ana'), await principalRow(ledger, 'ben')];
    const gates = [createGate(), createGate()] as const;
    let runs = 0;
    const rename = (own: 0 | 1) =>
      ledger.tx(async (tx) => {
        runs += 1;
        const touch = (i: number) =>
          tx.execute(sql`update principals set name = name || ${own}::text where id = ${people[i]?.id}`);
        await touch(own);
        // On the first run both hold what the other one wants next.
        await gates[own].pass();
        await touch(1 - own);
      });
    const both = Promise.all([rename(0), rename(1)]);
    await Promise.all(gates.map((gate) => gate.arrived));
    for (const gate of gates) gate.open();
    await both;
    expect(runs).toBe(3);
    const [row] = await ledger.db
      .select({ names: sql<string[]>`jsonb_agg(name order by id)` })
      .from(sql`principals`);
    expect(row?.names.map((name) => [...name].sort().join(''))).toEqual(['01aan', '01ben']);
  });

  it.each(['postgres', 'embedded'] as const)(
    'that fails otherwise is not run again, and changes nothing (%s)',
    async (kind) => {
      const { ledger, close } =
        kind === 'postgres' ? { ...shared(), close: async () => {} } : await createTestLedger(kind);
      let runs = 0;
      const failing = ledger.tx(async (tx) => {
        runs += 1;
        await recordAudit(tx, new Date(0), [{ actor: 'x', action: 'y', details: {} }]);
        await tx.execute(sql`select 1 / 0`);
      });
      expect(await failing.then(() => null, sqlState)).toBe('22012');
      expect(runs).toBe(1);
      const [row] = await ledger.db.select({ count: sql<number>`count(*)::int` }).from(sql`audit_inbox`);
      expect(row?.count).toBe(0);
      await close();
    },
  );

  it('that is thrown out every time is given up in the end', async () => {
    let runs = 0;
    const hopeless = shared().ledger.tx(async (tx) => {
      runs += 1;
      await tx.execute(sql`do $$ begin raise exception 'again' using errcode = '40001'; end $$`);
    });
    expect(await hopeless.then(() => null, sqlState)).toBe('40001');
    expect(runs).toBe(5);
  });
});
