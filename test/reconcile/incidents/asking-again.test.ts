/** When a source is asked once more: news while it answers, many nudges, clocks that differ, and nobody let in. */
import { isNull } from 'drizzle-orm';
import { expect, it } from 'vitest';
import { incidentInbox } from '../../../db/schema-incidents.ts';
import { alerts } from '../../support/acts.ts';
import { ledgerForFile } from '../../support/empty-ledger.ts';
import type { House } from '../../support/house.ts';
import {
  bind,
  heldForIncident,
  incidentNamed,
  nudge,
  openIncident,
  webhook,
} from '../../support/incident-acts.ts';
import { sightingOf, type TestSource, type TestSourceOptions } from '../../support/incident-source.ts';

const ledger = ledgerForFile();

const begin = (options: TestSourceOptions = {}) => heldForIncident(ledger(), options);

const holds = (house: House) => house.vault.holds('dba', 'ana');

/** A poll is on its way; the source answers as it was then, once it is let. */
async function inFlight(house: House, source: TestSource) {
  let answer = () => {};
  source.state.wait = new Promise<void>((resolve) => {
    answer = resolve;
  });
  house.clocks.pass(241);
  const settled = house.settle();
  await expect.poll(() => source.asked.length).toBe(1);
  source.state.wait = null;
  return async () => {
    answer();
    await settled;
    await house.settle();
  };
}

/** What came in is applied, while the answer is still on its way. */
async function takenIn(house: House): Promise<void> {
  await house.reconcile.sweep();
  const waiting = () => house.ledger.db.$count(incidentInbox, isNull(incidentInbox.appliedAt));
  await expect.poll(waiting).toBe(0);
}

it('asks once more when it is nudged while an answer is on its way, for that may be from before', async () => {
  const { house, source } = await begin();
  const answered = await inFlight(house, source);
  house.clocks.pass(1);
  source.says(sightingOf({ at: house.clocks.real(), state: 'closed' }));
  await nudge(house, source, 'P1');
  await takenIn(house);
  await answered();
  expect(source.asked).toEqual(['P1', 'P1']);
  expect(holds(house)).toBe(false);
});

it('does not take an answer for a reopening that was asked for before the close was known', async () => {
  const { house, source } = await begin({ graceS: 900 });
  const answered = await inFlight(house, source);
  house.clocks.pass(1);
  // The source's clock is behind ours: its close is older than our question.
  const closed = sightingOf({ at: new Date(house.clocks.real().getTime() - 3_000), state: 'closed' });
  await webhook(house, source, closed);
  await takenIn(house);
  await answered();
  expect(await incidentNamed(house, source)).toMatchObject({ state: 'closed' });
  house.clocks.pass(900);
  await house.settle();
  expect(holds(house)).toBe(false);
});

it('asks about all of them in turn, however often it is nudged about all', async () => {
  const { house, source } = await begin();
  const keys = Array.from({ length: 12 }, (_, index) => `P${index + 2}`);
  for (const [index, key] of keys.entries()) {
    const incident = await openIncident(house, source, { key, number: `INC-${index}` });
    await bind(house, await house.ask(`person${index}`), incident);
  }
  await house.settle();
  source.asked.length = 0;
  for (let second = 0; second < 13; second += 1) {
    await nudge(house, source, null);
    house.clocks.pass(1);
    await house.settle();
  }
  const times = keys.map((key) => source.asked.filter((asked) => asked === key).length);
  // Ten a second of thirteen: nobody is left out twice running.
  expect(Math.min(...times)).toBeGreaterThanOrEqual(6);
});

it('warns of what it is not let ask about either, and ends it where so configured', async () => {
  const { house, source } = await begin({ unconfirmed: 'end' });
  await openIncident(house, source, { key: 'P2', number: 'INC-7' });
  house.clocks.pass(60);
  // Asked about another one, the source wants to be left alone for an hour.
  Object.assign(source.state, { down: true, retryAfterS: 3_600 });
  await nudge(house, source, 'P2');
  await house.settle();
  const asked = source.asked.length;
  for (let minute = 0; minute < 28; minute += 1) {
    house.clocks.pass(60);
    await house.settle();
  }
  expect(holds(house)).toBe(true);
  for (let minute = 0; minute < 8; minute += 1) {
    house.clocks.pass(60);
    await house.settle();
  }
  expect(await alerts(house)).toContainEqual(
    expect.objectContaining({ kind: 'incident-unconfirmed', name: 'INC-1042' }),
  );
  expect(holds(house)).toBe(false);
  expect(source.asked.length).toBe(asked);
});

it('does not ask again and again while clocks differ', async () => {
  const { house, source } = await begin();
  // The source's clock is ahead of ours by minutes, and it has changed its mind since.
  const ahead = new Date(house.clocks.real().getTime() + 200_000);
  await webhook(house, source, sightingOf({ at: ahead, title: 'Not so bad' }));
  source.says(sightingOf({ at: ahead, state: 'closed' }));
  await house.settle();
  house.clocks.pass(241 - 200);
  await nudge(house, source, 'P1');
  source.asked.length = 0;
  for (let second = 0; second < 20; second += 1) {
    house.clocks.pass(1);
    await house.settle();
  }
  expect(source.asked.length).toBeLessThanOrEqual(5);
  expect(source.asked.length).toBeGreaterThanOrEqual(3);
});
