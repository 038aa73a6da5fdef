/** Nobody holds access for longer than was approved, whatever could not be confirmed; and a freeze begins nothing. */
import { expect, it } from 'vitest';
import { nextDue } from '../../db/next-due.ts';
import { readFreeze, setFreeze } from '../../db/switches.ts';
import { ConnectorError } from '../../src/connectors/connector.ts';
import { freeze } from '../../src/operations/set-freeze.ts';
import { actions, assignmentOf } from '../support/acts.ts';
import { ledgerForFile } from '../support/empty-ledger.ts';
import { createHouse, type House } from '../support/house.ts';

const ledger = ledgerForFile();
const newHouse = () => createHouse({ ledger: ledger() });
const grantOf = async (house: House, id: string) => (await house.view(id)).grant ?? expect.fail('no grant');

/** From the first grant on, nothing can be read back. */
function blind({ vault }: House): { sees: boolean } {
  const state = { sees: false };
  vault.onBefore(async (call) => {
    if (call !== 'inspect' || state.sees || !vault.calls.includes('grant')) return;
    throw new ConnectorError('retryable', 'unreachable', 'No answer.', { outcomeKnown: true });
  });
  return state;
}

it('access that was given and cannot be read back ends when the approved time is over since the call', async () => {
  const house = await newHouse();
  const state = blind(house);
  const id = await house.ask('ana', 'prod-dba', 60);
  await house.approve(id);
  const called = house.clocks.now().getTime();
  await house.settle();
  expect(await grantOf(house, id)).toMatchObject({ state: 'starting', endsAt: new Date(called + 60_000) });
  house.clocks.pass(59);
  await house.settle();
  expect(house.vault.holds('dba', 'ana')).toBe(true);
  house.clocks.pass(1);
  await house.settle();
  expect(house.vault.holds('dba', 'ana')).toBe(false);
  expect(await grantOf(house, id)).toMatchObject({ state: 'ending', endReason: 'window' });

  // Not confirmed: people are called a minute after the end, counted from the call.
  house.clocks.pass(59);
  await house.settle();
  expect((await grantOf(house, id)).overdueAlertedAt).toBeNull();
  house.clocks.pass(1);
  await house.settle();
  expect((await grantOf(house, id)).overdueAlertedAt).toEqual(house.clocks.now());
  state.sees = true;
  house.clocks.pass(60);
  await house.settle();
  expect(await grantOf(house, id)).toMatchObject({ state: 'ended' });
});

it('tells the target of the end that counts from the call, not of the latest one', async () => {
  const house = await newHouse();
  const ends: (Date | null)[] = [];
  const { connector } = house.vault;
  const grant = connector.grant.bind(connector);
  Object.assign(connector, {
    grant: (edge: never, call: { endsAt: Date | null }) => {
      ends.push(call.endsAt);
      return grant(edge, call as never);
    },
  });
  await house.approve(await house.ask('ana', 'prod-dba', 600));
  const called = house.clocks.now().getTime();
  await house.settle();
  expect(ends).toEqual([new Date(called + 600_000)]);
});

it('a call that certainly gave nothing takes no time from anybody', async () => {
  const house = await newHouse();
  house.vault.onBefore(async (call) => {
    if (call === 'grant' && house.vault.calls.filter((each) => each === 'grant').length === 1)
      throw new ConnectorError('retryable', 'unreachable', 'No answer.', { outcomeKnown: true });
  });
  const id = await house.ask('ana', 'prod-dba', 60);
  await house.approve(id);
  await house.settle();
  const { startBy, endsAt } = await grantOf(house, id);
  expect(endsAt).toEqual(new Date(startBy.getTime() + 60_000));
  house.clocks.pass(90);
  const called = house.clocks.now().getTime();
  await house.settle();
  expect(await grantOf(house, id)).toMatchObject({ state: 'live', endsAt: new Date(called + 60_000) });
});

it('a freeze ends what was approved while the target was down: it is never given, and people are told', async () => {
  const house = await newHouse();
  const id = await house.ask();
  await house.approve(id);
  house.vault.state.down = true;
  await house.settle();
  await freeze(house.ctx, { on: true, actor: 'cli:root', note: null });
  house.vault.state.down = false;
  for (let minute = 0; minute < 3; minute += 1) {
    house.clocks.pass(60);
    await house.settle();
  }
  expect(house.vault.calls).not.toContain('grant');
  expect(await grantOf(house, id)).toMatchObject({
    state: 'ended',
    endReason: 'failed',
    endNote: 'Everything was frozen before it was live.',
    liveAt: null,
  });
  expect(await actions(house)).toEqual(expect.arrayContaining(['freeze.on', 'grant.ending', 'grant.ended']));
  await freeze(house.ctx, { on: false, actor: 'cli:root', note: null });
  await house.settle();
  expect(house.vault.calls).not.toContain('grant');
});

it('a freeze takes back what was given and not confirmed yet, and leaves what is live', async () => {
  const house = await newHouse();
  const live = await house.ask('eva');
  await house.approve(live);
  await house.settle();
  const { vault } = house;
  vault.onBefore(async (call) => {
    if (call === 'inspect' && vault.holds('dba', 'ana'))
      throw new ConnectorError('retryable', 'unreachable', 'No answer.', { outcomeKnown: true });
  });
  const id = await house.ask();
  await house.approve(id);
  await house.settle();
  expect(vault.holds('dba', 'ana')).toBe(true);
  await freeze(house.ctx, { on: true, actor: 'cli:root', note: null });
  await house.settle();
  expect(vault.holds('dba', 'ana')).toBe(false);
  expect(await grantOf(house, id)).toMatchObject({ state: 'ended', endReason: 'failed' });
  expect(await grantOf(house, live)).toMatchObject({ state: 'live' });
});

it('no call is begun once everything is frozen, also where the freeze comes between the reading and the call', async () => {
  const house = await newHouse();
  const { db } = house.ledger;
  const id = await house.ask();
  await house.approve(id);
  house.vault.onBefore(async (call) => {
    if (call !== 'inspect' || (await readFreeze(db))?.on) return;
    await house.ledger.tx((tx) =>
      setFreeze(tx, { on: true, actor: 'cli:root', note: null, at: house.clocks.now() }),
    );
  });
  house.vault.calls.length = 0;
  await house.settle();
  expect(house.vault.calls).not.toContain('grant');
  await house.settle();
  expect(await grantOf(house, id)).toMatchObject({ state: 'ended', endReason: 'failed' });
});

it('a retry and the alert of what is overdue are moments that a timer is set for', async () => {
  const house = await newHouse();
  const id = await house.ask('ana', 'prod-dba', 60);
  await house.approve(id);
  await house.settle();
  house.vault.state.down = true;
  house.clocks.pass(60);
  const ended = house.clocks.now();
  await house.settle();
  const { retryAt } = await assignmentOf(house);
  const next = await nextDue(
    house.ledger.db,
    { ledger: house.clocks.now(), real: house.clocks.real() },
    { overdueAfterS: 60 },
  );
  expect(retryAt).not.toBeNull();
  expect(next).toEqual({ real: retryAt, ledger: new Date(ended.getTime() + 60_000) });
});
