/** Which messages go first, however many wait: alerts, then channels, then the rest, everybody in their turn. */
import { randomUUID } from 'node:crypto';
import { sql } from 'drizzle-orm';
import { beforeEach, expect, it } from 'vitest';
import { leaseCards, leaseNotices } from '../../db/message-leases.ts';
import { type Audience, intendCards, intendNotices, type NoticeIntent } from '../../db/messages.ts';
import type { ChatPort } from '../../src/chat/port.ts';
import { createMessageSync } from '../../src/reconcile/messages/sync.ts';
import { createTestDirectory } from '../support/directory.ts';
import { ledgerForFile } from '../support/empty-ledger.ts';
import { createGate } from '../support/gate.ts';
import { createHouse, type House, silent } from '../support/house.ts';

const ledger = ledgerForFile();
let house: House;
let urgent: string;
const COMMANDS = 40;
const OWNERS = 100;

/** Ben has said forty commands for roles with a hundred owners; then Ana asks once, and an end is overdue. */
async function backlog(): Promise<void> {
  house = await createHouse({ ledger: ledger() });
  const { db } = house.ledger;
  const first = await house.ask('ben');
  await db.execute(sql`
    insert into requests select (jsonb_populate_record(r, jsonb_build_object('id', 'R-B' || n, 'role', 'role' || n))).*
    from requests r, generate_series(1, ${COMMANDS}::int) n where r.id = ${first}`);
  const real = house.clocks.real();
  await db.execute(sql`delete from cards`);
  await db.execute(sql`delete from notices`);
  await db.execute(sql`
    insert into cards (request_id, audience, platform, recipient, due_at)
    select 'R-B' || n, 'channel', 'slack', '#access-approvals', ${real.toISOString()}::timestamptz
    from generate_series(1, ${COMMANDS}::int) n
    union all
    select 'R-B' || n, 'owner', 'slack', 'owner' || o || '@acme.test', ${real.toISOString()}::timestamptz
    from generate_series(1, ${COMMANDS}::int) n, generate_series(1, ${OWNERS}::int) o`);
  house.clocks.passReal(5);
  urgent = await house.ask('ana');
  await db.execute(sql`delete from cards where request_id = ${urgent}`);
  const intent = (audience: Audience, recipient: string) => ({
    requestId: urgent,
    audience,
    platform: 'slack',
    recipient,
  });
  await house.ledger.tx((tx) =>
    intendCards(
      tx,
      [
        intent('channel', '#access-approvals'),
        intent('owner', 'omar@acme.test'),
        intent('overdue', '#security-alerts'),
      ],
      house.clocks.real(),
    ),
  );
}

const terms = (isUrgent: boolean) => ({
  real: house.clocks.real(),
  until: new Date(house.clocks.real().getTime() + 60_000),
  token: randomUUID(),
  limit: 8,
  urgent: isUrgent,
  waiting: [],
});

async function freeAll(): Promise<void> {
  await house.ledger.db.execute(sql`update cards set lease_token = null, lease_until = null`);
}

beforeEach(backlog);

it('posts somebody else’s card in the channel, and the alert, in the first round', async () => {
  await freeAll();
  const alerts = await leaseCards(house.ledger.db, terms(true));
  expect(alerts.map(({ audience }) => audience)).toEqual(['overdue']);
  const round = await leaseCards(house.ledger.db, terms(false));
  expect(
    round
      .filter(({ requestId }) => requestId === urgent)
      .map(({ audience }) => audience)
      .sort(),
  ).toEqual(['channel', 'owner']);
});

it('gives no place more than two at a time, and fills the rest with others', async () => {
  await freeAll();
  const places = new Map<string, number>();
  for (let rounds = 0; rounds < 5; rounds += 1)
    for (const { recipient } of await leaseCards(house.ledger.db, terms(false)))
      places.set(recipient, (places.get(recipient) ?? 0) + 1);
  expect([...places.values()].reduce((a, b) => a + b, 0)).toBe(40);
  expect(Math.max(...places.values())).toBeLessThanOrEqual(2);
});

it('leases nothing twice to two that look at once', async () => {
  await freeAll();
  const both = await Promise.all([1, 2].map(() => leaseCards(house.ledger.db, terms(false))));
  const ids = both.flat().map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  expect(both.every((rows) => rows.length > 0)).toBe(true);
});

