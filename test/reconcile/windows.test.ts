/** What time alone does: starts fail, windows close, readings come round, requests lapse, people are reminded. */
import { eq } from 'drizzle-orm';
import { expect, it } from 'vitest';
import { cards, notices } from '../../db/schema-messages.ts';
import { ConnectorError } from '../../src/connectors/connector.ts';
import { submitRequest } from '../../src/operations/submit-request.ts';
import { actions, askForMore, callsOf, events, liveGrant } from '../support/acts.ts';
import { ledgerForFile } from '../support/empty-ledger.ts';
import { createHouse, type House, testRole } from '../support/house.ts';
import { createVault } from '../support/vault.ts';

const ledger = ledgerForFile();
const newHouse = () => createHouse({ ledger: ledger() });
const inMinutes = (house: House, minutes: number) =>
  new Date(house.clocks.now().getTime() + minutes * 60_000);

it('fails a grant that is not live within fifteen minutes, and rolls back what was given', async () => {
  const vaults = [createVault('vault'), createVault('other')] as const;
  const entitlements = [
    { connector: 'vault', permission: { key: 'dba' } },
    { connector: 'other', permission: { key: 'admin' } },
  ];
  const house = await createHouse({
    ledger: ledger(),
    vault: vaults[0],
    connectors: vaults.map(({ connector }) => connector),
    roles: [testRole({ entitlements })],
  });
  const id = await house.ask();
  await house.approve(id);
  vaults[1].state.down = true;
  await house.settle();
  house.clocks.pass(899);
  await house.settle();
  expect((await house.view(id)).grant).toMatchObject({ state: 'starting' });
  expect(vaults[0].holds('dba', 'ana')).toBe(true);
  house.clocks.pass(1);
  await house.settle();
  expect(vaults[0].holds('dba', 'ana')).toBe(false);
  expect((await house.view(id)).grant).toMatchObject({ endReason: 'failed', liveAt: null });
  expect(vaults[1].calls).not.toContain('grant');
});

it('tries again while a target is down, and is live when it is back in time', async () => {
  const house = await newHouse();
  const id = await house.ask();
  await house.approve(id);
  house.vault.state.down = true;
  for (let minute = 0; minute < 5; minute += 1) {
    await house.settle();
    house.clocks.pass(60);
  }
  expect((await house.view(id)).grant).toMatchObject({ state: 'starting' });
  expect((await actions(house)).filter((action) => action === 'connector.failed')).toHaveLength(5);
  house.vault.state.down = false;
  const now = house.clocks.now().getTime();
  await house.settle();
  // Nothing had been called: the hour begins only now.
  expect((await house.view(id)).grant).toMatchObject({ state: 'live', endsAt: new Date(now + 3600_000) });
});

it('counts the hour from the first call that may have landed, not from when it was seen', async () => {
  const house = await newHouse();
  const id = await house.ask();
  await house.approve(id);
  const end = inMinutes(house, 60);
  Object.assign(house.vault.state, { ignoreGrants: true, failAfterEffect: true });
  await house.settle();
  house.clocks.pass(600);
  Object.assign(house.vault.state, { ignoreGrants: false, failAfterEffect: false });
  await house.settle();
  expect((await house.view(id)).grant).toMatchObject({ state: 'live', endsAt: end });
});

it('counts no time from a call that certainly gave nothing', async () => {
  const house = await newHouse();
  const id = await house.ask();
  await house.approve(id);
  house.vault.onBefore(async (call) => {
    if (call === 'grant') throw new ConnectorError('retryable', 'busy', 'busy', { outcomeKnown: true });
  });
  await house.settle();
  expect(callsOf(house, 'grant')).toBe(1);
  house.vault.onBefore(async () => {});
  house.clocks.pass(600);
  const live = house.clocks.now();
  await house.settle();
  const { grant } = await house.view(id);
  expect(grant).toMatchObject({ state: 'live', endsAt: new Date(live.getTime() + 3_600_000) });
});

it('ends no later than the named moment, whenever it began', async () => {
  const house = await newHouse();
  const until = inMinutes(house, 20);
  const asked = await submitRequest(house.ctx, {
    deliveryKey: house.deliveryKey(),
    requester: await house.person('ana'),
    role: 'prod-dba',
    durationS: 1200,
    endsBy: until,
    reference: null,
    reason: 'until then',
  });
  if (!asked.ok) throw new Error('refused');
  house.clocks.pass(600);
  await house.approve(asked.id);
  // The ten minutes that are left begin three minutes late, and do not become longer by it.
  house.vault.state.down = true;
  await house.settle();
  house.clocks.pass(180);
  house.vault.state.down = false;
  await house.settle();
  expect((await house.view(asked.id)).grant).toMatchObject({ state: 'live', endsAt: until });
});

