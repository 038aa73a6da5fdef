/** Taking away: for ever, until the target, read back, confirms it; and never on the strength of an old reading. */
import { expect, it } from 'vitest';
import { ConnectorError } from '../../src/connectors/connector.ts';
import { actions, alerts, assignmentOf, callsOf, done, liveGrant } from '../support/acts.ts';
import { ledgerForFile } from '../support/empty-ledger.ts';
import { createHouse, type House, type HouseOptions } from '../support/house.ts';
import { createVault } from '../support/vault.ts';

const ledger = ledgerForFile();
const newHouse = (options: HouseOptions = {}) => createHouse({ ledger: ledger(), ...options });
const stateOf = async (house: House, id: string) => (await house.view(id)).grant?.state;

it('does not believe an absence while a call nobody saw the end of may still land', async () => {
  const house = await newHouse();
  const { state } = house.vault;
  Object.assign(state, { ignoreGrants: true, failAfterEffect: true });
  const id = await house.ask();
  await house.approve(id);
  await house.settle();
  Object.assign(state, { ignoreGrants: false, failAfterEffect: false });
  await done(house, id);
  await house.settle();
  expect(house.vault.holds('dba', 'ana')).toBe(false);
  expect(await stateOf(house, id)).toBe('ending');

  // The call may take 10 s, and its effect may land for 5 s more.
  house.clocks.pass(14);
  house.vault.put('dba', 'ana');
  await house.settle();
  expect(await stateOf(house, id)).toBe('ending');
  house.clocks.pass(1);
  await house.settle();
  expect(house.vault.holds('dba', 'ana')).toBe(false);
  expect(await stateOf(house, id)).toBe('ended');
});

it.each([
  ['does not answer', new ConnectorError('retryable', 'unreachable', 'no answer', { outcomeKnown: true })],
  ['refuses for good', new ConnectorError('terminal', 'permission_denied', 'no', { outcomeKnown: true })],
])('tries for ever to take away, at most a minute apart, when the target %s', async (_, error) => {
  const house = await newHouse();
  const id = await liveGrant(house);
  await done(house, id);
  house.vault.onBefore(async (call) => {
    if (call === 'revoke') throw error;
  });
  const waits: number[] = [];
  for (let i = 0; i < 30; i += 1) {
    await house.settle();
    const { retryAt } = await assignmentOf(house);
    const wait = ((retryAt?.getTime() ?? 0) - house.clocks.real().getTime()) / 1000;
    waits.push(wait);
    house.clocks.pass(wait);
  }
  expect(callsOf(house, 'revoke')).toBe(30);
  expect(waits.slice(0, 7)).toEqual([0.75, 1.5, 3, 6, 12, 24, 45]);
  expect(new Set(waits.slice(7))).toEqual(new Set([45]));
  expect(await stateOf(house, id)).toBe('ending');

  house.vault.onBefore(async () => {});
  await house.settle();
  expect(house.vault.holds('dba', 'ana')).toBe(false);
  expect(await stateOf(house, id)).toBe('ended');
});

it('calls people once when access is still there a minute after its end', async () => {
  const house = await newHouse();
  const id = await liveGrant(house);
  house.vault.state.down = true;
  await done(house, id);
  house.clocks.pass(59);
  await house.settle();
  expect(await actions(house)).not.toContain('grant.overdue');
  house.clocks.pass(1);
  await house.settle();
  house.clocks.pass(600);
  await house.settle();
  expect((await actions(house)).filter((action) => action === 'grant.overdue')).toHaveLength(1);
});

it('goes on when the target shows the access after it said that it was removed', async () => {
  const house = await newHouse();
  const id = await liveGrant(house);
  await done(house, id);
  const { revoke } = house.vault.connector;
  house.vault.connector.revoke = async () => {};
  await house.settle();
  expect(await stateOf(house, id)).toBe('ending');
  expect(await assignmentOf(house)).toMatchObject({ state: 'removing', lastErrorCode: 'still_present' });
  house.vault.connector.revoke = revoke;
  house.clocks.pass(1);
  await house.settle();
  expect(await stateOf(house, id)).toBe('ended');
});

it('does not take a failed reading for absence', async () => {
  const house = await newHouse();
  const id = await liveGrant(house);
  await done(house, id);
  let revoked = false;
  house.vault.onBefore(async (call) => {
    revoked ||= call === 'revoke';
    if (revoked && call === 'inspect')
      throw new ConnectorError('retryable', 'unreachable', 'no answer', { outcomeKnown: true });
  });
  await house.settle();
  expect(house.vault.holds('dba', 'ana')).toBe(false);
  expect(await stateOf(house, id)).toBe('ending');
});

it('ends the sessions begun before the removal, and says "ended" only after that', async () => {
  const vault = createVault('vault', { endsSessions: true });
  const house = await newHouse({ vault });
  const id = await liveGrant(house);
  vault.sessions.push({ account: 'ana', begun: house.clocks.real() });
  house.clocks.pass(10);
  await done(house, id);
  vault.onBefore(async (call) => {
    if (call === 'endSessions')
      throw new ConnectorError('terminal', 'permission_denied', 'no', { outcomeKnown: true });
  });
  await house.settle();
  expect(vault.holds('dba', 'ana')).toBe(false);
  expect(await stateOf(house, id)).toBe('ending');
  expect(await assignmentOf(house)).toMatchObject({ state: 'ending_sessions' });

  // A session begun after the removal is none of ours, however long ending the old ones takes. A minute is
  // allowed for the target's clock to be ahead of ours.
  house.clocks.pass(61);
  vault.sessions.push({ account: 'ana', begun: house.clocks.real() });
  for (let i = 0; i < 5; i += 1) {
    house.clocks.pass(60);
    await house.settle();
  }
  expect(callsOf(house, 'endSessions')).toBe(6);
  expect(await stateOf(house, id)).toBe('ending');
  vault.onBefore(async () => {});
  house.clocks.pass(60);
  await house.settle();
  expect(vault.sessions).toHaveLength(1);
  expect(await stateOf(house, id)).toBe('ended');
});

it('is stuck and calls people once, but confirms nothing, while the connector is gone from the configuration', async () => {
  const house = await newHouse();
  const id = await liveGrant(house);
  const { clocks, vault } = house;
  const without = await newHouse({ clocks, vault, connectors: [] });
  clocks.pass(3600);
  for (let i = 0; i < 4; i += 1) {
    await without.settle();
    clocks.pass(60);
  }
  expect(await stateOf(house, id)).toBe('ending');
  expect(vault.holds('dba', 'ana')).toBe(true);
  expect((await alerts(house)).filter(({ kind }) => kind === 'stuck')).toHaveLength(1);
  await house.settle();
  expect(vault.holds('dba', 'ana')).toBe(false);
  expect(await stateOf(house, id)).toBe('ended');
});

it('is stuck and calls people once, but confirms nothing, while another system stands in the target’s place', async () => {
  const house = await newHouse();
  const id = await liveGrant(house);
  house.vault.state.targetId = 'another';
  house.vault.take('dba', 'ana');
  house.clocks.pass(300);
  for (let i = 0; i < 4; i += 1) {
    await house.settle();
    house.clocks.pass(60);
  }
  expect(await stateOf(house, id)).toBe('live');
  expect((await alerts(house)).filter(({ kind }) => kind === 'stuck')).toHaveLength(1);
  house.clocks.pass(3600);
  await house.settle();
  expect(await stateOf(house, id)).toBe('ending');
  expect(await assignmentOf(house)).toMatchObject({ lastErrorCode: 'target_replaced' });
});
