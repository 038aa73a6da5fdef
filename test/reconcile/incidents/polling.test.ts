/** Missed webhooks: the sources are asked, within their limits, and what nobody can confirm is not trusted for ever. */
import { expect, it } from 'vitest';
import { actions, alerts, events } from '../../support/acts.ts';
import { ledgerForFile } from '../../support/empty-ledger.ts';
import { createHouse, type House } from '../../support/house.ts';
import {
  bind,
  heldForIncident,
  incidentNamed,
  nudge,
  openIncident,
  webhook,
} from '../../support/incident-acts.ts';
import {
  createIncidentSource,
  sightingOf,
  type TestSource,
  type TestSourceOptions,
} from '../../support/incident-source.ts';

const ledger = ledgerForFile();

const begin = (options: TestSourceOptions = {}) => heldForIncident(ledger(), options);

const holds = (house: House) => house.vault.holds('dba', 'ana');
const close = (house: House, source: TestSource) =>
  source.says(sightingOf({ at: house.clocks.real(), state: 'closed' }));

const warnings = async (house: House) =>
  (await alerts(house)).filter(({ kind }) => kind === 'incident-unconfirmed');

async function minutes(house: House, many: number): Promise<void> {
  for (let minute = 0; minute < many; minute += 1) {
    house.clocks.pass(60);
    await house.settle();
  }
}

it('ends access within five minutes of a close that no webhook told of', async () => {
  const { house, source } = await begin();
  house.clocks.pass(1);
  close(house, source);
  await minutes(house, 5);
  expect(holds(house)).toBe(false);
  expect(await events(house)).toContainEqual(
    expect.objectContaining({
      action: 'incident.closed',
      details: expect.objectContaining({ source: 'pager', key: 'P1', number: 'INC-1042', how: 'poll' }),
    }),
  );
});

it('asks at once after a start', async () => {
  const { house, source } = await begin();
  house.clocks.pass(2);
  close(house, source);
  await house.settle();
  expect(holds(house)).toBe(true);
  const next = await createHouse({ ...house, ledger: ledger(), incidents: [source.source] });
  await next.settle();
  expect(holds(house)).toBe(false);
});

it('asks at least every five minutes while somebody depends on it, and not at all afterwards', async () => {
  const { house, source } = await begin();
  await minutes(house, 20);
  expect(source.asked.length).toBeGreaterThanOrEqual(4);
  expect(source.asked.length).toBeLessThanOrEqual(6);
  close(house, source);
  await minutes(house, 10);
  source.asked.length = 0;
  await minutes(house, 10);
  expect(source.asked).toEqual([]);
});

it('asks once, whichever of two processes does it', async () => {
  const { house, source } = await begin();
  const other = await createHouse({ ...house, ledger: ledger(), incidents: [source.source] });
  await other.settle();
  source.asked.length = 0;
  house.clocks.pass(241);
  await Promise.all([house.settle(), other.settle()]);
  expect(source.asked).toEqual(['P1']);
});

it('leaves a source alone for as long as it asks for, whoever nudges', async () => {
  const { house, source } = await begin();
  Object.assign(source.state, { down: true, retryAfterS: 600 });
  await nudge(house, source, 'P1');
  await house.settle();
  expect(source.asked).toHaveLength(1);
  await nudge(house, source, 'P1');
  await minutes(house, 9);
  expect(source.asked).toHaveLength(1);
  source.state.down = false;
  close(house, source);
  await minutes(house, 1);
  expect(holds(house)).toBe(false);
});

it('asks at most four things at a time', async () => {
  const { house, source } = await begin();
  let answer = () => {};
  source.state.wait = new Promise<void>((resolve) => {
    answer = resolve;
  });
  for (let i = 2; i < 9; i += 1) {
    await webhook(
      house,
      source,
      source.says(sightingOf({ key: `P${i}`, number: null, at: house.clocks.real() })),
    );
    await nudge(house, source, `P${i}`);
  }
  const settled = house.settle();
  await expect.poll(() => source.asked.length).toBe(4);
  answer();
  await settled;
  expect(source.most.inFlight).toBe(4);
  expect(source.asked).toHaveLength(7);
});

