/** A target that wants to be left alone for a while is: by every edge, every process and every request. */
import { expect, it } from 'vitest';
import { ConnectorError } from '../../src/connectors/connector.ts';
import { assignmentOf, done, liveGrant } from '../support/acts.ts';
import { ledgerForFile } from '../support/empty-ledger.ts';
import { createHouse, type House, testRole } from '../support/house.ts';
import { createVault } from '../support/vault.ts';

const ledger = ledgerForFile();
const roles = ['dba', 'ops'].map((key) =>
  testRole({ name: `prod-${key}`, entitlements: [{ connector: 'vault', permission: { key } }] }),
);
const newHouse = () => createHouse({ ledger: ledger(), roles });

/** Until it is over, each call is answered with a wait. */
function limit(house: House, seconds = 120) {
  house.vault.onBefore(async () => {
    throw new ConnectorError('retryable', 'rate_limited', 'vault asks us to wait.', {
      outcomeKnown: true,
      retryAfterS: seconds,
    });
  });
  return () => house.vault.onBefore(async () => {});
}

/** What Curfew does in these seconds, looking every few of them. */
async function live(house: House, seconds: number): Promise<void> {
  for (let at = 0; at < seconds; at += 5) {
    await house.settle();
    house.clocks.pass(5);
  }
  await house.settle();
}

it('makes no call within the 120 seconds that the target asked for, for a grant nor an end nor a request', async () => {
  const house = await newHouse();
  const held = await liveGrant(house, 'ben', 'prod-dba');
  const waiting = await house.ask('ana', 'prod-dba');
  await house.approve(waiting);
  const lift = limit(house);
  const before = house.vault.calls.length;
  await house.settle();
  expect(house.vault.calls).toHaveLength(before + 1);
  lift();
  await done(house, held, 'ben');
  await expect(house.ask('eva', 'prod-ops')).rejects.toThrow(/asked Curfew to make no calls before/);
  await live(house, 115);
  expect(house.vault.calls).toHaveLength(before + 1);
  expect(await assignmentOf(house, 'ben')).toMatchObject({
    lastError: expect.stringContaining('make no calls before'),
  });
  house.clocks.pass(5);
  await house.settle();
  expect((await house.view(waiting)).grant).toMatchObject({ state: 'live' });
  expect((await house.view(held)).grant).toMatchObject({ state: 'ended' });
});

it('a request that is told to wait holds up everybody else’s calls as well', async () => {
  const house = await newHouse();
  const held = await liveGrant(house, 'ben', 'prod-dba');
  const lift = limit(house);
  await expect(house.ask('ana', 'prod-ops')).rejects.toThrow(/asks us to wait/);
  lift();
  await done(house, held, 'ben');
  const before = house.vault.calls.length;
  await live(house, 115);
  expect(house.vault.calls).toHaveLength(before);
  house.clocks.pass(5);
  await house.settle();
  expect((await house.view(held)).grant).toMatchObject({ state: 'ended' });
});

it('another process, or the next start, waits for what one was told', async () => {
  const house = await newHouse();
  const { clocks, vault } = house;
  const held = await liveGrant(house, 'ben', 'prod-dba');
  await house.approve(await house.ask('ana', 'prod-dba'));
  const lift = limit(house);
  await house.settle();
  lift();
  const before = vault.calls.length;
  // A connector of its own: nothing is remembered but in the ledger.
  const connectors = [{ ...vault.connector }];
  const other = await createHouse({ ledger: ledger(), roles, clocks, vault, connectors });
  await done(other, held, 'ben');
  await live(other, 115);
  await expect(other.ask('eva', 'prod-ops')).rejects.toThrow(/make no calls before/);
  expect(vault.calls).toHaveLength(before);
  clocks.pass(5);
  await other.settle();
  expect((await other.view(held)).grant).toMatchObject({ state: 'ended' });
});

it('an end is taken before grants that came first, and grants leave places free for it', async () => {
  const vault = createVault('vault', { concurrency: 4 });
  const many = Array.from({ length: 12 }, (_, n) =>
    testRole({ name: `role-${n}`, entitlements: [{ connector: 'vault', permission: { key: `k${n}` } }] }),
  );
  const house = await createHouse({ ledger: ledger(), vault, roles: [...roles, ...many] });
  const held = await liveGrant(house, 'ben', 'prod-dba');
  for (const { name } of many) await house.approve(await house.ask('ana', name));
  let release = () => {};
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  let hanging = 0;
  vault.onBefore(async (call) => {
    if (call !== 'inspect' || vault.calls.includes('revoke')) return;
    hanging += 1;
    await gate;
  });
  await house.reconcile.sweep();
  await expect.poll(() => hanging).toBe(3);
  house.clocks.pass(1);
  await done(house, held, 'ben');
  await house.reconcile.sweep();
  await expect.poll(async () => (await house.view(held)).grant?.state).toBe('ended');
  expect(hanging).toBe(3);
  release();
  await house.reconcile.drain();
});
