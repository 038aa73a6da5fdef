/** What somebody does who can write to the ledger, and has not the key of the audit log: it shows. */
import { describe, expect, it } from 'vitest';
import { recordAudit } from '../../db/audit.ts';
import { sealBatch } from '../../db/audit-seal.ts';
import { verifyAudit } from '../../db/audit-verify.ts';
import { verifyRows } from '../../db/ledger-verify.ts';
import { createHeadTeller } from '../../src/reconcile/audit-heads.ts';
import { alerts, events } from '../support/acts.ts';
import { ledgerForFile } from '../support/empty-ledger.ts';
import { createHouse, silent } from '../support/house.ts';
import { createRecordingLog } from '../support/recording-log.ts';
import { another, at, key, rewritten, sealedGrant, tamper, wellChained } from '../support/tampering.ts';

describe.each(['postgres', 'embedded'] as const)('a signed audit log on %s', (kind) => {
  const shared = ledgerForFile(kind, key);
  const live = () => sealedGrant(shared());

  it('verifies with its key, with its public key alone, and not with another', async () => {
    const { ledger, log } = await live();
    const whole = { ok: true, events: log.length, problem: null, signaturesChecked: true };
    expect(await verifyAudit(ledger.db, null, [key])).toMatchObject(whole);
    expect(await verifyRows(ledger.db)).toBeNull();
    expect(await verifyAudit(ledger.db, null, [another])).toMatchObject({
      ok: false,
      problem: expect.stringMatching(/^event \d+ is signed with another key/),
    });
  });

  it('that was rewritten as a whole without the key does not verify', async () => {
    const { ledger, log } = await live();
    await tamper(ledger, 'delete from audit_events', ...rewritten(log));
    expect(await verifyAudit(ledger.db, null)).toMatchObject({ ok: true, events: log.length });
    expect(await verifyAudit(ledger.db, null, [key])).toMatchObject({
      ok: false,
      problem: 'event 1 and what follows is not signed',
    });
    // Signatures that stood there before fit the old hashes only.
    const signed = log.find(({ signature }) => signature !== null);
    await tamper(
      ledger,
      `update audit_events set signature = '${signed?.signature}' where seq = ${signed?.seq}`,
    );
    expect(await verifyAudit(ledger.db, null, [key])).toMatchObject({
      ok: false,
      problem: `the signature of event ${signed?.seq} does not fit it`,
    });
  });

  it('that was rewritten as a whole shows also after Curfew sealed behind it', async () => {
    const { house, ledger, log } = await live();
    await tamper(ledger, 'delete from audit_events', ...rewritten(log));
    // Another process than the one that signed it: nothing in the ledger says that it ever was signed.
    const later = await createHouse({ ledger: shared(), clocks: house.clocks, vault: house.vault });
    later.clocks.pass(3600);
    await later.settle();
    const found = await verifyAudit(ledger.db, null, [key]);
    const adopted = (await events(later)).find(({ action }) => action === 'audit.key_adopted');
    const after = `${log.length}:${adopted?.prevHash}`;
    expect(found).toMatchObject({
      ok: false,
      problem: expect.stringContaining(`--unsigned-through ${after} `),
    });
    expect(adopted?.details).toEqual({ key: key.id, previous: null, after });
    expect(await alerts(later)).toContainEqual({ kind: 'audit-key-adopted', after });
    // Whoever noted the last event before there was a key is not deceived.
    const noted = { seq: log.length, hash: log.at(-1)?.hash ?? '' };
    expect(await verifyAudit(ledger.db, null, [key], noted)).toMatchObject({
      ok: false,
      problem: expect.stringContaining('not the one that was named'),
    });
    expect(later.vault.holds('dba', 'ana')).toBe(false);
  });

  it.each([
    [
      'rewritten without a signature',
      rewritten,
      /^event \d+ says .* nothing in events 1 to \d+ is any more$/,
    ],
    ['emptied', () => [], /^event 1 says .* all of it was removed$/],
  ])('that was %s is known by a process that signed it', async (_, left, problem) => {
    const { house, ledger, log } = await live();
    await tamper(ledger, 'delete from audit_events', ...left(log));
    house.clocks.pass(3600);
    await house.settle();
    for (const keys of [[key], []]) {
      expect(await verifyAudit(ledger.db, null, keys)).toMatchObject({
        ok: false,
        problem: expect.stringMatching(problem),
      });
    }
    expect(await alerts(house)).toContainEqual(expect.objectContaining({ kind: 'audit-tampered' }));
  });

  it('is told with the signature of its sealer, and where that is gone with none', async () => {
    const { house, ledger, log } = await live();
    const last = log.at(-1);
    const told = async () =>
      (await alerts(house)).flatMap((notice) => (notice.kind === 'audit-head' ? notice.head : []));
    const lines = createRecordingLog();
    const tell = () =>
      createHeadTeller({ ledger, clocks: house.clocks, log: { ...lines, child: () => silent } })();
    house.clocks.pass(90_000);
    await tell();
    expect((await told()).at(-1)).toBe(`${last?.seq}:${last?.hash}:${last?.signature}`);
    expect(lines.entries.map(({ level }) => level)).not.toContain('error');

    // The new chain is told as it is by the next day's head, and nothing in it is made genuine.
    await tamper(ledger, 'delete from audit_events', ...rewritten(log));
    house.clocks.pass(90_000);
    await tell();
    expect((await told()).at(-1)).toMatch(new RegExp(`^${last?.seq}:[0-9a-f]{64}$`));
    expect(lines.entries.map(({ level }) => level)).toContain('error');

    await tamper(
      ledger,
      'delete from audit_events',
      ...rewritten(log),
      `update audit_events set signature = '${last?.signature}' where seq = ${last?.seq}`,
    );
    house.clocks.pass(90_000);
    await tell();
    const message = `the signature of event ${last?.seq} does not fit it`;
    expect(await alerts(house)).toContainEqual({ kind: 'audit-tampered', message });
    const signatures = (await told()).map((head) => head.split(':')[2]);
    expect(signatures.slice(-2)).toEqual([last?.signature, undefined]);
  });

  it('shows an event that was put in by hand, also after Curfew sealed behind it', async () => {
    const { house, ledger, log } = await live();
    await tamper(ledger, wellChained(log));
    const seq = log.length + 1;
    expect(await verifyAudit(ledger.db, null, [key])).toMatchObject({
      ok: false,
      problem: `event ${seq} and what follows is not signed`,
    });
    house.clocks.pass(3600);
    await house.settle();
    const message = `events ${seq} to ${seq} were sealed without the key`;
    for (const keys of [[key], []]) {
      expect(await verifyAudit(ledger.db, null, keys)).toMatchObject({
        ok: false,
        problem: expect.stringContaining(message),
      });
    }
    expect(await alerts(house)).toContainEqual({ kind: 'audit-tampered', message });
    // It ended all the same.
    expect(house.vault.holds('dba', 'ana')).toBe(false);
  });

  it.each([
    [
      'is altered',
      `update audit_inbox set actor = 'slack:U-eve eve@acme.test' where action = 'step.2'`,
      'altered',
    ],
    [
      'is added',
      `insert into audit_inbox (at, actor, action, details) values (now(), 'curfew', 'grant.live', '{}')`,
      'somebody without the key',
    ],
  ])('shows what %s before it is sealed', async (_, statement, words) => {
    const house = await createHouse({ ledger: shared() });
    const { ledger } = house;
    const write = (action: string) =>
      ledger.tx((tx) =>
        recordAudit(tx, at, [{ actor: 'curfew', action, details: { when: at, n: 1e21, none: undefined } }]),
      );
    await write('step.1');
    await sealBatch(ledger, at);
    await write('step.2');
    expect(await verifyAudit(ledger.db, null, [key])).toMatchObject({ ok: true, unsealed: 1 });
    await tamper(ledger, statement);
    expect(await verifyAudit(ledger.db, null, [key])).toMatchObject({
      ok: false,
      problem: expect.stringContaining('was not written with the key'),
    });
    await house.settle();
    const sealed = await verifyAudit(ledger.db, null, [key]);
    expect(sealed).toMatchObject({ ok: false, unsealed: 0, problem: expect.stringContaining(words) });
    const log = await events(house);
    const found = log.find(({ action }) => action === 'audit.tampered');
    expect(found?.details).toMatchObject({
      found: { actor: expect.any(String), action: expect.any(String) },
    });
  });
});
