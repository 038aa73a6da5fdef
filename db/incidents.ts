/** Incidents, as their sources tell of them. Whoever locks incidents and grants locks the incidents first. */
import { and, asc, desc, eq, isNull, or, sql } from 'drizzle-orm';
import { type Sighting, stateSaid } from '../src/domain/incident.ts';
import { datedSanely, isHearsay, type News, takeIn } from '../src/domain/incident-news.ts';
import { lowerAscii } from '../src/domain/text.ts';
import { among, rowsOf } from './among.ts';
import { recordAudit } from './audit.ts';
import type { Tx } from './client.ts';
import { showInChannels } from './incident-channels.ts';
import { ensureIncident, followSurvivor } from './incident-merges.ts';
import { touchCards } from './messages.ts';
import { requests } from './schema.ts';
import { type IncidentRow, incidents } from './schema-incidents.ts';
import { storableText } from './storable.ts';
import type { Times } from './story.ts';

export interface InboxEntry {
  readonly source: string;
  readonly eventId: string;
  /** Real. */
  readonly receivedAt: Date;
  /** What a source read in it, as far as it has to be applied. */
  readonly reading:
    | { readonly kind: 'sighting'; readonly eventId: string; readonly sighting: Sighting }
    | { readonly kind: 'nudge'; readonly eventId: string; readonly key: string | null };
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

/** By key, number (in any case) or URL; the key counts first, then the newest. */
export async function findIncident(db: Tx, source: string, name: string): Promise<IncidentRow | null> {
  const [row] = await db
    .select()
    .from(incidents)
    .where(
      and(
        eq(incidents.source, source),
        or(
          eq(incidents.key, name),
          eq(sql`lower(${incidents.number} collate "C")`, lowerAscii(storableText(name))),
          eq(incidents.url, name),
        ),
      ),
    )
    .orderBy(desc(sql`${incidents.key} = ${name}`), desc(incidents.openedAt), desc(incidents.id))
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

/** What of a source's settings the ledger needs; an `IncidentSource` is one. */
export interface SightingSource {
  readonly name: string;
  /** Seconds. */
  readonly graceS: number;
  readonly polls: boolean;
}

/** Real. */
const DOUBTED_AGAIN_MS = 5_000;

export type How = 'webhook' | 'poll' | 'manual';

export interface Applied {
  /** As it is now. */
  readonly incident: IncidentRow;
  /** What people may see of it is another than before. */
  readonly changed: boolean;
}

/** Takes in what a source says of one incident; what is older than what is known changes nothing. */
export async function applySighting(
  tx: Tx,
  source: SightingSource,
  sighting: Sighting,
  times: Times,
  how: How,
): Promise<Applied> {
  const [applied] = await applySightings(tx, source, [sighting], times, how);
  if (!applied) throw new Error('the ledger did not keep an incident');
  return applied;
}

/**
 * Takes in what a source answered about an incident that was `known` when it was asked. Null: it was closed
 * meanwhile, and an answer that says "open" may be from before; then nothing is taken in.
 */
export async function applyAnswer(
  tx: Tx,
  source: SightingSource,
  answer: Sighting,
  known: Pick<IncidentRow, 'state'> | null,
  times: Times,
): Promise<Applied | null> {
  const [now] = await lockIncidents(tx, source.name, [answer.key]);
  const closedMeanwhile = now?.state === 'closed' && known?.state !== 'closed';
  if (closedMeanwhile && stateSaid(answer) === 'open') return null;
  return applySighting(tx, source, answer, times, 'poll');
}

/** The same for many, in any order: each incident is written once, and is in the answer once. */
export async function applySightings(
  tx: Tx,
  source: SightingSource,
  sightings: readonly Sighting[],
  times: Times,
  how: How,
): Promise<readonly Applied[]> {
  const told = new Map<string, Sighting[]>();
  for (const sighting of datedSanely(sightings.map(tidied), times.real).sort(byMoment)) {
    told.set(sighting.key, [...(told.get(sighting.key) ?? []), sighting]);
  }
  const keys = [...told.keys()].sort();
  // Made first and locked then, so that two processes that hear of a new one at once come one after the other.
  await ensureIncident(tx, source.name, keys, times.real);
  const rows = await lockIncidents(tx, source.name, keys);
  // Where clocks differ, every answer is doubtful for as long as they do.
  const doubtedAt = new Date(times.real.getTime() + (how === 'poll' ? DOUBTED_AGAIN_MS : 0));
  const changed: { row: IncidentRow; news: News; into: string | null }[] = [];
  const writes: PromiseLike<unknown>[] = [];
  const merged: IncidentRow[] = [];
  const now: IncidentRow[] = [];
  for (const row of rows) {
    let known = row;
    for (const sighting of told.get(row.key) ?? []) {
      const { next, news, mergesInto, doubtful } = takeIn(known, sighting, source.graceS, times);
      if (next) known = { ...known, ...next, mergedInto: next.state === 'open' ? null : known.mergedInto };
      if (mergesInto !== null && mergesInto !== row.key) {
        known = { ...known, mergedInto: await survivorId(tx, source, mergesInto, times) };
      }
      if (doubtful && source.polls) known = { ...known, pollDueAt: doubtedAt };
      if (news) changed.push({ row: known, news, into: mergesInto });
    }
    now.push(known);
    if (known === row) continue;
    const { id, ...set } = known;
    writes.push(tx.update(incidents).set(set).where(eq(incidents.id, id)));
    if (known.mergedInto !== null && known.mergedInto !== row.mergedInto) merged.push(known);
  }
  // Nothing of this depends on each other: they go out together.
  await Promise.all(writes);
  for (const known of merged) await followSurvivor(tx, known, times);
  await recordAudit(
    tx,
    times.now,
    changed.map(({ row, news, into }) => ({
      actor: 'curfew',
      action: `incident.${news}`,
      details: { ...factsOf(row), how, ...(into !== null && { into }) },
    })),
  );
  const ids = new Set(changed.map(({ row }) => row.id));
  await touchBound(tx, [...ids], times.real);
  await showInChannels(
    tx,
    changed.map(({ row }) => row),
    times.real,
  );
  return now.map((incident) => ({ incident, changed: ids.has(incident.id) }));
}

/** What audit events say of an incident. */
export function factsOf(row: Pick<IncidentRow, 'source' | 'key' | 'number' | 'severity' | 'state'>) {
  const { source, key, number, severity, state } = row;
  return { source, key, number, severity, state };
}

async function lockIncidents(tx: Tx, source: string, keys: readonly string[]): Promise<IncidentRow[]> {
  return tx
    .select()
    .from(incidents)
    .where(and(eq(incidents.source, source), among(incidents.key, keys)))
    .orderBy(asc(incidents.id))
    .for('update');
}

async function survivorId(tx: Tx, source: SightingSource, key: string, times: Times): Promise<number> {
  await ensureIncident(tx, source.name, [key], times.real);
  const [survivor] = await tx
    .select({ id: incidents.id, seenAt: incidents.seenAt })
    .from(incidents)
    .where(and(eq(incidents.source, source.name), eq(incidents.key, key)));
  if (!survivor) throw new Error('the ledger did not keep an incident');
  // Known by name only: its source has to say more.
  if (source.polls && isHearsay(survivor)) {
    await tx
      .update(incidents)
      .set({ pollDueAt: times.real })
      .where(and(eq(incidents.id, survivor.id), isNull(incidents.pollDueAt)));
  }
  return survivor.id;
}

async function touchBound(tx: Tx, incidentIds: readonly number[], real: Date): Promise<void> {
  if (incidentIds.length === 0) return;
  const bound = await tx
    .select({ id: requests.id })
    .from(requests)
    .where(among(requests.incidentId, incidentIds));
  await touchCards(
    tx,
    bound.map(({ id }) => id),
    real,
  );
}

/** By the source's clock; of one moment those that say more come last. */
function byMoment(a: Sighting, b: Sighting): number {
  return a.at.getTime() - b.at.getTime() || weight(a) - weight(b);
}

const weight = ({ state, mergedInto }: Sighting) => (mergedInto === null ? (state === 'open' ? 0 : 1) : 2);

/** Within what the contract allows, and without what no database keeps. */
function tidied(sighting: Sighting): Sighting {
  const text = (value: string | null, most: number) =>
    value === null ? null : storableText(value).slice(0, most);
  return {
    ...sighting,
    key: storableText(sighting.key),
    number: text(sighting.number, 500),
    url: text(sighting.url, 500),
    title: storableText(sighting.title).slice(0, 500),
    severity: text(sighting.severity, 500),
    service: text(sighting.service, 500),
    acknowledgedBy: text(sighting.acknowledgedBy, 500),
    mergedInto: text(sighting.mergedInto, 500),
  };
}
