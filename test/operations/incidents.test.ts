/** What a reference means when access is asked for, and what is refused because of it. */
import { describe, expect, it } from 'vitest';
import { applySighting, findIncident } from '../../db/incidents.ts';
import type { Sighting } from '../../src/domain/incident.ts';
import { requestExtension } from '../../src/operations/request-extension.ts';
import { submitRequest } from '../../src/operations/submit-request.ts';
import { events, liveGrant } from '../support/acts.ts';
import { createManualClocks } from '../support/clocks.ts';
import { ledgerForFile } from '../support/empty-ledger.ts';
import { createHouse, type House, type HouseOptions, testRole } from '../support/house.ts';
import { createScriptedIncidents, type ScriptedIncidents } from '../support/scripted-incidents.ts';
import { until } from '../support/slack-workspace.ts';
import { createVault } from '../support/vault.ts';

const ledger = ledgerForFile();

/** Roles enough to ask for the same thing several times. */
const roles = ['prod-dba', 'a', 'b', 'c'].map((name) =>
  testRole({ name, entitlements: [{ connector: 'vault', permission: { key: name } }] }),
);

async function houseWith(
  given: Parameters<typeof createScriptedIncidents>[0][] = [{}],
  options: HouseOptions = {},
) {
  const clocks = createManualClocks();
  const scripts = given.map((each) => createScriptedIncidents({ real: clocks.real, ...each }));
  const incidents = scripts.map(({ source }) => source);
  const house = await createHouse({ ledger: ledger(), clocks, incidents, roles, ...options });
  const [pagerduty, other] = scripts;
  if (!pagerduty) throw new Error('a house with incidents has a source of them');
  return { house, pagerduty, other: other ?? pagerduty };
}

type Over = Partial<Pick<Parameters<typeof submitRequest>[1], 'incidentId' | 'role'>>;

async function ask(house: House, reference: string | null, over: Over = {}) {
  return submitRequest(house.ctx, {
    deliveryKey: house.deliveryKey(),
    requester: await house.person('ana'),
    role: 'prod-dba',
    durationS: 3600,
    endsBy: null,
    reference,
    reason: 'failing over the primary',
    ...over,
  });
}

async function asked(house: House, reference: string | null, over: Over = {}) {
  const result = await ask(house, reference, over);
  if (!result.ok) throw new Error(`refused: ${JSON.stringify(result.refusal)}`);
  return house.view(result.id);
}

const refusedBy = (rule: string, message: RegExp) => ({
  ok: false,
  refusal: { code: 'policy', rule, message: expect.stringMatching(message) },
});

/** What a webhook would do. */
async function hears(house: House, { source }: ScriptedIncidents, sighting: Sighting) {
  const times = { now: house.clocks.now(), real: house.clocks.real() };
  const { incident } = await house.ledger.tx((tx) => applySighting(tx, source, sighting, times, 'webhook'));
  return incident;
}

