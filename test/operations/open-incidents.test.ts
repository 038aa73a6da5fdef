/** Which incidents are open: as the sources say, and where one cannot be asked, as the ledger has it. */
import { describe, expect, it } from 'vitest';
import { applySighting } from '../../db/incidents.ts';
import type { Sighting } from '../../src/domain/incident.ts';
import { listOpenIncidents } from '../../src/operations/list-open-incidents.ts';
import { createManualClocks } from '../support/clocks.ts';
import { ledgerForFile } from '../support/empty-ledger.ts';
import { createHouse, type House } from '../support/house.ts';
import { createScriptedIncidents, type ScriptedIncidents } from '../support/scripted-incidents.ts';

const ledger = ledgerForFile();

async function twoSources() {
  const clocks = createManualClocks();
  const pagerduty = createScriptedIncidents({ real: clocks.real });
  const other = createScriptedIncidents({ real: clocks.real, name: 'rootly' });
  const incidents = [pagerduty.source, other.source];
  return { house: await createHouse({ ledger: ledger(), clocks, incidents }), pagerduty, other };
}

async function hears(house: House, { source }: ScriptedIncidents, sighting: Sighting) {
  const times = { now: house.clocks.now(), real: house.clocks.real() };
  await house.ledger.tx((tx) => applySighting(tx, source, sighting, times, 'webhook'));
}

describe('the open incidents', () => {
  it('are those that the sources list, newest first', async () => {
    const { house, pagerduty, other } = await twoSources();
    pagerduty.has('INC-1', { openedAt: new Date(0) });
    pagerduty.has('INC-2', { state: 'closed' });
    other.has('INC-3');
    const { incidents, notAsked } = await listOpenIncidents(house.ctx);
    expect(incidents.map(({ number }) => number)).toEqual(['INC-3', 'INC-1']);
    expect(notAsked).toEqual([]);
  });

  it.each(['down', 'silent'] as const)(
    'are those that the ledger knows where a source is %s, and it is said which',
    async (trouble) => {
      const { house, pagerduty, other } = await twoSources();
      await hears(house, pagerduty, pagerduty.has('INC-1'));
      pagerduty.has('INC-2');
      other.has('INC-3');
      pagerduty.is(trouble);
      const { incidents, notAsked } = await listOpenIncidents(house.ctx);
      expect(incidents.map(({ number }) => number).sort()).toEqual(['INC-1', 'INC-3']);
      expect(notAsked).toEqual([expect.stringMatching(/^pagerduty /)]);
    },
  );
});