it('holds up nothing for a post that takes its time', async () => {
  await freeAll();
  const gate = createGate();
  const posted: string[] = [];
  const { port } = createTestDirectory();
  const slow: ChatPort = {
    ...port,
    profileByEmail: async (email) => ({ ...(await port.profile('U-x')), userId: email, email }) as never,
    conversation: async (name) => ({ id: name, name, shared: false }),
    direct: async (userId) => userId,
    async post(conversation) {
      if (conversation === '#access-approvals') await gate.pass();
      posted.push(conversation);
      return { conversation, message: randomUUID() };
    },
    say: async (conversation) => ({ conversation, message: randomUUID() }),
    update: async () => {},
    find: async () => null,
  };
  const { ctx, clocks } = house;
  const sync = createMessageSync({
    ledger: house.ledger,
    clocks,
    catalog: ctx.catalog,
    platforms: ['slack'],
    ports: new Map([['slack', slow]]),
    log: silent,
    random: () => 0.5,
  });
  const done = sync.sweep();
  await expect.poll(() => posted.length).toBeGreaterThan(50);
  expect(posted).toContain('#security-alerts');
  expect(posted).not.toContain('#access-approvals');
  await house.ledger.db.execute(sql`update cards set due_at = null where lease_token is null`);
  gate.open();
  await done;
});

/** At half-time of Ben's forty requests each owner is reminded of each, in one go; then Ana's request is decided. */
async function reminders(): Promise<void> {
  const { db } = house.ledger;
  await db.execute(sql`delete from cards`);
  const real = house.clocks.real().toISOString();
  await db.execute(sql`
    insert into notices (request_id, audience, platform, recipient, notice, at, due_at)
    select 'R-B' || n, 'person', 'slack', 'owner' || o || '@acme.test',
      '{"kind": "still-waiting", "until": "2026-01-01T00:00:00.000Z"}', ${real}::timestamptz, ${real}::timestamptz
    from generate_series(1, ${COMMANDS}::int) n, generate_series(1, ${OWNERS}::int) o`);
}

async function tell(...intents: Pick<NoticeIntent, 'requestId' | 'recipient' | 'notice'>[]): Promise<void> {
  const times = { now: house.clocks.now(), real: house.clocks.real() };
  const lines = intents.map((intent) => ({ ...intent, audience: 'person', platform: 'slack' }) as const);
  await house.ledger.tx((tx) => intendNotices(tx, lines, times));
}

const approved = { kind: 'approved', by: 'omar@acme.test', durationS: 60 } as const;
const live = { kind: 'live', until: '2026-01-01T00:00:00.000Z' } as const;
const waits = { kind: 'still-waiting', until: '2026-01-01T00:00:00.000Z' } as const;
const round = async () => {
  const rows = await leaseNotices(house.ledger.db, terms(false));
  return rows.sort((a, b) => a.id - b.id);
};
const posted = () =>
  house.ledger.db.execute(
    sql`update notices set due_at = null where lease_token is not null and due_at is not null`,
  );

it('says what was decided in the first round, however many reminders wait before it', async () => {
  await reminders();
  await tell({ requestId: urgent, recipient: 'ana@acme.test', notice: approved });
  const rows = await round();
  expect(rows).toHaveLength(8);
  expect(rows.at(-1)).toMatchObject({ requestId: urgent, recipient: 'ana@acme.test', notice: approved });
});

it('everybody has their turn for lines, however many of somebody else’s wait', async () => {
  await tell(
    ...Array.from({ length: 400 }, (_, n) => ({
      requestId: `R-B${1 + (n % COMMANDS)}`,
      recipient: `owner${n}@acme.test`,
      notice: live,
    })),
    { requestId: urgent, recipient: 'omar@acme.test', notice: approved },
  );
  expect((await round()).filter(({ requestId }) => requestId === urgent)).toHaveLength(1);
});

it('keeps the order within a conversation, and lets no news wait in line with reminders alone', async () => {
  await reminders();
  await tell(
    { requestId: urgent, recipient: 'omar@acme.test', notice: waits },
    { requestId: urgent, recipient: 'omar@acme.test', notice: approved },
    { requestId: urgent, recipient: 'omar@acme.test', notice: live },
  );
  const told: string[] = [];
  for (let rounds = 0; rounds < 3; rounds += 1) {
    for (const { recipient, notice } of await round())
      if (recipient === 'omar@acme.test') told.push(notice.kind);
    await posted();
  }
  expect(told).toEqual(['still-waiting', 'approved', 'live']);
});

it('reminders are said too, one at a time to each person, and none twice', async () => {
  await reminders();
  const seen = new Set<number>();
  for (let rounds = 0; rounds < 10; rounds += 1) {
    const rows = (await Promise.all([round(), round()])).flat();
    expect(new Set(rows.map(({ recipient }) => recipient)).size).toBe(rows.length);
    for (const { id } of rows) {
      expect(seen.has(id)).toBe(false);
      seen.add(id);
    }
    await posted();
  }
  expect(seen.size).toBeGreaterThan(80);
});
