/** The key of an audit log: set from the beginning, later, or changed. */
import { describe, expect, it } from 'vitest';
import { readEvents, recordAudit } from '../../db/audit.ts';
import { sealBatch } from '../../db/audit-seal.ts';
import { verifyAudit } from '../../db/audit-verify.ts';
import type { Ledger } from '../../db/client.ts';
import { GENESIS_HASH, type Head, hashEvent, headText } from '../../src/domain/audit-chain.ts';
import { ledgerForFile } from '../support/empty-ledger.ts';
import { another, at, insertEvent, key, tamper } from '../support/tampering.ts';

describe('the key of an audit log', () => {
  const shared = ledgerForFile();
  const write = (ledger: Ledger, action: string) =>
    ledger.tx((tx) => recordAudit(tx, at, [{ actor: 'curfew', action, details: {} }]));
  const withKey = (auditKey: typeof key): Ledger => {
    const { ledger } = shared();
    const keyed = (tx: Ledger['db']) => Object.assign(Object.create(tx), { auditKey }) as Ledger['db'];
    return { ...ledger, auditKey, db: keyed(ledger.db), tx: (work) => ledger.tx((tx) => work(keyed(tx))) };
  };
  async function firstEvent(ledger: Ledger): Promise<Head> {
    for await (const { seq, hash } of readEvents(ledger.db)) return { seq, hash };
    throw new Error('the log is empty');
  }
  async function actionsIn(ledger: Ledger): Promise<string[]> {
    const found: string[] = [];
    for await (const { action } of readEvents(ledger.db)) found.push(action);
    return found;
  }

  it('may be set later, which is put on record', async () => {
    const { ledger } = shared();
    await write(ledger, 'before.1');
    await sealBatch(ledger, at);
    await write(ledger, 'before.2');
    const signing = withKey(key);
    await sealBatch(signing, at);
    await write(signing, 'after.1');
    await sealBatch(signing, at);
    expect(await actionsIn(ledger)).toEqual(['before.1', 'audit.key_adopted', 'before.2', 'after.1']);
    const before = await firstEvent(ledger);
    expect(await verifyAudit(ledger.db, null, [key])).toMatchObject({
      ok: false,
      events: 1,
      problem:
        'nothing vouches for events 1 to 1, behind which event 2 adopted a first key at 2026-11-20T14:00:00.000Z: ' +
        `pass --unsigned-through 1:${before.hash} if the key was set at that time by you, else the log was written anew`,
    });
    const whole = { ok: true, signedFrom: 3, events: 4, problem: null };
    expect(await verifyAudit(ledger.db, null, [key], before)).toMatchObject(whole);
    expect(await verifyAudit(ledger.db, null, [key], { ...before, seq: 3 })).toMatchObject({ ok: false });
    // Without a key nothing is said of signatures, as before.
    expect(await verifyAudit(ledger.db, null)).toMatchObject(whole);
  });

  it('vouches for no beginning of which no event says that it had none', async () => {
    const { ledger } = shared();
    let head: Head = { seq: 0, hash: GENESIS_HASH };
    const statements = Array.from({ length: 1_002 }, (_, index) => {
      const content = { at, actor: 'curfew', action: 'step', details: {} };
      const event = { ...content, seq: index + 1, prevHash: head.hash };
      head = { seq: event.seq, hash: hashEvent(event) };
      return insertEvent({ ...event, hash: head.hash });
    });
    await tamper(ledger, ...statements);
    await tamper(
      ledger,
      `update audit_events set signature = '${key.sign(headText(head))}' where seq = 1002`,
    );
    expect(await verifyAudit(ledger.db, null, [key])).toMatchObject({
      ok: false,
      problem: 'event 1002 bears the first signature, and no event says from when on there was a key',
    });
  });

  it('may be changed: the earlier one is still needed to verify what it signed', async () => {
    const first = withKey(key);
    const second = withKey(another);
    await write(first, 'one');
    await sealBatch(first, at);
    await write(second, 'two');
    await sealBatch(second, at);
    expect(await actionsIn(first)).toEqual(['one', 'audit.key_adopted', 'two']);
    expect(await verifyAudit(first.db, null, [key, another])).toMatchObject({ ok: true });
    expect(await verifyAudit(second.db, null, [another])).toMatchObject({
      ok: false,
      problem: expect.stringContaining('another key'),
    });
  });

  it('once set, is needed: a process without it seals nothing', async () => {
    const { ledger } = shared();
    const signing = withKey(key);
    await write(signing, 'one');
    await sealBatch(signing, at);
    await write(ledger, 'two');
    expect(await sealBatch(ledger, at)).toEqual({ count: 0, tampered: [], leftToOthers: true });
    expect(await actionsIn(ledger)).toEqual(['one']);
  });
});
