/** Grants that meet on one edge: they share it, the last one out turns off the light, and none is announced too soon. */
import { expect, it } from 'vitest';
import { actions, callsOf, done, events, liveGrant } from '../support/acts.ts';
import { ledgerForFile } from '../support/empty-ledger.ts';
import { createGate } from '../support/gate.ts';
import { createHouse, type HouseOptions, testRole } from '../support/house.ts';
import { createVault } from '../support/vault.ts';

const ledger = ledgerForFile();
const roles = [testRole(), testRole({ name: 'prod-reader' })];
const newHouse = (options: HouseOptions = {}) => createHouse({ ledger: ledger(), roles, ...options });

it('keeps access until the last grant that wants it ends, and says that the first was shared', async () => {
  const house = await newHouse();
  const first = await liveGrant(house);
  const second = await liveGrant(house, 'ana', 'prod-reader');
  expect(callsOf(house, 'grant')).toBe(1);

  await done(house, first);
  await house.settle();
  expect(house.vault.holds('dba', 'ana')).toBe(true);
  expect((await house.view(first)).grant).toMatchObject({ state: 'ended' });
  expect((await house.view(second)).grant).toMatchObject({ state: 'live' });
  const shared = (await events(house)).find(({ action }) => action === 'grant.ended');
  expect(shared?.details).toMatchObject({ request: first, shared: true });

  await done(house, second);
  await house.settle();
  expect(house.vault.holds('dba', 'ana')).toBe(false);
  expect(callsOf(house, 'revoke')).toBe(1);
});

it('ends both of two grants that end together, with one removal', async () => {
  const house = await newHouse();
  const ids = [await liveGrant(house), await liveGrant(house, 'ana', 'prod-reader')];
  house.clocks.pass(3600);
  await house.settle();
  expect(house.vault.holds('dba', 'ana')).toBe(false);
  for (const id of ids) expect((await house.view(id)).grant).toMatchObject({ state: 'ended' });
  expect(callsOf(house, 'revoke')).toBe(1);
});

it('is not live on the strength of what a removal under way is about to take', async () => {
  const house = await newHouse();
  const first = await liveGrant(house);
  const gate = createGate();
  house.vault.onBefore((call) => (call === 'revoke' ? gate.pass() : Promise.resolve()));
  await done(house, first);
  const settled = house.settle();
  await gate.arrived;

  const second = await house.ask('ana', 'prod-reader');
  await house.approve(second);
  expect(house.vault.holds('dba', 'ana')).toBe(true);
  await house.reconcile.sweep();
  expect((await house.view(second)).grant).toMatchObject({ state: 'starting' });

  gate.open();
  await settled;
  expect((await house.view(first)).grant).toMatchObject({ state: 'ended' });
  expect((await house.view(second)).grant).toMatchObject({ state: 'live' });
  expect(house.vault.holds('dba', 'ana')).toBe(true);
  // A change of the edge is on record for each grant that claims it.
  const changes = (await actions(house)).filter((action) => action.startsWith('access.'));
  const order = changes.filter((action, i) => action !== changes[i - 1]);
  expect(order).toEqual(['access.granted', 'access.removed', 'access.granted']);
});

it('is not live on the strength of a reading that began before the approval', async () => {
  const house = await newHouse();
  await liveGrant(house);
  house.clocks.pass(300);
  let second = '';
  const { inspect } = house.vault.connector;
  house.vault.connector.inspect = async (edge, call) => {
    const seen = await inspect(edge, call);
    if (!second) {
      // The reading is over and not yet recorded: another grant joins, and the access goes.
      second = 'asking';
      house.vault.connector.inspect = inspect;
      second = await house.ask('ana', 'prod-reader');
      await house.approve(second);
      house.vault.take('dba', 'ana');
    }
    return seen;
  };
  await house.settle();
  const live = (await events(house)).filter(({ action }) => action === 'grant.live');
  expect(live.map(({ details }) => details.request)).not.toContain(second);
});

it('reads again at once for a grant that joined while a reading was under way', async () => {
  const house = await newHouse();
  await liveGrant(house);
  house.clocks.pass(300);
  let second = '';
  const { inspect } = house.vault.connector;
  house.vault.connector.inspect = async (edge, call) => {
    house.vault.connector.inspect = inspect;
    second = await house.ask('ana', 'prod-reader');
    await house.approve(second);
    return inspect(edge, call);
  };
  await house.settle();
  expect((await house.view(second)).grant).toMatchObject({ state: 'live' });
});

it('ends a grant that was revoked while it was being granted, and takes the access away again', async () => {
  const house = await newHouse();
  const id = await house.ask();
  await house.approve(id);
  const gate = createGate();
  house.vault.onBefore((call) => (call === 'grant' ? gate.pass() : Promise.resolve()));
  const settled = house.settle();
  await gate.arrived;
  await done(house, id);
  gate.open();
  await settled;
  expect(house.vault.holds('dba', 'ana')).toBe(false);
  expect((await house.view(id)).grant).toMatchObject({ state: 'ended', liveAt: null });
  expect(await actions(house)).not.toContain('grant.live');
});

it('is live only when everything that the role gives is there, and gives all of it back', async () => {
  const vaults = [createVault('vault'), createVault('other')] as const;
  const both = testRole({
    name: 'both',
    entitlements: [
      { connector: 'vault', permission: { key: 'dba' } },
      { connector: 'other', permission: { key: 'admin' } },
    ],
  });
  const house = await newHouse({
    vault: vaults[0],
    connectors: vaults.map(({ connector }) => connector),
    roles: [both],
  });
  const id = await house.ask('ana', 'both');
  await house.approve(id);
  vaults[1].state.down = true;
  await house.settle();
  expect(vaults[0].holds('dba', 'ana')).toBe(true);
  expect((await house.view(id)).grant).toMatchObject({ state: 'starting' });
  vaults[1].state.down = false;
  house.clocks.pass(60);
  await house.settle();
  expect((await house.view(id)).grant).toMatchObject({ state: 'live' });

  vaults[1].state.down = true;
  await done(house, id);
  await house.settle();
  expect(vaults[0].holds('dba', 'ana')).toBe(false);
  expect((await house.view(id)).grant).toMatchObject({ state: 'ending' });
  vaults[1].state.down = false;
  house.clocks.pass(60);
  await house.settle();
  expect(vaults[1].holds('admin', 'ana')).toBe(false);
  expect((await house.view(id)).grant).toMatchObject({ state: 'ended' });
});
