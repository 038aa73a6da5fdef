/** What Curfew leaves behind when it stops. */
import { randomBytes } from 'node:crypto';
import { sql } from 'drizzle-orm';
import { expect, it } from 'vitest';
import { recordAudit } from '../db/audit.ts';
import { verifyAudit } from '../db/audit-verify.ts';
import { createCurfew } from '../src/curfew.ts';
import { createAuditKey } from '../src/domain/audit-key.ts';
import { DEFAULT_TIMING } from '../src/domain/timing.ts';
import { createManualClocks } from './support/clocks.ts';
import { ledgerForFile } from './support/empty-ledger.ts';
import { silent, testCatalog, testRole } from './support/house.ts';

const key = createAuditKey('the key of this ledger, long enough');
const shared = ledgerForFile('postgres', key);

function curfew() {
  const { ledger } = shared();
  const parts = {
    ledger,
    clocks: createManualClocks(),
    catalog: testCatalog([testRole()]),
    timing: DEFAULT_TIMING,
    connectors: new Map(),
    incidents: new Map(),
    slack: null,
    teams: null,
    log: silent,
    randomBytes,
    random: () => 0.5,
  };
  const entries = Array.from({ length: 1_500 }, () => ({ actor: 'curfew', action: 'step', details: {} }));
  const write = () => recordAudit(ledger.db, new Date('2026-11-20T14:00:00.000Z'), entries);
  return { ...createCurfew(parts), ledger, write };
}

it('seals all that was written before it stops, so that the next start may have another key', async () => {
  const { stop, write, ledger } = curfew();
  await write();
  await stop();
  const whole = { ok: true, events: 1_500, unsealed: 0 };
  expect(await verifyAudit(ledger.db, null, [key])).toMatchObject(whole);
});

it('stops within seconds also where the audit log cannot be sealed', async () => {
  const { stop, write, ledger } = curfew();
  await write();
  await ledger.tx(async (tx) => {
    // As by another process that holds it for ever.
    await tx.execute(sql`select pg_advisory_xact_lock(7283310262)`);
    await stop();
  });
  expect(await verifyAudit(ledger.db, null, [key])).toMatchObject({ events: 0, unsealed: 1_500 });
});
