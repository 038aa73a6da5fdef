/** What the ledger keeps of incidents, on both databases. */
import { describe, expect, it } from 'vitest';
import { lockWaiting, markApplied } from '../../db/incident-inbox.ts';
import { survivorOf } from '../../db/incident-merges.ts';
import { applySighting, applySightings, findIncident, openIncidents, putInbox } from '../../db/incidents.ts';
import { incidentInbox } from '../../db/schema-incidents.ts';
import type { Sighting } from '../../src/domain/incident.ts';
import { ledgerForFile } from '../support/empty-ledger.ts';
import { sightingOf } from '../support/incident-source.ts';

const real = new Date('2026-11-20T16:00:00.000Z');
const times = { now: new Date('2026-11-20T14:00:00.000Z'), real };
const ago = (seconds: number) => new Date(real.getTime() - seconds * 1000);
const pager = { name: 'pager', graceS: 900, polls: true };

describe.each(['postgres', 'embedded'] as const)('on %s', (kind) => {
  const current = ledgerForFile(kind);
  const ledger = () => current().ledger;
  const tell = (sighting: Sighting) =>
    ledger().tx((tx) => applySighting(tx, pager, sighting, times, 'webhook'));

  it('keeps an event once, however often it comes', async () => {
    const reading = { kind: 'sighting', eventId: 'e', sighting: sightingOf({ at: ago(5) }) } as const;
    const entry = { source: 'pager', eventId: 'e', receivedAt: real, reading };
    await putInbox(ledger().db, [entry, entry, { ...entry, source: 'other' }]);
    await putInbox(ledger().db, [entry]);
    expect(await ledger().db.select().from(incidentInbox)).toHaveLength(2);
    await ledger().tx(async (tx) => {
      const rows = await lockWaiting(tx, 1);
      await markApplied(
        tx,
        rows.map(({ id }) => id),
        real,
      );
    });
    expect(await ledger().tx((tx) => lockWaiting(tx, 10))).toHaveLength(1);
  });

  it('finds an incident by key, by number in any case, and by URL, within its source', async () => {
    const { incident } = await tell(sightingOf({ at: ago(5) }));
    for (const name of ['P1', 'inc-1042', 'INC-1042', 'https://acme.example/incidents/P1'])
      expect(await findIncident(ledger().db, 'pager', name)).toEqual(incident);
    expect(await findIncident(ledger().db, 'other', 'P1')).toBeNull();
    expect(await findIncident(ledger().db, 'pager', 'INC-1')).toBeNull();
  });

  it('lets a close count that came together with an opening dated a year ahead', async () => {
    const ahead = sightingOf({ at: ago(-31_536_000) });
    const closed = sightingOf({ at: ago(5), state: 'closed' });
    const both = (tx: Parameters<typeof applySightings>[0]) =>
      applySightings(tx, pager, [ahead, closed], times, 'webhook');
    const [applied] = await ledger().tx(both);
    expect(applied?.incident).toMatchObject({ state: 'closed', seenAt: ago(5) });
    // Which came last cannot be told: the source is asked.
    const [again] = await ledger().tx(both);
    expect(again?.incident).toMatchObject({ state: 'closed', pollDueAt: real });
  });

  it('lists open incidents, the newest first', async () => {
    await ledger().tx((tx) =>
      applySightings(
        tx,
        pager,
        [30, 10, 20].map((s) => sightingOf({ key: `P${s}`, at: ago(s) })),
        times,
        'webhook',
      ),
    );
    await tell(sightingOf({ key: 'P20', at: ago(1), state: 'closed' }));
    expect((await openIncidents(ledger().db, 10)).map(({ key }) => key)).toEqual(['P10', 'P30']);
    expect(await openIncidents(ledger().db, 1)).toHaveLength(1);
  });

  it('counts the grace from the close, and later news of the same close move nothing', async () => {
    await tell(sightingOf({ at: ago(60) }));
    const { incident } = await tell(sightingOf({ at: ago(40), state: 'closed' }));
    expect(incident).toMatchObject({ closedAt: ago(40), endDueAt: new Date('2026-11-20T14:14:20.000Z') });
    const again = await tell(sightingOf({ at: ago(0), state: 'closed' }));
    expect(again).toMatchObject({
      changed: false,
      incident: { closedAt: ago(40), endDueAt: incident.endDueAt, confirmedAt: ago(0) },
    });
    const reopened = await tell(sightingOf({ at: real }));
    // Of the same moment the close counts.
    expect(reopened.incident.state).toBe('closed');
  });

  it('forgets the close when it is reopened, and confirms nothing by what is old', async () => {
    await tell(sightingOf({ at: ago(40), state: 'closed' }));
    const old = await tell(sightingOf({ at: ago(50), title: 'as it was' }));
    expect(old).toMatchObject({ changed: false, incident: { state: 'closed', confirmedAt: ago(40) } });
    const { incident } = await tell(sightingOf({ at: ago(30) }));
    expect(incident).toMatchObject({ state: 'open', closedAt: null, endDueAt: null, noteDueAt: null });
  });

  it('lets no clock that is far ahead make all that follows seem old', async () => {
    await tell(sightingOf({ at: ago(-86_400) }));
    const later = { ...times, real: new Date(real.getTime() + 1_000) };
    const sighting = sightingOf({ at: later.real, state: 'closed' });
    const closed = await ledger().tx((tx) => applySighting(tx, pager, sighting, later, 'poll'));
    expect(closed.incident.state).toBe('closed');
  });

  it('knows a survivor that nobody told of by name only: open, and to be asked for at once', async () => {
    const { incident } = await tell(sightingOf({ at: ago(5), mergedInto: 'P2' }));
    expect(incident.state).toBe('closed');
    const survivor = await ledger().tx((tx) => survivorOf(tx, incident));
    expect(survivor).toMatchObject({ key: 'P2', state: 'open', endDueAt: null, pollDueAt: real });
    const { incident: known } = await tell(sightingOf({ key: 'P2', at: ago(5_000), state: 'closed' }));
    expect(known).toMatchObject({ state: 'closed', seenAt: ago(5_000) });
  });

  it('prefers a merge to a close of the same moment, whichever comes first', async () => {
    const closed = sightingOf({ at: ago(5), state: 'closed' });
    const merged = { ...closed, mergedInto: 'P2' };
    await tell(closed);
    expect((await tell(merged)).incident.mergedInto).not.toBeNull();
    await tell({ ...merged, key: 'P3' });
    expect((await tell({ ...closed, key: 'P3' })).incident.mergedInto).not.toBeNull();
  });

  it('finds no survivor in a circle, nor at the end of a chain without end', async () => {
    await tell(sightingOf({ key: 'A', at: ago(5), mergedInto: 'B' }));
    const { incident } = await tell(sightingOf({ key: 'B', at: ago(5), mergedInto: 'A' }));
    expect(await survivorOf(ledger().db, incident)).toBeNull();
    for (let i = 0; i < 12; i += 1)
      await tell(sightingOf({ key: `C${i}`, at: ago(5), mergedInto: `C${i + 1}` }));
    const first = await findIncident(ledger().db, 'pager', 'C0');
    if (!first) expect.fail('it is not known');
    expect(await survivorOf(ledger().db, first)).toBeNull();
  });
});
