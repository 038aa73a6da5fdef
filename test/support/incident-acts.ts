/** What happens around an incident in a house: webhooks come, people ask for access because of it. */
import { eq } from 'drizzle-orm';
import { applySighting, findIncident, putInbox } from '../../db/incidents.ts';
import { requests } from '../../db/schema.ts';
import type { IncidentRow } from '../../db/schema-incidents.ts';
import type { Sighting } from '../../src/domain/incident.ts';
import { liveGrant } from './acts.ts';
import { createHouse, type House } from './house.ts';
import {
  createIncidentSource,
  sightingOf,
  type TestSource,
  type TestSourceOptions,
} from './incident-source.ts';
import type { TestLedger } from './ledger.ts';

let events = 0;

/** A webhook of the source is in the inbox; not applied yet. Who asks the source hears the same, or newer. */
export async function webhook(
  house: House,
  { source, heard }: TestSource,
  sighting: Sighting,
  eventId = `event-${++events}`,
): Promise<void> {
  heard(sighting);
  const reading = { kind: 'sighting', eventId, sighting } as const;
  await putInbox(house.ledger.db, [
    { source: source.name, eventId, receivedAt: house.clocks.real(), reading },
  ]);
}

/** A webhook that nobody signed: it only says "ask". */
export async function nudge(house: House, { source }: TestSource, key: string | null): Promise<void> {
  const eventId = `event-${++events}`;
  const reading = { kind: 'nudge', eventId, key } as const;
  await putInbox(house.ledger.db, [
    { source: source.name, eventId, receivedAt: house.clocks.real(), reading },
  ]);
}

/** The incident is open, in the source and in the ledger. */
export async function openIncident(house: House, source: TestSource, over: Partial<Sighting> = {}) {
  const sighting = source.says(sightingOf({ at: house.clocks.real(), ...over }));
  const times = { now: house.clocks.now(), real: house.clocks.real() };
  return (await house.ledger.tx((tx) => applySighting(tx, source.source, sighting, times, 'webhook')))
    .incident;
}

/** The request, and so its grant, is for this incident. */
export async function bind(house: House, requestId: string, incident: IncidentRow | null): Promise<void> {
  await house.ledger.db
    .update(requests)
    .set({ incidentId: incident?.id ?? null })
    .where(eq(requests.id, requestId));
}

export async function incidentNamed(house: House, source: TestSource, key = 'P1'): Promise<IncidentRow> {
  const row = await findIncident(house.ledger.db, source.source.name, key);
  if (!row) throw new Error(`no incident ${key}`);
  return row;
}

/** Ana holds the role because of INC-1042, and the first look after the start is over. */
export async function heldForIncident(ledger: TestLedger, options: TestSourceOptions) {
  const source = createIncidentSource(options);
  const house = await createHouse({ ledger, incidents: [source.source] });
  await openIncident(house, source);
  const id = await liveGrant(house, 'ana', 'prod-dba', 4 * 3600);
  await house.settle();
  source.asked.length = 0;
  return { house, source, id };
}
