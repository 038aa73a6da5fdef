/** Access ends when its incident does, whoever says so, and not a moment after its grace. */
import { eq } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import { nextDue } from '../../../db/next-due.ts';
import { requests } from '../../../db/schema.ts';
import { incidentInbox } from '../../../db/schema-incidents.ts';
import { notices } from '../../../db/schema-messages.ts';
import { requestExtension } from '../../../src/operations/request-extension.ts';
import { actions, events, liveGrant } from '../../support/acts.ts';
import { ledgerForFile } from '../../support/empty-ledger.ts';
import { createHouse, type House } from '../../support/house.ts';
import { bind, incidentNamed, nudge, openIncident, webhook } from '../../support/incident-acts.ts';
import { createIncidentSource, sightingOf, type TestSource } from '../../support/incident-source.ts';

const postgres = ledgerForFile();
const embedded = ledgerForFile('embedded');

async function begin(ledger = postgres, options: Parameters<typeof createIncidentSource>[0] = {}) {
  const source = createIncidentSource(options);
  const house = await createHouse({ ledger: ledger(), incidents: [source.source] });
  return { house, source };
}

/** Ana holds the role because of INC-1042. */
async function holding(house: House, source: TestSource, over = {}): Promise<string> {
  const incident = await openIncident(house, source, over);
  const id = await liveGrant(house);
  await bind(house, id, incident);
  house.clocks.pass(60);
  return id;
}

const holds = (house: House) => house.vault.holds('dba', 'ana');
const closedNow = (house: House, over = {}) =>
  sightingOf({ at: house.clocks.real(), state: 'closed', ...over });

describe.each([
  ['a PostgreSQL', postgres],
  ['the embedded ledger', embedded],
])('on %s', (_name, ledger) => {
  it('ends access long before its time when a webhook says that the incident is over', async () => {
    const { house, source } = await begin(ledger);
    const id = await holding(house, source);
    await webhook(house, source, closedNow(house));
    await house.settle();
    expect(holds(house)).toBe(false);
    const { grant } = await house.view(id);
    expect(grant).toMatchObject({ state: 'ended', endReason: 'incident', endNote: 'INC-1042 was closed' });
    expect(await actions(house)).toEqual(expect.arrayContaining(['incident.opened', 'incident.closed']));
  });

  it('gives no more than the grace, and sets a timer for its end', async () => {
    const { house, source } = await begin(ledger, { graceS: 900 });
    await holding(house, source);
    await webhook(house, source, closedNow(house));
    await house.settle();
    expect(holds(house)).toBe(true);
    const due = new Date(house.clocks.now().getTime() + 900_000);
    const before = { ledger: new Date(due.getTime() - 1_000), real: house.clocks.real() };
    const next = await nextDue(house.ledger.db, before, { overdueAfterS: 60 });
    expect(next.ledger).toEqual(due);
    house.clocks.pass(899);
    await house.settle();
    expect(holds(house)).toBe(true);
    house.clocks.pass(1);
    await house.settle();
    expect(holds(house)).toBe(false);
  });

  it('keeps access when the incident is reopened within its grace, and ends it when it is closed again', async () => {
    const { house, source } = await begin(ledger, { graceS: 900 });
    await holding(house, source);
    await webhook(house, source, closedNow(house));
    await house.settle();
    house.clocks.pass(600);
    await webhook(house, source, sightingOf({ at: house.clocks.real() }));
    await house.settle();
    house.clocks.pass(600);
    await house.settle();
    expect(holds(house)).toBe(true);
    await webhook(house, source, closedNow(house));
    await house.settle();
    house.clocks.pass(900);
    await house.settle();
    expect(holds(house)).toBe(false);
    expect(await actions(house)).toContain('incident.reopened');
  });

  it('follows the incident that another was merged into', async () => {
    const { house, source } = await begin(ledger);
    const id = await holding(house, source);
    source.says(sightingOf({ key: 'P2', number: 'INC-7', at: house.clocks.real() }));
    await webhook(house, source, closedNow(house, { mergedInto: 'P2' }));
    await house.settle();
    expect(holds(house)).toBe(true);
    // Nobody had heard of it: it was asked for at once.
    expect((await house.view(id)).incident).toMatchObject({ key: 'P2', number: 'INC-7', state: 'open' });
    house.clocks.pass(60);
    await webhook(house, source, closedNow(house, { key: 'P2', number: 'INC-7' }));
    await house.settle();
    expect(holds(house)).toBe(false);
  });
});

