/**
 * What is committed before a target is called, so that a process killed at any point leaves a row that the
 * next one will end; and what the target said before, so that Curfew never takes away what it did not give.
 */
import { expect, it } from 'vitest';
import { actions, assignmentOf, callsOf, done, liveGrant } from '../support/acts.ts';
import { ledgerForFile } from '../support/empty-ledger.ts';
import { createGate } from '../support/gate.ts';
import { createHouse, type HouseOptions } from '../support/house.ts';
import { mortal } from '../support/mortal.ts';

const ledger = ledgerForFile();
const newHouse = (options: HouseOptions = {}) => createHouse({ ledger: ledger(), ...options });

it('has written the grant, its end and its assignments when the approval is answered', async () => {
  const house = await newHouse();
  const id = await house.ask();
  await house.approve(id);
  expect(callsOf(house, 'grant')).toBe(0);
  const now = house.clocks.now().getTime();
  const { grant, assignments } = await house.view(id);
  expect(grant).toMatchObject({
    state: 'starting',
    startBy: new Date(now + 900_000),
    endsAt: new Date(now + 900_000 + 3600_000),
  });
  expect(assignments).toHaveLength(1);
});

it('has committed attempt, baseline and the window’s beginning when the target is asked to grant', async () => {
  const house = await newHouse();
  const id = await house.ask();
  await house.approve(id);
  const seen: unknown[] = [];
  house.vault.onBefore(async (call) => {
    if (call !== 'grant') return;
    // Another connection: it sees only what is committed.
    const { unsettledUntil, ...row } = await assignmentOf(house);
    const { grant } = await house.view(id);
    seen.push({ ...row, waits: unsettledUntil !== null, firstCallAt: grant?.firstCallAt });
  });
  const now = house.clocks.now();
  await house.settle();
  expect(seen).toMatchObject([{ state: 'granting', baseline: 'absent', waits: true, firstCallAt: now }]);
  expect((await actions(house)).indexOf('grant.attempted')).toBeLessThan(
    (await actions(house)).indexOf('access.granted'),
  );
});

it('has committed the intent to remove when the target is asked to revoke', async () => {
  const house = await newHouse();
  await done(house, await liveGrant(house));
  const states: string[] = [];
  house.vault.onBefore(async (call) => {
    if (call === 'revoke') states.push((await assignmentOf(house)).state);
  });
  await house.settle();
  expect(states).toEqual(['removing']);
});

it.each(['grant', 'inspect', 'revoke'])(
  'ends what it gave, wherever a process dies around %s',
  async (where) => {
    const shared = await newHouse();
    const { clocks, vault } = shared;
    const body = mortal(ledger());
    const victim = await createHouse({ ledger: body, clocks, vault });
    const id = await shared.ask();
    await shared.approve(id);
    if (where === 'revoke') {
      await shared.settle();
      await done(shared, id);
    }
    // The effect lands, and nobody is left to record it.
    vault.onAfter(async () => body.die());
    vault.onBefore(async (call) => {
      if (call === where && where === 'inspect') body.die();
    });
    await victim.settle();
    vault.onAfter(async () => {});
    vault.onBefore(async () => {});

    clocks.pass(30);
    await shared.settle();
    if (where !== 'revoke') expect((await shared.view(id)).grant).toMatchObject({ state: 'live' });
    clocks.pass(3600);
    await shared.settle();
    expect(vault.holds('dba', 'ana')).toBe(false);
    expect((await shared.view(id)).grant).toMatchObject({ state: 'ended' });
  },
);

it('fails a grant whose access somebody else gave after the request, and leaves that access alone', async () => {
  const house = await newHouse();
  const id = await house.ask();
  await house.approve(id);
  house.vault.put('dba', 'ana');
  await house.settle();
  expect((await house.view(id)).grant).toMatchObject({ state: 'ended', endReason: 'failed' });
  expect((await house.view(id)).grant?.endNote).toContain('outside Curfew');
  house.clocks.pass(7200);
  await house.settle();
  expect(house.vault.holds('dba', 'ana')).toBe(true);
  expect([callsOf(house, 'grant'), callsOf(house, 'revoke')]).toEqual([0, 0]);
});

it('fails a grant where the account holds the same through another role, and calls nothing', async () => {
  const house = await newHouse();
  const id = await house.ask();
  await house.approve(id);
  house.vault.inherited.set('dba:ana', ['through role ops']);
  await house.settle();
  expect((await house.view(id)).grant).toMatchObject({ state: 'ended', endReason: 'failed' });
  expect(callsOf(house, 'grant')).toBe(0);
});

it('does not grant when the window closes between the reading and the call', async () => {
  const house = await newHouse();
  const id = await house.ask();
  await house.approve(id);
  house.vault.onBefore(async (call) => {
    if (call === 'inspect') house.clocks.pass(900 + 3600);
    house.vault.onBefore(async () => {});
  });
  await house.settle();
  expect(callsOf(house, 'grant')).toBe(0);
  expect((await house.view(id)).grant).toMatchObject({ state: 'ended' });
});

it('outlives a ledger that is lost just as a call turns out to be needless; another process goes on', async () => {
  const house = await newHouse();
  const body = mortal(ledger());
  const victim = await createHouse({ ledger: body, clocks: house.clocks, vault: house.vault });
  const id = await house.ask();
  await house.approve(id);
  house.vault.onBefore(async (call) => {
    if (call !== 'inspect') return;
    house.clocks.pass(900 + 3600);
    body.die();
    house.vault.onBefore(async () => {});
  });
  // An error that nobody takes would end the process, and fails this test.
  await victim.settle();
  house.clocks.pass(30);
  await house.settle();
  expect(callsOf(house, 'grant')).toBe(0);
  expect((await house.view(id)).grant).toMatchObject({ state: 'ended' });
});

it('does not grant when the access is handed back between the reading and the call', async () => {
  const house = await newHouse();
  const id = await house.ask();
  await house.approve(id);
  const gate = createGate();
  house.vault.onBefore((call) => (call === 'inspect' ? gate.pass() : Promise.resolve()));
  const settled = house.settle();
  await gate.arrived;
  await done(house, id);
  gate.open();
  await settled;
  expect(callsOf(house, 'grant')).toBe(0);
  expect((await house.view(id)).grant).toMatchObject({ state: 'ended', endReason: 'returned' });
});