describe('a reference', () => {
  it.each(['number', 'link'] as const)('by %s binds the request to the open incident', async (by) => {
    const { house, pagerduty } = await houseWith();
    pagerduty.has('INC-1042');
    const { request, incident } = await asked(
      house,
      by === 'number' ? 'INC-1042' : pagerduty.urlOf('INC-1042'),
    );
    expect(incident).toMatchObject({ source: 'pagerduty', key: 'K-INC-1042', state: 'open' });
    expect(request.incidentId).toBe(incident?.id);
    expect(request.decision.facts.incident).toEqual({
      open: true,
      nature: 'real',
      severity: 'sev1',
      service: 'payments',
      acknowledgedBy: 'Omar',
      source: 'pagerduty',
      number: 'INC-1042',
      graceS: 0,
      trusted: true,
    });
  });

  it('that no source takes for its own stays a ticket, and nobody is asked about it', async () => {
    const { house, pagerduty } = await houseWith();
    const { request, incident } = await asked(house, 'JIRA-88');
    expect(request).toMatchObject({ reference: 'JIRA-88', incidentId: null });
    expect(incident).toBeNull();
    expect(pagerduty.asked).toEqual([]);
  });

  it('to a closed incident is refused with that reason, and the refusal is on record', async () => {
    const { house, pagerduty } = await houseWith();
    pagerduty.has('INC-1042', { state: 'closed' });
    expect(await ask(house, 'INC-1042')).toMatchObject(
      refusedBy('incident-open', /INC-1042 is closed \(so says pagerduty\)/),
    );
    await house.settle();
    const refusal = (await events(house)).find(({ action }) => action === 'request.refused');
    expect(refusal?.details).toMatchObject({ rule: 'incident-open', facts: { incident: { open: false } } });
  });

  it('to an incident that its source denies is refused, though the ledger once heard of it', async () => {
    const { house, pagerduty } = await houseWith();
    const denied = refusedBy('incident-open', /There is no incident INC-9 at pagerduty\./);
    expect(await ask(house, 'INC-9')).toMatchObject(denied);
    pagerduty.has('INC-9');
    await asked(house, 'INC-9');
    pagerduty.forgets('INC-9');
    house.clocks.pass(61);
    expect(await ask(house, 'INC-9', { role: 'a' })).toMatchObject(denied);
  });

  it.each(['down', 'silent'] as const)('is refused as unknown while its source is %s', async (trouble) => {
    const { house, pagerduty } = await houseWith();
    pagerduty.has('INC-1042');
    pagerduty.is(trouble);
    expect(await ask(house, 'INC-1042')).toMatchObject(refusedBy('facts-known', /refused: pagerduty/));
  });

  it('is not asked about again within a minute, and then it is', async () => {
    const { house, pagerduty } = await houseWith();
    pagerduty.has('INC-1042');
    await asked(house, 'INC-1042');
    pagerduty.has('INC-1042', { state: 'closed' });
    house.clocks.pass(60);
    await asked(house, 'INC-1042', { role: 'a' });
    expect(pagerduty.asked).toEqual(['find INC-1042']);
    house.clocks.pass(1);
    expect(await ask(house, 'INC-1042', { role: 'b' })).toMatchObject(refusedBy('incident-open', /closed/));
  });

  it('counts for half an hour as it was last confirmed while its source is down, and no longer', async () => {
    const { house, pagerduty } = await houseWith();
    pagerduty.has('INC-1042');
    await asked(house, 'INC-1042');
    pagerduty.is('down');
    house.clocks.pass(30 * 60);
    await asked(house, 'INC-1042', { role: 'a' });
    house.clocks.pass(1);
    expect(await ask(house, 'INC-1042', { role: 'b' })).toMatchObject(
      refusedBy('facts-known', /cannot be reached/),
    );
  });

  it('of a source that cannot be asked is what its webhooks said, and unknown before', async () => {
    const { house, pagerduty } = await houseWith([{ polls: false }]);
    expect(await ask(house, 'INC-1042')).toMatchObject(
      refusedBy('facts-known', /pagerduty has not told of INC-1042, and cannot be asked/),
    );
    await hears(house, pagerduty, pagerduty.has('INC-1042'));
    house.clocks.pass(86_400);
    expect((await asked(house, 'INC-1042')).incident?.key).toBe('K-INC-1042');
    expect(pagerduty.asked).toEqual([]);
  });

  it('that two sources have is refused, naming both; of what only one has, it is that one', async () => {
    const { house, pagerduty, other } = await houseWith([{}, { name: 'rootly' }]);
    pagerduty.has('INC-1');
    pagerduty.has('INC-2');
    other.has('INC-2');
    expect(await ask(house, 'INC-2')).toMatchObject(
      refusedBy('incident-open', /INC-2 is an incident of pagerduty and rootly alike/),
    );
    expect(await ask(house, 'INC-3')).toMatchObject(
      refusedBy('incident-open', /no incident INC-3 at pagerduty or rootly/),
    );
    expect((await asked(house, 'INC-1')).incident?.source).toBe('pagerduty');
    expect((await asked(house, other.urlOf('INC-2'), { role: 'a' })).incident?.source).toBe('rootly');
  });

  it('to an incident that was merged is to the one that goes on, if that one is open', async () => {
    const { house, pagerduty } = await houseWith();
    pagerduty.has('INC-1', { state: 'closed', mergedInto: 'K-INC-2' });
    expect(await ask(house, 'INC-1')).toMatchObject(refusedBy('incident-open', /no incident/));
    pagerduty.has('INC-2');
    expect((await asked(house, 'INC-1')).incident?.key).toBe('K-INC-2');
    pagerduty.has('INC-2', { state: 'closed' });
    house.clocks.pass(61);
    expect(await ask(house, 'INC-1', { role: 'a' })).toMatchObject(
      refusedBy('incident-open', /INC-2 is closed/),
    );
  });
});

