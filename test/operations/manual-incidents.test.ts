/** Incidents that an admin opens and closes by hand, for those that no source knows of. */
import { describe, expect, it } from 'vitest';
import { findIncident } from '../../db/incidents.ts';
import { setManualIncident } from '../../src/operations/set-manual-incident.ts';
import { submitRequest } from '../../src/operations/submit-request.ts';
import { events } from '../support/acts.ts';
import { createManualClocks } from '../support/clocks.ts';
import { ledgerForFile } from '../support/empty-ledger.ts';
import { createHouse, type House, testRole } from '../support/house.ts';
import { createScriptedIncidents } from '../support/scripted-incidents.ts';

const ledger = ledgerForFile();

async function houseWith({ requiresIncident = false } = {}) {
  const clocks = createManualClocks();
  const pagerduty = createScriptedIncidents({ real: clocks.real });
  const roles = [testRole({ requiresIncident })];
  const house = await createHouse({ ledger: ledger(), clocks, roles, incidents: [pagerduty.source] });
  return { house, pagerduty };
}

async function set(
  house: House,
  to: 'open' | 'closed',
  name: string,
  who = 'mia',
  title: string | null = null,
) {
  const speaker = await house.person(who);
  return setManualIncident(house.ctx, { deliveryKey: house.deliveryKey(), speaker, to, name, title });
}

async function ask(house: House, reference: string, trusted = false) {
  const catalog = { ...house.ctx.catalog, manualIncidentsTrusted: trusted };
  return submitRequest(
    { ...house.ctx, catalog },
    {
      deliveryKey: house.deliveryKey(),
      requester: await house.person('ana'),
      role: 'prod-dba',
      durationS: 3600,
      endsBy: null,
      reference,
      reason: 'failing over the primary',
    },
  );
}

const manual = (house: House, key: string) => findIncident(house.ledger.db, 'manual', key);
const no = (message: RegExp) => ({ ok: false, refusal: { message: expect.stringMatching(message) } });

describe('an admin', () => {
  it('opens one, in capitals whatever was typed, and who did it is on record', async () => {
    const { house } = await houseWith();
    expect(await set(house, 'open', 'ops-7', 'mia', 'Fire in the cellar')).toEqual({
      ok: true,
      name: 'OPS-7',
      changed: true,
    });
    expect(await manual(house, 'OPS-7')).toMatchObject({ state: 'open', title: 'Fire in the cellar' });
    await house.settle();
    const event = (await events(house)).find(({ action }) => action === 'incident.opened-by-hand');
    expect(event).toMatchObject({
      actor: 'slack:U-mia mia@acme.test',
      details: { incident: 'OPS-7', title: 'Fire in the cellar' },
    });
  });

  it('closes and reopens it, also where another machine’s clock was ahead', async () => {
    const { house } = await houseWith();
    await set(house, 'open', 'OPS-7', 'mia', 'Fire');
    const behind = { ...house.ctx, clocks: { ...house.clocks, real: () => new Date(0) } };
    const speaker = await house.person('mia');
    const close = {
      deliveryKey: house.deliveryKey(),
      speaker,
      to: 'closed',
      name: 'OPS-7',
      title: null,
    } as const;
    expect(await setManualIncident(behind, close)).toMatchObject({ ok: true, changed: true });
    expect(await manual(house, 'OPS-7')).toMatchObject({ state: 'closed', title: 'Fire' });
    expect(await set(house, 'closed', 'OPS-7')).toMatchObject({ ok: true, changed: false });
    expect(await set(house, 'open', 'OPS-7')).toMatchObject({ ok: true, changed: true });
    expect(await manual(house, 'OPS-7')).toMatchObject({ state: 'open', closedAt: null });
  });

  it('neither opens nor closes what is a source’s own, by whichever name', async () => {
    const { house, pagerduty } = await houseWith();
    pagerduty.has('INC-1042');
    const owned = no(/is an incident of pagerduty: it is opened and closed there/);
    expect(await set(house, 'open', 'INC-1042')).toMatchObject(owned);
    expect(await set(house, 'closed', 'inc-1042')).toMatchObject(owned);
    expect(await set(house, 'closed', pagerduty.urlOf('INC-1042'))).toMatchObject(owned);
    expect(await manual(house, 'INC-1042')).toBeNull();
  });

  it('opens one while the source that might have it is down, and can close it though it has it after all', async () => {
    const { house, pagerduty } = await houseWith();
    pagerduty.is('down');
    expect(await set(house, 'open', 'INC-1042')).toMatchObject({ ok: true, changed: true });
    pagerduty.is(null);
    pagerduty.has('INC-1042');
    expect(await ask(house, 'INC-1042')).toMatchObject(no(/an incident of manual and pagerduty alike/));
    expect(await set(house, 'closed', 'INC-1042')).toMatchObject({ ok: true, changed: true });
    expect(await ask(house, 'INC-1042')).toMatchObject({ ok: true });
  });

  it('is told what cannot be: a name that is none, and closing what is not there', async () => {
    const { house } = await houseWith();
    expect(await set(house, 'open', 'the big one')).toMatchObject(no(/named like INC-1042/));
    expect(await set(house, 'closed', 'OPS-9')).toMatchObject(no(/No incident OPS-9 was opened by hand/));
  });
});

it('nobody but an admin does, and who tried is on record', async () => {
  const { house, pagerduty } = await houseWith();
  expect(await set(house, 'open', 'OPS-7', 'omar')).toMatchObject({
    ok: false,
    refusal: { code: 'not-allowed' },
  });
  expect(await manual(house, 'OPS-7')).toBeNull();
  expect(pagerduty.asked).toEqual([]);
  await house.settle();
  expect(await events(house)).toMatchObject([
    { action: 'incident.refused', actor: 'slack:U-omar omar@acme.test', details: { incident: 'OPS-7' } },
  ]);
});

it('access is asked for one by name, and refused once it is closed', async () => {
  const { house } = await houseWith();
  await set(house, 'open', 'OPS-8');
  await set(house, 'closed', 'OPS-8');
  expect(await ask(house, 'OPS-8')).toMatchObject(no(/OPS-8 is closed \(it was closed by hand\)/));
  await set(house, 'open', 'OPS-7');
  const result = await ask(house, 'OPS-7');
  if (!result.ok) throw new Error('refused');
  const { incident, request } = await house.view(result.id);
  expect(incident).toMatchObject({ source: 'manual', key: 'OPS-7' });
  expect(request.decision.facts.incident).toMatchObject({ source: 'manual', trusted: false });
});

it('one satisfies a role that needs an incident only where the configuration trusts those', async () => {
  const { house } = await houseWith({ requiresIncident: true });
  await set(house, 'open', 'OPS-7');
  expect(await ask(house, 'OPS-7')).toMatchObject(no(/OPS-7 was opened by hand/));
  expect(await ask(house, 'OPS-7', true)).toMatchObject({ ok: true });
});
