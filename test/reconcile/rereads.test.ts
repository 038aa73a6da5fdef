/**
 * What is looked at again after the end. A call whose outcome nobody saw may land after absence was read
 * back, so every ended assignment is read again after 1 and 10 minutes.
 */
import { expect, it } from 'vitest';
import { actions, alerts, assignmentOf, callsOf, done, events, liveGrant } from '../support/acts.ts';
import { ledgerForFile } from '../support/empty-ledger.ts';
import { createHouse, type House } from '../support/house.ts';

const ledger = ledgerForFile();
const newHouse = () => createHouse({ ledger: ledger() });

/** A grant call that times out without a trace, then the end, with absence confirmed: the call may still land. */
async function endedWithCallUnseen(house: House): Promise<string> {
  const { state } = house.vault;
  Object.assign(state, { ignoreGrants: true, failAfterEffect: true });
  const id = await house.ask();
  await house.approve(id);
  await house.settle();
  Object.assign(state, { ignoreGrants: false, failAfterEffect: false });
  await done(house, id);
  house.clocks.pass(60);
  await house.settle();
  expect((await house.view(id)).grant).toMatchObject({ state: 'ended' });
  return id;
}

it('reads an ended assignment again after one minute and after ten, and then leaves it alone', async () => {
  const house = await newHouse();
  await done(house, await liveGrant(house));
  await house.settle();
  const reads: number[] = [];
  for (const seconds of [59, 1, 539, 1, 86_400]) {
    const before = callsOf(house, 'inspect');
    house.clocks.pass(seconds);
    await house.settle();
    reads.push(callsOf(house, 'inspect') - before);
  }
  expect(reads).toEqual([0, 1, 0, 1, 0]);
});

it.each([
  ['one minute', 60],
  ['ten minutes', 600],
])('removes what a call of its own left there late, found after %s, and says so', async (_, seconds) => {
  const house = await newHouse();
  const keys: string[] = [];
  const { revoke } = house.vault.connector;
  house.vault.connector.revoke = (edge, call) => {
    keys.push(call.idempotencyKey);
    return revoke(edge, call);
  };
  await endedWithCallUnseen(house);
  const ended = (await events(house)).at(-1)?.seq ?? 0;
  if (seconds > 60) {
    house.clocks.pass(60);
    await house.settle();
  }
  house.vault.put('dba', 'ana');
  house.clocks.pass(seconds);
  await house.settle();
  expect(house.vault.holds('dba', 'ana')).toBe(false);
  expect(await alerts(house)).toContainEqual(expect.objectContaining({ kind: 'landed-late' }));
  expect(await actions(house)).toContain('access.landed_late');
  // No grant claims it any more: the last one that did is its reason.
  const late = (await events(house)).filter(({ seq }) => seq > ended);
  expect(late.map(({ action }) => action)).toEqual(
    expect.arrayContaining(['access.landed_late', 'revoke.attempted', 'access.removed']),
  );
  for (const { details } of late) {
    expect(details).toMatchObject({
      request: expect.stringMatching(/^R-/),
      rule: 'owner-approves',
      reference: 'INC-1042',
    });
  }
  // A new call with a key of its own: the target may answer a known key from memory.
  const last = keys.pop();
  expect(keys.length).toBeGreaterThan(0);
  expect(keys).not.toContain(last);
});

it('leaves alone what somebody else put there after the end, and says so', async () => {
  const house = await newHouse();
  await done(house, await liveGrant(house));
  await house.settle();
  house.vault.put('dba', 'ana');
  house.clocks.pass(60);
  await house.settle();
  expect(house.vault.holds('dba', 'ana')).toBe(true);
  expect(await alerts(house)).toContainEqual(expect.objectContaining({ kind: 'found-again' }));
});

it('ends a grant whose holder vanished, as revoked outside Curfew, and does not add it back', async () => {
  const house = await newHouse();
  const id = await liveGrant(house);
  house.vault.take('dba', 'ana');
  house.clocks.pass(300);
  await house.settle();
  expect((await house.view(id)).grant).toMatchObject({ state: 'ended', endReason: 'revoked' });
  house.clocks.pass(3000);
  await house.settle();
  expect(house.vault.holds('dba', 'ana')).toBe(false);
  expect(callsOf(house, 'grant')).toBe(1);
  expect(await actions(house)).toContain('access.vanished');
});

it('ends a grant whose holder was swapped outside, and does not take away what it did not give', async () => {
  const house = await newHouse();
  const id = await liveGrant(house);
  house.vault.take('dba', 'ana');
  house.clocks.pass(300);
  // Put back by hand between the reading that missed it and the next one.
  let reads = 0;
  house.vault.onBefore(async (call) => {
    if (call === 'inspect' && ++reads === 2) house.vault.put('dba', 'ana');
  });
  await house.settle();
  expect((await house.view(id)).grant).toMatchObject({ state: 'ended', endReason: 'revoked' });
  expect(house.vault.holds('dba', 'ana')).toBe(true);
  expect(callsOf(house, 'revoke')).toBe(0);
});

it('ends a grant that was handed back before anything was called, also right after an earlier one', async () => {
  const house = await newHouse();
  await done(house, await liveGrant(house));
  await house.settle();
  const second = await house.ask();
  await house.approve(second);
  await done(house, second);
  await house.settle();
  expect((await house.view(second)).grant).toMatchObject({ state: 'ended', endReason: 'returned' });
  expect(callsOf(house, 'grant')).toBe(1);
});

it('still reads again after a minute when another grant came and went while the removal was under way', async () => {
  const house = await newHouse();
  const first = await liveGrant(house);
  await done(house, first);
  let second = '';
  house.vault.onBefore(async (call) => {
    if (call !== 'revoke' || second) return;
    second = await house.ask();
    await house.approve(second);
    await done(house, second);
  });
  await house.settle();
  expect((await house.view(second)).grant).toMatchObject({ state: 'ended' });
  expect(await assignmentOf(house)).toMatchObject({
    state: 'absent',
    rereads: 2,
    dueAt: new Date(house.clocks.now().getTime() + 60_000),
  });
});
