/** One process works on one assignment at a time; who lost the lease records nothing. */
import { expect, it, onTestFinished } from 'vitest';
import { openPostgres } from '../../db/client.ts';
import { actions, assignmentOf, callsOf, done, liveGrant } from '../support/acts.ts';
import { ledgerForFile } from '../support/empty-ledger.ts';
import { createGate } from '../support/gate.ts';
import { createHouse, type House } from '../support/house.ts';

const ledger = ledgerForFile();

/** Another process on the same ledger, with connections of its own, in front of the same target. */
async function replicaOf({ clocks, vault }: House): Promise<House> {
  const own = openPostgres(ledger().url, { max: 3 });
  onTestFinished(() => own.close());
  return createHouse({ ledger: { ...ledger(), ledger: own }, clocks, vault });
}

it('drops what a process saw whose lease ran out, and removes what its call left behind', async () => {
  const house = await createHouse({ ledger: ledger() });
  const slow = await replicaOf(house);
  const id = await house.ask();
  await house.approve(id);
  const gate = createGate();
  house.vault.onBefore((call) => (call === 'grant' ? gate.pass() : Promise.resolve()));
  const late = slow.settle();
  await gate.arrived;

  house.clocks.pass(30);
  await done(house, id);
  await house.settle();
  expect((await house.view(id)).grant).toMatchObject({ state: 'ended', endReason: 'returned' });

  gate.open();
  await late;
  expect(house.vault.holds('dba', 'ana')).toBe(true);
  expect(await assignmentOf(house)).toMatchObject({ state: 'absent' });
  expect(await actions(house)).not.toContain('access.granted');

  house.clocks.pass(60);
  await house.settle();
  expect(house.vault.holds('dba', 'ana')).toBe(false);
});

it('does not call the target when the lease went to another process in the meantime', async () => {
  const house = await createHouse({ ledger: ledger() });
  const slow = await replicaOf(house);
  const id = await house.ask();
  await house.approve(id);
  const gate = createGate();
  const { inspect } = house.vault.connector;
  house.vault.connector.inspect = async (edge, call) => {
    house.vault.connector.inspect = inspect;
    const seen = await inspect(edge, call);
    await gate.pass();
    return seen;
  };
  const late = slow.settle();
  await gate.arrived;
  house.clocks.pass(30);
  await house.settle();
  gate.open();
  await late;
  expect(callsOf(house, 'grant')).toBe(1);
  expect((await house.view(id)).grant).toMatchObject({ state: 'live' });
});

it('waits for a lease that holds before it looks itself', async () => {
  const house = await createHouse({ ledger: ledger() });
  const slow = await replicaOf(house);
  const id = await house.ask();
  await house.approve(id);
  const gate = createGate();
  house.vault.onBefore((call) => (call === 'grant' ? gate.pass() : Promise.resolve()));
  const first = slow.settle();
  await gate.arrived;
  const looks = callsOf(house, 'inspect');
  house.clocks.pass(20);
  await house.settle();
  expect(callsOf(house, 'inspect')).toBe(looks);
  gate.open();
  await first;
  expect((await house.view(id)).grant).toMatchObject({ state: 'live' });
});

it('makes every call once and says everything once, with three processes at work', async () => {
  const house = await createHouse({ ledger: ledger() });
  const replicas = [house, await replicaOf(house), await replicaOf(house)];
  const settleAll = () => Promise.all(replicas.map((replica) => replica.settle()));
  const people = Array.from({ length: 12 }, (_, i) => `person${i}`);
  for (const person of people) await house.approve(await house.ask(person));

  await settleAll();
  expect(people.every((person) => house.vault.holds('dba', person))).toBe(true);
  house.clocks.pass(3600);
  await settleAll();
  expect(people.some((person) => house.vault.holds('dba', person))).toBe(false);
  // One process seals at a time, and the others do not wait for it: what came last is sealed now.
  await house.settle();

  const count = (name: string, all: string[]) => all.filter((each) => each === name).length;
  const told = await actions(house);
  expect({ calls: [callsOf(house, 'grant'), callsOf(house, 'revoke')] }).toEqual({ calls: [12, 12] });
  for (const action of ['grant.attempted', 'grant.live', 'grant.ending', 'revoke.attempted', 'grant.ended']) {
    expect([action, count(action, told)]).toEqual([action, 12]);
  }
});

it('counts one end when it falls due for two processes and somebody hands back at the same moment', async () => {
  const house = await createHouse({ ledger: ledger() });
  const other = await replicaOf(house);
  const id = await liveGrant(house);
  house.clocks.pass(3600);
  await Promise.all([house.settle(), other.settle(), done(house, id)]);
  await house.settle();
  const told = await actions(house);
  expect(told.filter((action) => action === 'grant.ending')).toHaveLength(1);
  expect(told.filter((action) => action === 'grant.ended')).toHaveLength(1);
});
