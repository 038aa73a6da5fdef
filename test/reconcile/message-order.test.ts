/** Which messages go first, however many wait: alerts, then channels, then the rest, everybody in their turn. */
import { randomUUID } from 'node:crypto';
import { sql } from 'drizzle-orm';
import { beforeEach, expect, it } from 'vitest';
import { leaseCards } from '../../db/message-leases.ts';
import { type Audience, intendCards } from '../../db/messages.ts';
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
