/** What one person, or everybody, may have read of targets at the same time: more is refused at once, unrecorded. */
import { expect, it } from 'vitest';
import { requests } from '../../db/schema.ts';
import { ConnectorError } from '../../src/connectors/connector.ts';
import { createInFlight } from '../../src/in-flight.ts';
import { LaneFull } from '../../src/lane.ts';
import { ledgerForFile } from '../support/empty-ledger.ts';
import { createGate } from '../support/gate.ts';
import { createHouse, testRole } from '../support/house.ts';

const ledger = ledgerForFile();
const roles = ['a', 'b', 'c'].map((key) =>
  testRole({ name: `role-${key}`, entitlements: [{ connector: 'vault', permission: { key } }] }),
);

it('refuses at once, and records nothing, where a person causes too many reads of targets already', async () => {
  const house = await createHouse({ ledger: ledger(), roles, reads: createInFlight(2) });
  const gate = createGate();
  house.vault.onBefore(() => gate.pass());
  const first = house.ask('ana', 'role-a');
  const second = house.ask('ana', 'role-b');
  await expect.poll(() => house.vault.calls).toHaveLength(2);
  await expect(house.ask('ana', 'role-c')).rejects.toThrow(LaneFull);
  // Somebody else is not held up by that.
  const other = house.ask('ben', 'role-c');
  gate.open();
  await Promise.all([first, second, other]);
  expect(await house.ledger.db.select().from(requests)).toHaveLength(3);
  await house.ask('ana', 'role-c');
});

it('lets a person with nothing under way ask for a role on more targets than that', () => {
  const reads = createInFlight(2);
  const leave = reads.enter('ana', 5);
  expect(leave).not.toBeNull();
  expect(reads.enter('ana', 1)).toBeNull();
  leave?.();
  expect(reads.enter('ana', 2)).not.toBeNull();
});

it('answers "busy" and records nothing where a target’s queue is full', async () => {
  const house = await createHouse({ ledger: ledger(), roles });
  house.vault.onBefore(async () => {
    throw new ConnectorError('retryable', 'busy', 'vault is busy.', { outcomeKnown: true });
  });
  await expect(house.ask('ana', 'role-a')).rejects.toThrow(LaneFull);
  expect(await house.ledger.db.select().from(requests)).toEqual([]);
});