it('does not mind duplicates, replays and reordering', async () => {
  const { house, source } = await begin();
  await holding(house, source);
  const opened = sightingOf({ at: new Date(house.clocks.real().getTime() - 60_000) });
  const closed = closedNow(house);
  house.clocks.pass(10);
  const reopened = sightingOf({ at: house.clocks.real(), severity: 'sev2' });
  for (const each of [reopened, closed, opened])
    await webhook(house, source, each, `of ${each.at.getTime()}`);
  await house.settle();
  expect(holds(house)).toBe(true);
  for (const each of [opened, reopened, closed])
    await webhook(house, source, each, `of ${each.at.getTime()}`);
  for (const each of [closed, opened]) await webhook(house, source, each);
  await house.settle();
  expect(holds(house)).toBe(true);
  expect(await incidentNamed(house, source)).toMatchObject({ state: 'open', severity: 'sev2' });
  expect(await house.ledger.db.select().from(incidentInbox)).toHaveLength(5);
});

it('cancels what waits for a decision and tells who asked, extensions too', async () => {
  const { house, source } = await begin();
  const held = await holding(house, source);
  const more = await requestExtension(house.ctx, {
    deliveryKey: house.deliveryKey(),
    requester: await house.person('ana'),
    grantId: held,
    durationS: 600,
    reason: 'it takes longer',
  });
  if (!more.ok) expect.fail(JSON.stringify(more.refusal));
  const waiting = await house.ask('ben');
  await bind(house, waiting, await incidentNamed(house, source));
  await webhook(house, source, closedNow(house));
  await house.settle();
  for (const id of [more.id, waiting]) {
    const { request } = await house.view(id);
    expect(request).toMatchObject({ state: 'cancelled', decisionNote: 'The incident INC-1042 was closed.' });
  }
  const told = await house.ledger.db.select().from(notices).where(eq(notices.audience, 'person'));
  expect(
    told.filter(({ notice }) => notice.kind === 'incident-closed').map(({ recipient }) => recipient),
  ).toEqual(expect.arrayContaining(['ana@acme.test', 'ben@acme.test']));
});

it('stops a grant that is not live yet', async () => {
  const { house, source } = await begin();
  const incident = await openIncident(house, source);
  const id = await house.ask();
  await bind(house, id, incident);
  await house.approve(id);
  house.vault.state.down = true;
  await house.settle();
  house.clocks.pass(60);
  await webhook(house, source, closedNow(house));
  await house.settle();
  house.vault.state.down = false;
  house.clocks.pass(60);
  await house.settle();
  expect((await house.view(id)).grant).toMatchObject({ state: 'ended', endReason: 'incident', liveAt: null });
  expect(holds(house)).toBe(false);
});

it('lets nothing begin within the grace: what waits is cancelled, what is not live yet ends, what is live goes on', async () => {
  const { house, source } = await begin(postgres, { graceS: 900 });
  const live = await holding(house, source);
  const incident = await incidentNamed(house, source);
  const more = await requestExtension(house.ctx, {
    deliveryKey: house.deliveryKey(),
    requester: await house.person('ana'),
    grantId: live,
    durationS: 600,
    reason: 'it takes longer',
  });
  if (!more.ok) throw new Error('refused');
  const [waiting, starting] = [await house.ask('ben'), await house.ask('cleo')];
  for (const id of [waiting, starting]) await bind(house, id, incident);
  await house.approve(starting);
  house.vault.state.down = true;
  await house.settle();
  await webhook(house, source, closedNow(house));
  await house.settle();
  for (const id of [waiting, more.id]) {
    const { request } = await house.view(id);
    expect(request).toMatchObject({
      state: 'cancelled',
      decisionNote: 'The incident INC-1042 was closed.',
    });
  }
  house.vault.state.down = false;
  house.clocks.pass(300);
  await house.settle();
  expect((await house.view(starting)).grant).toMatchObject({ state: 'ended', liveAt: null });
  expect(house.vault.holds('dba', 'cleo')).toBe(false);
  expect((await house.view(live)).grant).toMatchObject({ state: 'live' });
  house.clocks.pass(600);
  await house.settle();
  expect((await house.view(live)).grant).toMatchObject({ state: 'ended', endReason: 'incident' });
});

