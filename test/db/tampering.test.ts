/** What somebody does who can write to the ledger, and has not the key of the audit log: it shows. */
import { sql } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import { readEvents, recordAudit } from '../../db/audit.ts';
import { sealBatch } from '../../db/audit-seal.ts';
import { verifyAudit } from '../../db/audit-verify.ts';
import type { Ledger } from '../../db/client.ts';
import { verifyRows } from '../../db/ledger-verify.ts';
import {
  type AuditEvent,
  GENESIS_HASH,
  type Head,
  hashEvent,
  headText,
} from '../../src/domain/audit-chain.ts';
import { createAuditKey } from '../../src/domain/audit-key.ts';
import { createHeadTeller } from '../../src/reconcile/audit-heads.ts';
import { alerts, askForMore, events, liveGrant } from '../support/acts.ts';
import { ledgerForFile } from '../support/empty-ledger.ts';
import { createHouse, type House, silent } from '../support/house.ts';
import { createRecordingLog } from '../support/recording-log.ts';

const key = createAuditKey('the key of this ledger, long enough');
const another = createAuditKey('another key, and long enough too');
const at = new Date('2026-11-20T14:00:00.000Z');

/** As a superuser, with the triggers off. */
const tamper = (ledger: Ledger, ...statements: string[]) =>
  ledger.tx(async (tx) => {
    await tx.execute(sql`set local session_replication_role = replica`);
    for (const statement of statements) await tx.execute(sql.raw(statement));
  });

const insertEvent = ({
  seq,
  actor,
  action,
  details,
  prevHash,
  hash,
  ...event
}: Omit<AuditEvent, 'signature'>) =>
  `insert into audit_events (seq, at, actor, action, details, prev_hash, hash)
   values (${seq}, '${event.at.toISOString()}', '${actor}', '${action}', '${JSON.stringify(details)}', '${prevHash}', '${hash}')`;

/** The same events, one of them with another actor, chained anew. */
function rewritten(log: readonly AuditEvent[]): string[] {
  let prevHash = GENESIS_HASH;
  return log.map((event) => {
    const content = { ...event, actor: event.seq === 2 ? 'somebody else' : event.actor, prevHash };
    prevHash = hashEvent(content);
    return insertEvent({ ...content, hash: prevHash });
  });
}

function wellChained(log: readonly AuditEvent[], action = 'request.approved'): string {
  const last = log.at(-1);
  const content = {
    seq: (last?.seq ?? 0) + 1,
    at,
    actor: 'slack:U-omar omar@acme.test',
    action,
    details: { request: 'R-7K3M' },
    prevHash: last?.hash ?? GENESIS_HASH,
  };
  return insertEvent({ ...content, hash: hashEvent(content) });
}

describe.each(['postgres', 'embedded'] as const)('a signed audit log on %s', (kind) => {
  const shared = ledgerForFile(kind, key);
  /** One live grant, all of it sealed. */
  async function live(): Promise<{ house: House; ledger: Ledger; id: string; log: AuditEvent[] }> {
    const house = await createHouse({ ledger: shared() });
    const id = await liveGrant(house);
    return { house, ledger: house.ledger, id, log: await events(house) };
  }

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

  it.each([
    [
      'the decision of a request',
      `update requests set decision = jsonb_set(decision, '{rule}', '"other"')`,
      'what was asked',
    ],
    ['its entitlements', `update requests set entitlements = '[]'`, 'what was asked'],
    ['who decided it', 'update requests set decided_by = requester_id', 'the state of the request'],
    [
      'the approver of a vote',
      'update votes set approver_id = (select requester_id from requests limit 1)',
      'its votes',
    ],
    ['what policy answered at a vote', `update votes set decision = '{}'`, 'its votes'],
    ['the risk of what was asked for', `update requests set risk = 'low'`, 'what was asked'],
    ['a vote, removed', 'delete from votes', 'its votes'],
    ["a grant's end, by a year", `update grants set ends_at = ends_at + interval '1 year'`, 'its grant'],
    ['a grant, ended by hand', `update grants set state = 'ended', ended_at = now()`, 'its grant'],
  ])('shows in the ledger: %s', async (_, statement, part) => {
    const { ledger, id, log } = await live();
    expect(await verifyRows(ledger.db)).toBeNull();
    await tamper(ledger, statement);
    expect(await verifyAudit(ledger.db, null, [key])).toMatchObject({ ok: true, events: log.length });
    expect(await verifyRows(ledger.db)).toMatch(
      new RegExp(`^${id}: ${part} is not what event \\d+ \\(.*\\) left$`),
    );
  });

  it('shows the end of a grant that is not live yet, moved beyond what was approved', async () => {
    const house = await createHouse({ ledger: shared() });
    const id = await house.ask();
    await house.approve(id);
    house.vault.state.down = true;
    await house.settle();
    expect((await house.view(id)).grant?.state).toBe('starting');
    expect(await verifyRows(house.ledger.db)).toBeNull();
    await tamper(house.ledger, `update grants set ends_at = ends_at + interval '1 year'`);
    expect(await verifyRows(house.ledger.db)).toMatch(new RegExp(`^${id}: its grant is not what event`));
  });

  it('shows a request that no event made, and one that is gone', async () => {
    const { ledger, id } = await live();
    await tamper(
      ledger,
      `insert into requests select (jsonb_populate_record(r, '{"id": "R-0000", "state": "approved"}')).* from requests r`,
    );
    expect(await verifyRows(ledger.db)).toBe('no event made R-0000, which is in the ledger');
    await tamper(ledger, `delete from requests where id = 'R-0000'`, 'delete from requests');
    expect(await verifyRows(ledger.db)).toMatch(new RegExp(`^${id} is not in the ledger, but event \\d+`));
  });

  it('holds each row against its last event, with an extension, a denial and an end', async () => {
    const { house, ledger, id } = await live();
    const more = await askForMore(house, id, 600);
    expect(more.ok).toBe(true);
    if (more.ok) await house.approve(more.id);
    expect(await verifyRows(ledger.db)).toBeNull();
    house.clocks.pass(7200);
    await house.settle();
    expect((await house.view(id)).grant?.state).toBe('ended');
    expect(await verifyRows(ledger.db)).toBeNull();
  });
});

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