describe('an incident that was chosen', () => {
  it('is the one that is meant, and gives the request its reference', async () => {
    const { house, pagerduty } = await houseWith();
    const { id } = await hears(house, pagerduty, pagerduty.has('INC-1042'));
    const { request } = await asked(house, null, { incidentId: id });
    expect(request).toMatchObject({ incidentId: id, reference: 'INC-1042' });
  });

  it('is refused where it is closed by now, or nowhere to be found', async () => {
    const { house, pagerduty } = await houseWith();
    const { id } = await hears(house, pagerduty, pagerduty.has('INC-1042'));
    pagerduty.has('INC-1042', { state: 'closed' });
    house.clocks.pass(61);
    expect(await ask(house, null, { incidentId: id })).toMatchObject(refusedBy('incident-open', /closed/));
    expect(await ask(house, null, { incidentId: 999 })).toMatchObject(
      refusedBy('incident-open', /not known any more/),
    );
  });
});

it('an incident that is closed while the rest is looked up binds nothing', async () => {
  const clocks = createManualClocks();
  const pagerduty = createScriptedIncidents({ real: clocks.real });
  pagerduty.has('INC-1042');
  const vault = createVault();
  const connector = {
    ...vault.connector,
    // Once the incident was found to be open, it is closed.
    async targetId(context: Parameters<typeof vault.connector.targetId>[0]) {
      await until(
        () => findIncident(ledger().ledger.db, 'pagerduty', 'INC-1042'),
        'the incident to be found',
      );
      clocks.pass(1);
      const closed = pagerduty.has('INC-1042', { state: 'closed' });
      await hears(house, pagerduty, closed);
      return vault.connector.targetId(context);
    },
  };
  const house: House = await createHouse({
    ledger: ledger(),
    clocks,
    vault,
    roles,
    connectors: [connector],
    incidents: [pagerduty.source],
  });
  const result = await ask(house, 'INC-1042');
  expect(result).toMatchObject(refusedBy('incident-open', /INC-1042 is closed/));
  if (result.ok || result.refusal.code !== 'policy') throw new Error('not refused');
  const { request } = await house.view(result.refusal.id ?? '');
  expect(request).toMatchObject({ state: 'denied', decision: { rule: 'incident-open', stages: [] } });
});

describe('a role that needs an incident', () => {
  const needing = roles.map((role) => ({ ...role, requiresIncident: true }));

  it('is given for an open one, and for no ticket and for nothing', async () => {
    const { house, pagerduty } = await houseWith([{}], { roles: needing });
    pagerduty.has('INC-1042');
    for (const reference of [null, 'JIRA-88'])
      expect(await ask(house, reference)).toMatchObject(
        refusedBy('incident-required', /needs an open incident/),
      );
    expect((await asked(house, 'INC-1042')).request.state).toBe('pending');
  });
});

it('more time is asked for the same incident, and not once it is closed', async () => {
  const { house, pagerduty } = await houseWith([{ graceS: 900 }]);
  pagerduty.has('INC-1042');
  const grantId = await liveGrant(house);
  const more = async () =>
    requestExtension(house.ctx, {
      deliveryKey: house.deliveryKey(),
      requester: await house.person('ana'),
      grantId,
      durationS: 600,
      reason: 'it takes longer',
    });
  const first = await more();
  if (!first.ok) throw new Error('refused');
  const { incident, request } = await house.view(first.id);
  expect(incident?.number).toBe('INC-1042');
  expect(request.decision.facts.incident).toMatchObject({ open: true, graceS: 900 });
  house.clocks.pass(60);
  await hears(house, pagerduty, pagerduty.has('INC-1042', { state: 'closed' }));
  await house.settle();
  expect(await more()).toMatchObject(refusedBy('incident-open', /ends with it: ask anew/));
});
