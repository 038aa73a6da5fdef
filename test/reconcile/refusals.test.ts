/** A target that refuses to give access for good: the start ends at once, and people are told why. */
import { expect, it } from 'vitest';
import { ConnectorError } from '../../src/connectors/connector.ts';
import { actions, assignmentOf, callsOf } from '../support/acts.ts';
import { ledgerForFile } from '../support/empty-ledger.ts';
import { createHouse, type House } from '../support/house.ts';

const ledger = ledgerForFile();
const MANAGED = 'You cannot create or update members for an external group backed team.';

const managed = () =>
  new ConnectorError('terminal', 'permission_denied', `vault: ${MANAGED}`, { outcomeKnown: true });

/** As a team that the identity provider manages: it can be read, and nobody may change it. */
function manage(house: House): void {
  house.vault.onBefore(async (call) => {
    if (call === 'grant' || call === 'revoke') throw managed();
  });
}

it('ends a start that the target refuses for good at once, with the reason, and asks for no removal', async () => {
  const house = await createHouse({ ledger: ledger() });
  const id = await house.ask();
  await house.approve(id);
  manage(house);
  await house.settle();
  expect((await house.view(id)).grant).toMatchObject({
    state: 'ended',
    endReason: 'failed',
    endNote: expect.stringContaining(MANAGED),
  });
  expect([callsOf(house, 'grant'), callsOf(house, 'revoke')]).toEqual([1, 0]);
  expect(await assignmentOf(house)).toMatchObject({ state: 'absent', rereads: 0, dueAt: null });
  expect(await actions(house)).toContain('access.refused');
  house.clocks.pass(3600);
  await house.settle();
  expect(callsOf(house, 'grant')).toBe(1);
});

it('tries again what is only refused for now', async () => {
  const house = await createHouse({ ledger: ledger() });
  const id = await house.ask();
  await house.approve(id);
  house.vault.onBefore(async (call) => {
    if (call === 'grant')
      throw new ConnectorError('retryable', 'conflict', 'Not now.', { outcomeKnown: true });
  });
  await house.settle();
  expect((await house.view(id)).grant).toMatchObject({ state: 'starting' });
  house.vault.onBefore(async () => {});
  house.clocks.pass(60);
  await house.settle();
  expect((await house.view(id)).grant).toMatchObject({ state: 'live' });
});

it('a refusal after a call whose end nobody saw ends the start, and what may land late is still looked for', async () => {
  const house = await createHouse({ ledger: ledger() });
  const { vault, clocks } = house;
  const id = await house.ask();
  await house.approve(id);
  vault.onBefore(async (call) => {
    if (call === 'grant')
      throw new ConnectorError('retryable', 'timeout', 'No answer in time.', { outcomeKnown: false });
  });
  await house.settle();
  manage(house);
  clocks.pass(2);
  await house.settle();
  expect((await house.view(id)).grant).toMatchObject({ state: 'ending', endReason: 'failed' });
  // The first call lands after all, and the target lets go of it once it is asked again.
  vault.put('dba', 'ana');
  clocks.pass(60);
  await house.settle();
  expect((await house.view(id)).grant).toMatchObject({ state: 'ending' });
  vault.onBefore(async () => {});
  clocks.pass(120);
  await house.settle();
  expect(vault.holds('dba', 'ana')).toBe(false);
  expect((await house.view(id)).grant).toMatchObject({ state: 'ended' });
});

it('takes a removal that is refused for done only where the target shows that nothing is there', async () => {
  const house = await createHouse({ ledger: ledger() });
  const id = await house.ask('ana', 'prod-dba', 600);
  await house.approve(id);
  await house.settle();
  manage(house);
  house.clocks.pass(600);
  await house.settle();
  expect((await house.view(id)).grant).toMatchObject({ state: 'ending' });
  expect((await assignmentOf(house)).lastError).toContain(MANAGED);
  house.vault.take('dba', 'ana');
  house.clocks.pass(120);
  await house.settle();
  expect((await house.view(id)).grant).toMatchObject({ state: 'ended' });
});
