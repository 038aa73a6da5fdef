/** The incident is told who held what, once all of it is gone, and once only. */
import { expect, it } from 'vitest';
import { type Held, leaseNotes } from '../../../db/incident-notes.ts';
import { applySighting } from '../../../db/incidents.ts';
import { SourceError } from '../../../src/incidents/source.ts';
import { noteText } from '../../../src/reconcile/incidents/note-text.ts';
import { actions, events, liveGrant } from '../../support/acts.ts';
import { ledgerForFile } from '../../support/empty-ledger.ts';
import { createHouse, type House } from '../../support/house.ts';
import { incidentNamed, openIncident, webhook } from '../../support/incident-acts.ts';
import { createIncidentSource, sightingOf, type TestSource } from '../../support/incident-source.ts';
import { ana, grantView } from '../../support/views.ts';

const ledger = ledgerForFile();

/**
 * `busy`: it asks to wait. `lost`: the note is there, and nobody hears so. `meanwhile`: what happens until it
 * answers. `tells`: it can be asked for notes.
 */
function createNotedSource({ tells = false } = {}) {
  const { source, ...test } = createIncidentSource();
  const mood = { notes: 'well' as 'well' | 'busy' | 'lost', meanwhile: async () => {} };
  async function note(...asked: Parameters<typeof source.note>): Promise<void> {
    if (mood.notes === 'busy')
      throw new SourceError('retry', 'The source asks us to wait.', { outcomeKnown: true });
    await source.note(...asked);
    await mood.meanwhile();
    if (mood.notes === 'lost') throw new SourceError('retry', 'The source does not answer.');
  }
  const first = (text: string) => text.split('\n')[0];
  const isNoted = async (_key: string, text: string) =>
    test.notes.some((one) => first(one.text) === first(text));
  return { ...test, mood, source: { ...source, note, ...(tells && { isNoted }) } };
}

async function begin(options = {}) {
  const source = createNotedSource(options);
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

async function hours(house: House, count: number): Promise<void> {
  for (let passed = 0; passed < count; passed++) {
    house.clocks.pass(3_600);
    await house.settle();
  }
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
  source.mood.notes = 'busy';
  await close(house, source);
  await hours(house, 23);
  source.mood.notes = 'well';
  house.clocks.pass(1_200);
  await house.settle();
  expect(source.notes).toHaveLength(1);
});

it('gives up after a day, on record', async () => {
  const { house, source } = await begin();
  source.mood.notes = 'busy';
  await close(house, source);
  await hours(house, 25);
  expect(await actions(house)).toContain('incident.not-noted');
  source.mood.notes = 'well';
  house.clocks.pass(3_600);
  await house.settle();
  expect(source.notes).toEqual([]);
});

it('leaves it once where its answer is lost and the source says that it is there', async () => {
  const { house, source } = await begin({ tells: true });
  source.mood.notes = 'lost';
  await close(house, source);
  await hours(house, 2);
  expect(source.notes).toHaveLength(1);
  expect(await actions(house)).toContain('incident.noted');
  // Of another close there is none yet.
  source.mood.notes = 'well';
  await webhook(house, source, source.says(sightingOf({ at: house.clocks.real() })));
  await house.settle();
  house.clocks.pass(60);
  await close(house, source);
  expect(source.notes).toHaveLength(2);
});

it('asks only once what was sent must have landed', async () => {
  const { house, source } = await begin({ tells: true });
  source.mood.notes = 'lost';
  await close(house, source);
  const landed = source.notes.splice(0);
  house.clocks.pass(59);
  await house.settle();
  source.notes.push(...landed);
  house.clocks.pass(2);
  await house.settle();
  expect(source.notes).toHaveLength(1);
  expect(await actions(house)).toContain('incident.noted');
});

it('leaves it twice at most where its answer is lost and the source cannot tell, and says so', async () => {
  const { house, source } = await begin();
  source.mood.notes = 'lost';
  await close(house, source);
  await hours(house, 2);
  expect(source.notes).toHaveLength(2);
  const given = (await events(house)).find(({ action }) => action === 'incident.not-noted');
  expect(given?.details).toMatchObject({ because: expect.stringContaining('nobody knows') });
});

it('does not forget that it may be there while the source asks to wait', async () => {
  const { house, source } = await begin({ tells: true });
  source.mood.notes = 'lost';
  await close(house, source);
  const landed = source.notes.splice(0);
  source.mood.notes = 'busy';
  await hours(house, 1);
  source.notes.push(...landed);
  source.mood.notes = 'well';
  await hours(house, 1);
  expect(source.notes).toHaveLength(1);
});

it.each([
  ['asks whether it is there', true, 0],
  ['tries once more', false, 1],
])('%s after a process died while it left one', async (_what, tells, more) => {
  const { house, source } = await begin({ tells });
  source.mood.notes = 'busy';
  await close(house, source);
  house.clocks.pass(1_200);
  const real = house.clocks.real();
  const until = new Date(real.getTime() + 30_000);
  const lease = { real, limit: 1, token: 'of the dead', until, lateBefore: house.clocks.now() };
  const [row] = await leaseNotes(house.ledger.db, 'pager', lease);
  if (!row) expect.fail('no note is due');
  source.notes.push({ key: row.key, text: noteText(row, []) });
  source.mood.notes = 'lost';
  await hours(house, 2);
  expect(source.notes).toHaveLength(1 + more);
});

it('keeps out of the way of asking about the incident', async () => {
  const { house, source } = await begin();
  source.mood.notes = 'busy';
  await close(house, source);
  await hours(house, 1);
  expect(await incidentNamed(house, source)).toMatchObject({ attempts: 0, pollDueAt: null });
});

it('leaves the note of a close that came while another was being left', async () => {
  const { house, source } = await begin();
  const closed = async () => {
    source.mood.meanwhile = async () => {};
    for (const state of ['open', 'closed'] as const) {
      house.clocks.pass(1);
      const sighting = source.says(sightingOf({ at: house.clocks.real(), state }));
      const times = { now: house.clocks.now(), real: house.clocks.real() };
      await house.ledger.tx((tx) => applySighting(tx, source.source, sighting, times, 'webhook'));
    }
  };
  source.mood.meanwhile = closed;
  await close(house, source);
  expect(source.notes).toHaveLength(2);
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
