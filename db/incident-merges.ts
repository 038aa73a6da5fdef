/** Merged incidents: what was bound to one of them goes on with the one that survives. */
import { and, eq, inArray, or, sql } from 'drizzle-orm';
import { NEVER_SEEN } from '../src/domain/incident-news.ts';
import { arrayOf } from './among.ts';
import type { Tx } from './client.ts';
import { showInChannels } from './incident-channels.ts';
import { REQUEST_MOVED } from './ledger-expected.ts';
import { grants, requests } from './schema.ts';
import { type IncidentRow, incidents } from './schema-incidents.ts';
import { plotsOf, type Times, tell } from './story.ts';

const MOST_MERGES = 10;

/**
 * Rows for incidents of which nothing but the name is known. Such a one counts as open, so it ends nothing,
 * and whatever its source says of it replaces it.
 */
export async function ensureIncident(
  tx: Tx,
  source: string,
  keys: readonly string[],
  real: Date,
): Promise<void> {
  await tx.execute(sql`
    insert into incidents (source, key, title, state, seen_at, opened_at, confirmed_at)
    select ${source}, told.key, told.key, 'open', ${NEVER_SEEN.toISOString()}::timestamptz,
      ${real.toISOString()}::timestamptz, ${real.toISOString()}::timestamptz
    from unnest(${arrayOf(keys)}) as told(key)
    where not exists (select from incidents i where i.source = ${source} and i.key = told.key)
    on conflict do nothing`);
}

/** The incident in whose place it goes on, at last; itself where it was not merged. Null: there is none, as in a circle. */
export async function survivorOf(db: Tx, incident: IncidentRow): Promise<IncidentRow | null> {
  const seen = new Set([incident.id]);
  let last = incident;
  while (last.mergedInto !== null) {
    if (seen.has(last.mergedInto) || seen.size > MOST_MERGES) return null;
    const [next] = await db.select().from(incidents).where(eq(incidents.id, last.mergedInto));
    if (!next) return null;
    seen.add(next.id);
    last = next;
  }
  return last;
}

/** Moves open requests and grants to the survivor; false where there is none, and they end with this one. */
export async function followSurvivor(tx: Tx, incident: IncidentRow, times: Times): Promise<boolean> {
  const survivor = await survivorOf(tx, incident);
  if (!survivor || survivor.id === incident.id) return false;
  const held = tx
    .select({ id: grants.id })
    .from(grants)
    .where(and(eq(grants.id, requests.id), inArray(grants.state, ['starting', 'live'])));
  const moved = await tx
    .update(requests)
    .set({ incidentId: survivor.id })
    .where(and(eq(requests.incidentId, incident.id), or(eq(requests.state, 'pending'), sql`exists ${held}`)))
    .returning({ id: requests.id });
  const plots = await plotsOf(
    tx,
    moved.map(({ id }) => id),
  );
  const details = { from: nameIn(incident), into: nameIn(survivor) };
  await tell(
    tx,
    [...plots.values()].map((plot) => ({ plot, actor: 'curfew', action: REQUEST_MOVED, details })),
    times,
  );
  await showInChannels(tx, [survivor], times.real);
  return true;
}

const nameIn = ({ source, key }: IncidentRow) => ({ source, key });
