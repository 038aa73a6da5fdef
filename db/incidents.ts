/** Incidents, and the inbox of what their sources sent. Whoever locks incidents and grants locks incidents first. */
import { and, desc, eq, or, sql } from 'drizzle-orm';
import type { Sighting } from '../src/domain/incident.ts';
import type { Reading } from '../src/incidents/source.ts';
import { rowsOf } from './among.ts';
import type { Tx } from './client.ts';
import { incidents } from './schema-incidents.ts';
import type { Times } from './story.ts';

export type IncidentRow = typeof incidents.$inferSelect;

export interface InboxEntry {
  readonly source: string;
  readonly eventId: string;
  /** Real. */
  readonly receivedAt: Date;
  readonly reading: Extract<Reading, { kind: 'sighting' | 'nudge' }>;
}

/** Keeps what sources sent, once for each event: a repetition is not kept again. One statement. */
export async function putInbox(db: Tx, entries: readonly InboxEntry[]): Promise<void> {
  if (entries.length === 0) return;
  await db.execute(sql`
    insert into incident_inbox (source, event_id, received_at, reading)
    select source, "eventId", "receivedAt", reading
    from jsonb_to_recordset(${rowsOf(entries)}) as i(
      source text, "eventId" text, "receivedAt" timestamptz, reading jsonb)
    on conflict do nothing`);
}

export async function incidentById(db: Tx, id: number): Promise<IncidentRow | null> {
  const [row] = await db.select().from(incidents).where(eq(incidents.id, id));
  return row ?? null;
}

/** By key, number (in any case) or URL; of several the newest. */
export async function findIncident(db: Tx, source: string, name: string): Promise<IncidentRow | null> {
  const [row] = await db
    .select()
    .from(incidents)
    .where(
      and(
        eq(incidents.source, source),
        or(
          eq(incidents.key, name),
          eq(sql`lower(${incidents.number})`, name.toLowerCase()),
          eq(incidents.url, name),
        ),
      ),
    )
    .orderBy(desc(sql`${incidents.key} = ${name}`), desc(incidents.openedAt))
    .limit(1);
  return row ?? null;
}

/** Newest first. */
export async function openIncidents(db: Tx, limit: number): Promise<IncidentRow[]> {
  return db
    .select()
    .from(incidents)
    .where(eq(incidents.state, 'open'))
    .orderBy(desc(incidents.openedAt), desc(incidents.id))
    .limit(limit);
}

/** What of a source's settings the ledger needs. */
export interface SightingSource {
  readonly name: string;
  /** Seconds. */
  readonly graceS: number;
  readonly polls: boolean;
}

export type How = 'webhook' | 'poll' | 'manual';

export interface Applied {
  /** As it is now. */
  readonly incident: IncidentRow;
  /** What people may see of it is another than before. */
  readonly changed: boolean;
}

/** Takes in what a source says of one incident; what is older than what is known changes nothing. */
export async function applySighting(
  _tx: Tx,
  _source: SightingSource,
  _sighting: Sighting,
  _times: Times,
  _how: How,
): Promise<Applied> {
  throw new Error('not yet');
}