it('approves nothing for an incident that is closed, not even within its grace', async () => {
  const { house, source } = await begin(postgres, { graceS: 900 });
  const incident = await openIncident(house, source);
  const id = await house.ask();
  await bind(house, id, incident);
  house.clocks.pass(60);
  // Known, and nothing has followed from it yet.
  await openIncident(house, source, { at: house.clocks.real(), state: 'closed' });
  const answer = await house.approve(id);
  expect(answer).toMatchObject({
    ok: false,
    refusal: { rule: 'incident-open', message: 'The incident INC-1042 was closed.' },
  });
  expect((await house.view(id)).grant).toBeNull();
});

it('ends with the next sweep what was approved while the close was on its way', async () => {
  const { house, source } = await begin();
  const incident = await openIncident(house, source);
  const id = await house.ask();
  house.clocks.pass(60);
  await webhook(house, source, closedNow(house));
  // As if the approval had looked before the close, and was written after it.
  await bind(house, id, null);
  await house.ledger.db.update(requests).set({ reference: null }).where(eq(requests.id, id));
  await house.settle();
  expect(await house.approve(id)).toMatchObject({ ok: true });
  await bind(house, id, incident);
  await house.settle();
  expect((await house.view(id)).grant).toMatchObject({ state: 'ended', endReason: 'incident' });
  expect(holds(house)).toBe(false);
});

it('moves on what is bound to a merged incident late', async () => {
  const { house, source } = await begin();
  const merged = await openIncident(house, source);
  await openIncident(house, source, { key: 'P2', number: 'INC-7' });
  house.clocks.pass(60);
  await webhook(house, source, closedNow(house, { mergedInto: 'P2' }));
  await house.settle();
  const id = await liveGrant(house);
  await bind(house, id, merged);
  await house.settle();
  expect(holds(house)).toBe(true);
  expect((await house.view(id)).incident).toMatchObject({ key: 'P2' });
});

it('ends access where incidents were merged in a circle', async () => {
  const { house, source } = await begin();
  await holding(house, source);
  await webhook(house, source, closedNow(house, { mergedInto: 'P2' }));
  await webhook(house, source, closedNow(house, { key: 'P2', number: 'INC-7', mergedInto: 'P1' }));
  await house.settle();
  expect(holds(house)).toBe(false);
});

it('is not held up by what cannot be read', async () => {
  const { house, source } = await begin();
  await holding(house, source);
  const broken = { source: 'pager', receivedAt: house.clocks.real() };
  await house.ledger.db.insert(incidentInbox).values([
    { ...broken, eventId: 'a', reading: { kind: 'sighting', sighting: { key: 7 } } },
    { ...broken, eventId: 'b', reading: {} },
  ]);
  await webhook(house, source, closedNow(house, { title: 'half a \ud800 and a \0' }));
  await house.settle();
  expect(holds(house)).toBe(false);
  const left = (await house.ledger.db.select().from(incidentInbox)).filter(({ appliedAt }) => !appliedAt);
  expect(left).toEqual([]);
});

it('changes nothing when it is done a second time', async () => {
  const { house, source } = await begin();
  await holding(house, source);
  await webhook(house, source, closedNow(house));
  await house.settle();
  await house.settle();
  const before = (await events(house)).length;
  await webhook(house, source, closedNow(house));
  await house.settle();
  expect(await events(house)).toHaveLength(before);
});

it.each(['P1', null])('asks at once when somebody says only that something happened (%s)', async (key) => {
  const { house, source } = await begin();
  await holding(house, source);
  await house.settle();
  source.says(closedNow(house));
  await house.settle();
  expect(holds(house)).toBe(true);
  await nudge(house, source, key);
  await house.settle();
  expect(holds(house)).toBe(false);
});
