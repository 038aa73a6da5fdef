/** The incident is told who held what, once all of it is gone, and once only. */
import { expect, it } from 'vitest';
import type { Held } from '../../../db/incident-notes.ts';
import { noteText } from '../../../src/reconcile/incidents/note-text.ts';
import { actions, liveGrant } from '../../support/acts.ts';
import { ledgerForFile } from '../../support/empty-ledger.ts';
import { createHouse, type House } from '../../support/house.ts';
import { openIncident, webhook } from '../../support/incident-acts.ts';
import { createIncidentSource, sightingOf, type TestSource } from '../../support/incident-source.ts';
import { ana, grantView } from '../../support/views.ts';

const ledger = ledgerForFile();

async function begin() {
  const source = createIncidentSource();
  const house = await createHouse({ ledger: ledger(), incidents: [source.source] });
  await openIncident(house, source);
  const id = await liveGrant(house);
  house.clocks.pass(60);
  return { house, source, id };
}

async function close(house: House, source: TestSource): Promise<void> {
  await webhook(house, source, source.says(sightingOf({ at: house.clocks.real(), state: 'closed' })));
  await house.settle();
  await house.settle();
}

it('says who held what, from when to when, by whose approval, and why it ended', async () => {
  const { house, source, id } = await begin();
  await close(house, source);
  expect(source.notes).toHaveLength(1);
  const text = source.notes[0]?.text ?? '';
  for (const part of [
    id,
    'ana (ana@acme.test)',
    'Production database admin',
    'approved by omar',
    '14:00:00',
    '14:01:00',
    'INC-1042 was closed',
  ])
    expect(text).toContain(part);
  expect(await actions(house)).toContain('incident.noted');
});

it('leaves it once for a close, and anew for the next one', async () => {
  const { house, source } = await begin();
  await close(house, source);
  house.clocks.pass(60);
  await close(house, source);
  house.clocks.pass(3_600);
  await house.settle();
  expect(source.notes).toHaveLength(1);
  house.clocks.pass(60);
  await webhook(house, source, source.says(sightingOf({ at: house.clocks.real() })));
  await house.settle();
  house.clocks.pass(60);
  await close(house, source);
  expect(source.notes).toHaveLength(2);
});

it('waits until access is confirmed gone, but not for ever', async () => {
  const { house, source } = await begin();
  house.vault.state.down = true;
  await close(house, source);
  house.clocks.pass(599);
  await house.settle();
  expect(source.notes).toEqual([]);
  house.clocks.pass(1);
  await house.settle();
  expect(source.notes[0]?.text).toContain('not yet confirmed gone');
});

it('tries again for a day, and then gives up', async () => {
  const { house, source } = await begin();
  source.state.notesFail = true;
  await close(house, source);
  for (let hour = 0; hour < 23; hour += 1) {
    house.clocks.pass(3_600);
    await house.settle();
  }
  source.state.notesFail = false;
  house.clocks.pass(1_200);
  await house.settle();
  expect(source.notes).toHaveLength(1);
});

it('gives up after a day, on record', async () => {
  const { house, source } = await begin();
  source.state.notesFail = true;
  await close(house, source);
  for (let hour = 0; hour < 25; hour += 1) {
    house.clocks.pass(3_600);
    await house.settle();
  }
  expect(await actions(house)).toContain('incident.not-noted');
  source.state.notesFail = false;
  house.clocks.pass(3_600);
  await house.settle();
  expect(source.notes).toEqual([]);
});

it('leaves nothing where nobody held anything', async () => {
  const source = createIncidentSource();
  const house = await createHouse({ ledger: ledger(), incidents: [source.source] });
  await openIncident(house, source);
  house.clocks.pass(60);
  await close(house, source);
  house.clocks.pass(3_600);
  await house.settle();
  expect(source.notes).toEqual([]);
});

it('fits what a source takes, however many held something', () => {
  const { grant } = grantView('ended');
  if (!grant) expect.fail('no grant');
  const one: Held = {
    grant,
    roleTitle: 'Production database admin',
    subject: ana.name,
    email: ana.email,
    approver: 'Omar',
  };
  const text = noteText({ number: 'INC-1042', key: 'P1', closedAt: null }, Array(500).fill(one));
  expect(text.length).toBeLessThanOrEqual(10_000);
  const named = text.split('\n').filter((line) => line.startsWith('- R-')).length;
  expect(text).toContain(`and ${500 - named} more`);
});