it('believes an open answer that was slow only as of when it was asked for', async () => {
  const { house, source } = await begin();
  let answer = () => {};
  source.state.wait = new Promise<void>((resolve) => {
    answer = resolve;
  });
  house.clocks.pass(241);
  const settled = house.settle();
  await expect.poll(() => source.asked.length).toBe(1);
  house.clocks.pass(2);
  await webhook(house, source, close(house, source));
  house.clocks.pass(1);
  answer();
  await settled;
  await house.settle();
  expect(await incidentNamed(house, source)).toMatchObject({ state: 'closed' });
  // The close was newer: nobody had to ask once more.
  expect(source.asked).toEqual(['P1']);
  expect(holds(house)).toBe(false);
});

it('asks again when an older webhook contradicts what a poll said', async () => {
  const { house, source } = await begin();
  house.clocks.pass(250);
  await house.settle();
  source.asked.length = 0;
  // The source's clock is behind ours: its close seems older than our question.
  const behind = sightingOf({ at: new Date(house.clocks.real().getTime() - 5_000), state: 'closed' });
  source.says(behind);
  house.clocks.pass(1);
  await webhook(house, source, behind);
  await house.settle();
  expect(source.asked).toEqual(['P1']);
  expect(holds(house)).toBe(false);
});

it('takes "no such incident" for its close only when it is said twice, a minute apart', async () => {
  const { house, source } = await begin();
  source.forgets('P1');
  await nudge(house, source, 'P1');
  await house.settle();
  house.clocks.pass(59);
  await nudge(house, source, 'P1');
  await house.settle();
  expect(holds(house)).toBe(true);
  house.clocks.pass(1);
  await house.settle();
  expect(holds(house)).toBe(false);
  expect(await actions(house)).toContain('incident.unknown');
});

it('forgives "no such incident" that was said once', async () => {
  const { house, source } = await begin();
  source.forgets('P1');
  await nudge(house, source, 'P1');
  await house.settle();
  source.says(sightingOf({ at: house.clocks.real() }));
  await minutes(house, 3);
  source.forgets('P1');
  await minutes(house, 2);
  expect(source.asked.length).toBe(3);
  expect(holds(house)).toBe(true);
});

it('says once in the alerts channel that it cannot be confirmed, and lets access run', async () => {
  const { house, source } = await begin();
  source.state.down = true;
  await minutes(house, 29);
  expect(await warnings(house)).toEqual([]);
  await minutes(house, 8);
  const said = await warnings(house);
  expect(said).toMatchObject([{ source: 'pager', name: 'INC-1042', ends: false }]);
  expect(holds(house)).toBe(true);
  source.state.down = false;
  await minutes(house, 2);
  source.state.down = true;
  await minutes(house, 36);
  expect(await warnings(house)).toHaveLength(2);
});

it('ends access that cannot be confirmed where it is configured to', async () => {
  const { house, source, id } = await begin({ unconfirmed: 'end' });
  source.state.down = true;
  await minutes(house, 29);
  expect(holds(house)).toBe(true);
  await minutes(house, 7);
  expect(holds(house)).toBe(false);
  expect((await house.view(id)).grant).toMatchObject({
    endReason: 'incident',
    endNote: expect.stringMatching(/^INC-1042 could not be confirmed for \d+ minutes$/),
  });
});

it('does not call unconfirmed what nobody tried to confirm while Curfew was down', async () => {
  const { house, source } = await begin({ unconfirmed: 'end' });
  house.clocks.pass(3_000);
  const next = await createHouse({ ...house, ledger: ledger(), incidents: [source.source] });
  await next.settle();
  expect(holds(house)).toBe(true);
  expect(await warnings(house)).toEqual([]);
});

it('alerts of incidents whose source is gone from the configuration, and keeps their access', async () => {
  const { house } = await begin({ unconfirmed: 'end' });
  const next = await createHouse({ ...house, ledger: ledger(), incidents: [] });
  await minutes(next, 36);
  expect(await warnings(house)).toHaveLength(1);
  expect(holds(house)).toBe(true);
});

it('holds pending requests to the same: one that waits is asked about too', async () => {
  const source = createIncidentSource();
  const house = await createHouse({ ledger: ledger(), incidents: [source.source] });
  const incident = await openIncident(house, source);
  const id = await house.ask();
  await bind(house, id, incident);
  await house.settle();
  house.clocks.pass(1);
  close(house, source);
  await minutes(house, 5);
  expect((await house.view(id)).request).toMatchObject({ state: 'cancelled' });
});
