/** With a grace the note comes after it, and what is counted for a note counts from its end. */
import { expect, it } from 'vitest';
import { actions, done, liveGrant } from '../../support/acts.ts';
import { ledgerForFile } from '../../support/empty-ledger.ts';
import { createHouse, type House, testRole } from '../../support/house.ts';
import { incidentNamed, openIncident, webhook } from '../../support/incident-acts.ts';
import { createIncidentSource, sightingOf } from '../../support/incident-source.ts';

const HOUR_S = 3_600;
const DAY_S = 24 * HOUR_S;

const ledger = ledgerForFile();

/** Ana holds the role for longer than any grace. */
async function begin(graceS = DAY_S) {
  const source = createIncidentSource({ graceS });
  const roles = [testRole({ maxDurationS: 3 * DAY_S })];
  const house = await createHouse({ ledger: ledger(), incidents: [source.source], roles });
  await openIncident(house, source);
  const id = await liveGrant(house, 'ana', 'prod-dba', 2 * DAY_S);
  house.clocks.pass(60);
  const says = async (state: 'open' | 'closed', agoS = 0) => {
    const at = new Date(house.clocks.real().getTime() - agoS * 1000);
    await webhook(house, source, source.says(sightingOf({ at, state })));
    await house.settle();
  };
  return { house, source, id, says };
}

async function pass(house: House, seconds: number): Promise<void> {
  for (let left = seconds; left > 0; left -= HOUR_S) {
    house.clocks.pass(Math.min(left, HOUR_S));
    await house.settle();
  }
  await house.settle();
}

it('is left at the end of a grace of a day, of access that went on until then', async () => {
  const { house, source, says } = await begin();
  await says('closed');
  await pass(house, DAY_S - 1);
  expect(source.notes).toEqual([]);
  await pass(house, 1);
  expect(source.notes).toHaveLength(1);
  expect(source.notes[0]?.text).toContain('since INC-1042 was closed');
});

it('waits for absence after the grace as it does without one', async () => {
  const { house, source, says } = await begin();
  await says('closed');
  house.vault.state.down = true;
  await pass(house, DAY_S + 599);
  expect(source.notes).toEqual([]);
  await pass(house, 1);
  expect(source.notes[0]?.text).toContain('not yet confirmed gone');
});

it('is left after the grace also where all was handed back, and not at all where it is reopened within', async () => {
  const { house, source, id, says } = await begin();
  await says('closed');
  await done(house, id);
  await pass(house, HOUR_S);
  house.clocks.pass(1);
  await says('open');
  await pass(house, 2 * DAY_S);
  expect(source.notes).toEqual([]);
  house.clocks.pass(1);
  await says('closed');
  await pass(house, DAY_S);
  expect(source.notes).toHaveLength(1);
});

it('comes no later than the end of access where Curfew heard late of the close', async () => {
  const { house, source, says } = await begin(900);
  await says('closed', 50);
  await pass(house, 849);
  expect(source.notes).toEqual([]);
  await pass(house, 1);
  expect(source.notes).toHaveLength(1);
});

it('is tried for a day after the grace, and then given up on record', async () => {
  const { house, source, says } = await begin();
  await says('closed');
  source.state.notesFail = true;
  // Whether a failed one got there can be asked.
  Object.assign(source.source, { isNoted: async () => false });
  await pass(house, 2 * DAY_S - HOUR_S);
  expect(await actions(house)).not.toContain('incident.not-noted');
  expect(await incidentNamed(house, source)).toMatchObject({ noteDueAt: expect.any(Date) });
  await pass(house, 2 * HOUR_S);
  expect(await actions(house)).toContain('incident.not-noted');
  expect(await incidentNamed(house, source)).toMatchObject({ noteDueAt: null });
});

it('is given up on record where its source was not there for a day after the grace', async () => {
  const { house, source, says } = await begin();
  await says('closed');
  const without = await createHouse({ ledger: ledger(), clocks: house.clocks, vault: house.vault });
  await pass(without, 2 * DAY_S - HOUR_S);
  expect(await incidentNamed(house, source)).toMatchObject({ noteDueAt: expect.any(Date) });
  await pass(without, 2 * HOUR_S);
  expect((await actions(house)).filter((action) => action === 'incident.not-noted')).toHaveLength(1);
  expect(await incidentNamed(house, source)).toMatchObject({ noteDueAt: null });
});

it('is missed by nobody where the source cannot be asked for anything', async () => {
  const source = createIncidentSource({ polls: false });
  const house = await createHouse({ ledger: ledger(), incidents: [source.source] });
  await openIncident(house, source);
  await liveGrant(house);
  house.clocks.pass(60);
  await webhook(house, source, sightingOf({ at: house.clocks.real(), state: 'closed' }));
  await pass(house, DAY_S + HOUR_S);
  expect(await incidentNamed(house, source)).toMatchObject({ noteDueAt: null });
  expect(await actions(house)).not.toContain('incident.not-noted');
});
