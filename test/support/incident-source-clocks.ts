/** What every source promises of dates that cannot be: access ends when its incident does, all the same. */
import { describe, expect, test } from 'vitest';
import { findIncident, putInbox } from '../../db/incidents.ts';
import { liveGrant } from './acts.ts';
import { ledgerForFile } from './empty-ledger.ts';
import { createHouse } from './house.ts';
import { bind } from './incident-acts.ts';
import { delivery, type Happening, type SourceFixture } from './incident-vendor.ts';

const YEAR_MS = 31_536_000_000;

export function clockContract({ make, sign, vendor }: SourceFixture): void {
  const [secret] = vendor.secrets;
  const [incident] = vendor.told;

  describe('dates that cannot be, through the inbox', () => {
    const ledger = ledgerForFile();

    async function begin() {
      const source = make({ secrets: [secret], api: null });
      const house = await createHouse({ ledger: ledger(), incidents: [source] });
      // Its requests are for no incident until the test binds them: some sources take any ticket for their own.
      const { clocks, vault } = house;
      const asking = await createHouse({ ledger: ledger(), clocks, vault });
      let events = 0;
      const hears = async (what: Happening, at: Date, about = incident) => {
        const eventId = `ev-${++events}`;
        const raw = Buffer.from(
          JSON.stringify(vendor.event(what, { eventId, at, incident: about, into: null })),
        );
        const signed = delivery(raw, sign(raw, { secrets: [secret], eventId, at: new Date() }));
        expect(source.verify(signed)).toBe(true);
        const receivedAt = house.clocks.real();
        const reading = source.read({ ...signed, receivedAt });
        if (reading.kind !== 'sighting') expect.fail(`should be a sighting, but is ${reading.kind}`);
        await putInbox(house.ledger.db, [{ source: source.name, eventId, receivedAt, reading }]);
      };
      const known = async () => findIncident(house.ledger.db, source.name, incident.key);
      const holds = () => house.vault.holds('dba', 'ana');
      return { source, house, asking, hears, known, holds };
    }

    test.each([
      ['a year ahead', YEAR_MS],
      ['ten minutes ahead', 600_000],
    ])('an opening dated %s does not outlast the true close', async (_name, aheadMs) => {
      const { source, house, asking, hears, known, holds } = await begin();
      await hears('opened', new Date(house.clocks.real().getTime() + aheadMs));
      await house.settle();
      expect(await known()).toMatchObject({ state: 'open', seenAt: house.clocks.real() });
      await bind(house, await liveGrant(asking), await known());
      expect(holds()).toBe(true);
      house.clocks.pass(60);
      await hears('resolved', house.clocks.real());
      house.clocks.pass(source.graceS + 1);
      await house.settle();
      expect(await known()).toMatchObject({ state: 'closed' });
      expect(holds()).toBe(false);
      await source.close();
    });

    test('an opening and its close are applied together, whatever date the opening has', async () => {
      const { source, house, hears, known } = await begin();
      await hears('opened', new Date(house.clocks.real().getTime() + YEAR_MS));
      house.clocks.pass(1);
      await hears('resolved', house.clocks.real());
      house.clocks.pass(10);
      await house.settle();
      expect(await known()).toMatchObject({ state: 'closed' });
      await source.close();
    });

    test.each(['0000-01-01T00:00:00.000Z', '1969-12-31T23:59:59.000Z', '9999-12-31T23:59:59.000Z'])(
      'an incident that says it was opened %s is kept, and its close counts',
      async (openedAt) => {
        const { source, house, hears, known } = await begin();
        const about = { ...incident, openedAt: new Date(openedAt) };
        await hears('opened', house.clocks.real(), about);
        await house.settle();
        const row = await known();
        expect(row?.state).toBe('open');
        expect(row?.openedAt.getTime()).toBeGreaterThanOrEqual(Date.UTC(2000));
        expect(row?.openedAt.getTime()).toBeLessThanOrEqual(house.clocks.real().getTime());
        house.clocks.pass(5);
        await hears('resolved', house.clocks.real(), about);
        await house.settle();
        expect(await known()).toMatchObject({ state: 'closed' });
        await source.close();
      },
    );
  });
}