it('gives an approval for less exactly that', async () => {
  const house = await newHouse();
  const id = await house.ask();
  await house.approve(id, 'omar', 600);
  await house.settle();
  expect((await house.view(id)).grant).toMatchObject({ state: 'live', endsAt: inMinutes(house, 10) });
});

it('reads live access back every five minutes', async () => {
  const house = await newHouse();
  await liveGrant(house);
  const reads: number[] = [];
  for (const seconds of [299, 1, 299, 1]) {
    const before = callsOf(house, 'inspect');
    house.clocks.pass(seconds);
    await house.settle();
    reads.push(callsOf(house, 'inspect') - before);
  }
  expect(reads).toEqual([0, 1, 0, 1]);
});

it('moves the end when more time is approved, and ends then', async () => {
  const house = await newHouse();
  const id = await liveGrant(house);
  const end = inMinutes(house, 90);
  const more = await askForMore(house, id, 1800);
  if (!more.ok) throw new Error('refused');
  await house.approve(more.id);
  expect((await house.view(id)).grant).toMatchObject({ state: 'live', endsAt: end, durationS: 5400 });
  house.clocks.pass(5399);
  await house.settle();
  expect(house.vault.holds('dba', 'ana')).toBe(true);
  house.clocks.pass(1);
  await house.settle();
  expect(house.vault.holds('dba', 'ana')).toBe(false);
});

it('counts from the end of the window, not from when it was noticed, how long the access outlived it', async () => {
  const house = await newHouse();
  const id = await liveGrant(house);
  // Nobody looks for ten minutes more than an hour.
  house.clocks.pass(3600 + 600);
  await house.settle();
  const ended = (await events(house)).find(({ action }) => action === 'grant.ended');
  expect(ended?.details).toMatchObject({ request: id, reason: 'window', confirmedAfterS: 600 });
});

it('does not move an end that has passed, also where nobody swept yet, and leaves that on record', async () => {
  const house = await newHouse();
  const id = await liveGrant(house);
  const more = await askForMore(house, id, 1800);
  if (!more.ok) throw new Error('refused');
  house.clocks.pass(3600);
  expect(await house.approve(more.id)).toMatchObject({ ok: false, refusal: { code: 'already-over' } });
  await house.settle();
  expect((await house.view(id)).grant).toMatchObject({ state: 'ended', endReason: 'window' });
  expect((await house.view(more.id)).request).toMatchObject({ state: 'cancelled' });
  expect((await events(house)).map(({ action, details }) => [action, details.request])).toContainEqual([
    'request.cancelled',
    more.id,
  ]);
});

it('lets an undecided request lapse after eight hours, with one reminder at half time', async () => {
  const house = await newHouse();
  const id = await house.ask();
  house.clocks.pass(4 * 3600 - 1);
  await house.settle();
  const waiting = () =>
    house.ledger.db
      .select()
      .from(notices)
      .where(eq(notices.requestId, id))
      .then((rows) => rows.filter(({ notice }) => notice.kind === 'still-waiting'));
  expect(await waiting()).toEqual([]);
  house.clocks.pass(1);
  await house.settle();
  await house.settle();
  const recipients = (await waiting()).map(({ audience, recipient }) => `${audience} ${recipient}`.trim());
  expect(recipients.sort()).toEqual([
    'person lea@acme.test',
    'person omar@acme.test',
    'thread #access-approvals',
  ]);
  house.clocks.pass(4 * 3600 - 1);
  await house.settle();
  expect((await house.view(id)).request).toMatchObject({ state: 'pending' });
  house.clocks.pass(1);
  await house.settle();
  expect((await house.view(id)).request).toMatchObject({ state: 'expired' });
  expect(await house.approve(id)).toMatchObject({ ok: false });
});

it('reminds the requester once, five minutes before the end', async () => {
  const house = await newHouse();
  const id = await liveGrant(house);
  const reminders = () =>
    house.ledger.db
      .select()
      .from(cards)
      .where(eq(cards.requestId, id))
      .then((rows) => rows.filter(({ audience }) => audience === 'reminder').length);
  house.clocks.pass(3299);
  await house.settle();
  expect(await reminders()).toBe(0);
  house.clocks.pass(1);
  await house.settle();
  house.clocks.pass(60);
  await house.settle();
  expect(await reminders()).toBe(1);
});
