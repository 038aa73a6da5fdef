/** Sources answer by the clock of this machine, which may be wrong: what they say counts as of when they were asked. */
import { expect, it } from 'vitest';
import { applySighting } from '../../db/incidents.ts';
import type { Sighting } from '../../src/domain/incident.ts';
import { submitRequest } from '../../src/operations/submit-request.ts';
import { createManualClocks } from '../support/clocks.ts';
import { ledgerForFile } from '../support/empty-ledger.ts';
import { createHouse } from '../support/house.ts';
import { createScriptedIncidents } from '../support/scripted-incidents.ts';

const ledger = ledgerForFile();

/** `offS`: how far the clock is ahead by which the source's answers are dated, seconds. */
async function houseWith(offS: number) {
  const clocks = createManualClocks();
  const real = () => new Date(clocks.real().getTime() + offS * 1000);
  const pagerduty = createScriptedIncidents({ real });
  const house = await createHouse({ ledger: ledger(), clocks, incidents: [pagerduty.source] });
  const ask = async () =>
    submitRequest(house.ctx, {
      deliveryKey: house.deliveryKey(),
      requester: await house.person('ana'),
      role: 'prod-dba',
      durationS: 3600,
      endsBy: null,
      reference: 'INC-1042',
      reason: 'failing over the primary',
    });
  /** What a webhook would do. */
  const hears = async (over: Partial<Sighting>) => {
    const sighting = pagerduty.has('INC-1042', { at: clocks.real(), ...over });
    const times = { now: clocks.now(), real: clocks.real() };
    return (await house.ledger.tx((tx) => applySighting(tx, pagerduty.source, sighting, times, 'webhook')))
      .incident;
  };
  return { clocks, pagerduty, ask, hears };
}

it('refuses what its source calls closed, though that answer seems older than what is known', async () => {
  const { clocks, pagerduty, ask, hears } = await houseWith(-180);
  await hears({ state: 'open' });
  clocks.pass(90);
  pagerduty.has('INC-1042', { state: 'closed' });
  expect(await ask()).toMatchObject({
    ok: false,
    refusal: { rule: 'incident-open', message: expect.stringContaining('INC-1042 is closed') },
  });
});

it('believes a close that comes a moment after an answer that seems newer', async () => {
  const { clocks, pagerduty, ask, hears } = await houseWith(240);
  pagerduty.has('INC-1042');
  expect(await ask()).toMatchObject({ ok: true });
  clocks.pass(10);
  expect((await hears({ state: 'closed' })).state).toBe('closed');
});

it('refuses what two answers say different things of, and says to try again', async () => {
  const { clocks, pagerduty, ask, hears } = await houseWith(0);
  // The source's own clock is ahead of ours.
  await hears({ state: 'open', at: new Date(clocks.real().getTime() + 200_000) });
  clocks.pass(90);
  pagerduty.has('INC-1042', { state: 'closed' });
  expect(await ask()).toMatchObject({
    ok: false,
    refusal: { message: expect.stringContaining('says two things of INC-1042 just now') },
  });
});
