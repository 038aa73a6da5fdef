/** The audit log over real databases: sealed in order, never held up, and telling on whoever tampers. */
import { sql } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import { readEvents, readHead, recordAudit } from '../../db/audit.ts';
import { sealBatch as sealOne } from '../../db/audit-seal.ts';
import { verifyAudit } from '../../db/audit-verify.ts';
import { type Ledger, openPostgres } from '../../db/client.ts';
import { sqlState } from '../../db/sql-state.ts';
import { ledgerForFile } from '../support/empty-ledger.ts';
import { createGate } from '../support/gate.ts';

const at = new Date('2026-11-20T14:00:00.000Z');
const sealBatch = async (ledger: Ledger) => (await sealOne(ledger, at)).count;
const unsigned = { signedFrom: null, signaturesChecked: false };
const entry = (n: number) => ({
  actor: 'curfew',
  action: `step.${n}`,
  details: { n, text: 'ü "quoted" \\ 1e21' },
});
const write = (ledger: Ledger, ...numbers: number[]) =>
  ledger.tx((tx) => recordAudit(tx, at, numbers.map(entry)));

async function sealed(ledger: Ledger): Promise<string[]> {
  const found: string[] = [];
  for await (const event of readEvents(ledger.db)) found.push(event.action);
  return found;
}

/** What a superuser can do who means to hide something. */
const tamper = (ledger: Ledger, statement: string) =>
  ledger.tx(async (tx) => {
    await tx.execute(sql`set local session_replication_role = replica`);
    await tx.execute(sql.raw(statement));
  });

describe.each(['postgres', 'embedded'] as const)('the audit log on %s', (kind) => {
  const shared = ledgerForFile(kind);
  const five = async () => {
    const { ledger } = shared();
    await write(ledger, 1, 2, 3, 4, 5);
    expect(await sealBatch(ledger)).toBe(5);
    return ledger;
  };

  it('verifies as it was written', async () => {
    const ledger = await five();
    await write(ledger, 6);
    const head = await readHead(ledger.db);
    expect(await verifyAudit(ledger.db, head)).toEqual({
      ok: true,
      events: 5,
      unsealed: 1,
      head: { seq: 5, hash: head?.hash },
      problem: null,
      ...unsigned,
    });
    expect(await sealBatch(ledger)).toBe(1);
    expect(await sealBatch(ledger)).toBe(0);
    expect(await verifyAudit(ledger.db, head)).toMatchObject({ ok: true, events: 6, unsealed: 0 });
  });

  it('is empty and fine before the first event', async () => {
    const { ledger } = shared();
    expect(await verifyAudit(ledger.db, null)).toEqual({
      ok: true,
      events: 0,
      unsealed: 0,
      head: null,
      problem: null,
      ...unsigned,
    });
  });

  it.each([
    ['a changed detail', `update audit_events set details = '{"n": 9}' where seq = 3`, 'event 3 was altered'],
    ['a changed actor', `update audit_events set actor = 'eve' where seq = 3`, 'event 3 was altered'],
    [
      'a changed time',
      `update audit_events set at = at + interval '1 millisecond' where seq = 3`,
      'event 3 was altered',
    ],
    ['one removed', 'delete from audit_events where seq = 3', 'event 3 is missing'],
    ['the first removed', 'delete from audit_events where seq = 1', 'event 1 is missing'],
  ])('names %s', async (_, statement, problem) => {
    const ledger = await five();
    await tamper(ledger, statement);
    expect(await verifyAudit(ledger.db, null)).toMatchObject({ ok: false, problem });
  });

  it('finds a tail that was cut by the head that was noted before, and only by it', async () => {
    const ledger = await five();
    const head = await readHead(ledger.db);
    await tamper(ledger, 'delete from audit_events where seq > 3');
    expect(await verifyAudit(ledger.db, null)).toMatchObject({ ok: true, events: 3 });
    expect(await verifyAudit(ledger.db, head)).toMatchObject({
      ok: false,
      problem: expect.stringContaining('tail was cut'),
    });
    // Also when new events have grown where the tail was.
    await write(ledger, 6, 7, 8);
    await sealBatch(ledger);
    expect(await verifyAudit(ledger.db, head)).toMatchObject({
      ok: false,
      problem: expect.stringContaining('event 5'),
    });
  });

  it.each([
    'update audit_events set actor = $$x$$',
    'delete from audit_events',
    'truncate audit_events',
    'truncate audit_events cascade',
  ])('refuses: %s', async (statement) => {
    const ledger = await five();
    const refused = await ledger.db.execute(sql.raw(statement)).then(() => 'done', sqlState);
    expect(refused).toBe('42501');
    expect(await sealed(ledger)).toHaveLength(5);
  });

  it('seals nothing of a transaction that was rolled back', async () => {
    const { ledger } = shared();
    const broken = ledger.tx(async (tx) => {
      await recordAudit(tx, at, [entry(1)]);
      throw new Error('broken');
    });
    await expect(broken).rejects.toThrow('broken');
    await write(ledger, 2);
    await sealBatch(ledger);
    expect(await sealed(ledger)).toEqual(['step.2']);
  });
});

describe('the audit log with several at work', () => {
  const shared = ledgerForFile();

  it('seals what others wrote while one transaction stays open, and that one’s behind them when it commits', async () => {
    const { ledger } = shared();
    const gate = createGate();
    const slow = ledger.tx(async (tx) => {
      await recordAudit(tx, at, [entry(1)]);
      await gate.pass();
    });
    await gate.arrived;
    await write(ledger, 2, 3);
    expect(await sealBatch(ledger)).toBe(2);
    expect(await sealed(ledger)).toEqual(['step.2', 'step.3']);
    gate.open();
    await slow;
    expect(await sealBatch(ledger)).toBe(1);
    expect(await sealed(ledger)).toEqual(['step.2', 'step.3', 'step.1']);
    expect(await verifyAudit(ledger.db, null)).toMatchObject({ ok: true, events: 3, unsealed: 0 });
  });

  it('makes one chain of every event once, with two processes sealing while four write', async () => {
    const { ledger, url } = shared();
    const other = openPostgres(url, { max: 3 });
    const writers = [0, 1, 2, 3].map(async (w) => {
      for (let i = 0; i < 15; i += 1) await write(ledger, w * 100 + i);
    });
    let writing = true;
    const sealers = [ledger, other].map(async (sealer) => {
      while (writing) await sealBatch(sealer);
    });
    await Promise.all(writers);
    writing = false;
    await Promise.all(sealers);
    while ((await sealBatch(other)) > 0);
    await other.close();
    expect(await verifyAudit(ledger.db, null)).toMatchObject({ ok: true, events: 60, unsealed: 0 });
    expect(new Set(await sealed(ledger)).size).toBe(60);
  });

  it('seals a thousand at a time and reads more than that', async () => {
    const { ledger } = shared();
    await write(ledger, ...Array.from({ length: 1001 }, (_, n) => n));
    expect([await sealBatch(ledger), await sealBatch(ledger)]).toEqual([1000, 1]);
    expect(await verifyAudit(ledger.db, null)).toMatchObject({ ok: true, events: 1001 });
  });
});
