/** What ends with an incident: the grants that are bound to it, and the requests that wait. */
import { and, asc, eq, inArray, isNotNull, lte, or } from 'drizzle-orm';
import { alias } from 'drizzle-orm/pg-core';
import type { GrantState } from '../src/domain/grant.ts';
import { incidentName } from '../src/domain/incident-name.ts';
import { amongFound } from './among.ts';
import type { Tx } from './client.ts';
import { closeRequests } from './close-request.ts';
import { endLocked } from './end-grants.ts';
import type { GrantRow } from './grants.ts';
import { awaitedIncidents, boundIncidents } from './incident-bound.ts';
import { incidentById } from './incidents.ts';
import type { RequestRow } from './requests.ts';
import { grants, requests } from './schema.ts';
import { type IncidentRow, incidents } from './schema-incidents.ts';
import type { Times } from './story.ts';

/**
 * Locks closed incidents with which something has to end: all that is bound to them once their close is due,
 * and before that, within their grace, what has not begun. Shared: nobody can reopen one while its grants are
 * ended; whoever is being written to right now is left for the next time.
 */
export async function lockDueIncidents(tx: Tx, now: Date, limit: number): Promise<IncidentRow[]> {
  return tx
    .select()
    .from(incidents)
    .where(
      and(
        isNotNull(incidents.endDueAt),
        or(
          and(lte(incidents.endDueAt, now), amongFound(incidents.id, boundIncidents)),
          amongFound(incidents.id, awaitedIncidents),
        ),
      ),
    )
    .orderBy(asc(incidents.id))
    .limit(limit)
    .for('share', { skipLocked: true });
}

/** Locks grants of an incident; what others are changing right now is left for the next time. */
export async function lockGrantsWith(
  tx: Tx,
  incidentId: number,
  limit: number,
  states: readonly GrantState[] = ['starting', 'live'],
): Promise<GrantRow[]> {
  const bound = tx
    .select({ id: requests.id })
    .from(requests)
    .innerJoin(grants, eq(grants.id, requests.id))
    .where(and(eq(requests.incidentId, incidentId), inArray(grants.state, states)));
  return tx
    .select()
    .from(grants)
    .where(and(amongFound(grants.id, bound), inArray(grants.state, states)))
    .orderBy(asc(grants.id))
    .limit(limit)
    .for('update', { skipLocked: true });
}

/** Locks what waits for a decision: for the incident, or for more time of a grant that is bound to it. */
async function lockPendingWith(tx: Tx, incidentId: number, limit: number): Promise<RequestRow[]> {
  const bound = alias(requests, 'bound');
  const ids = tx.select({ id: bound.id }).from(bound).where(eq(bound.incidentId, incidentId));
  return tx
    .select()
    .from(requests)
    .where(
      and(
        eq(requests.state, 'pending'),
        or(eq(requests.incidentId, incidentId), amongFound(requests.extendsGrant, ids)),
      ),
    )
    .orderBy(asc(requests.id))
    .limit(limit)
    .for('update', { skipLocked: true });
}

/**
 * Ends what is bound to a closed incident, at most `limit` of each kind; within its grace only what has not
 * begun. Returns how many.
 */
export async function endWithIncident(
  tx: Tx,
  incident: IncidentRow,
  times: Times,
  limit: number,
): Promise<number> {
  const name = incidentName(incident);
  const isDue = incident.endDueAt !== null && incident.endDueAt <= times.now;
  const held = await lockGrantsWith(tx, incident.id, limit, isDue ? ['starting', 'live'] : ['starting']);
  const waiting = await lockPendingWith(tx, incident.id, limit);
  const sentence = closedSentence(incident);
  const details = { because: sentence, incident: { source: incident.source, key: incident.key } };
  const notice = { kind: 'incident-closed', name } as const;
  const closing = { state: 'cancelled', actor: 'curfew', note: sentence, details, notice } as const;
  await closeRequests(tx, waiting, closing, times);
  await endLocked(
    tx,
    held,
    { reason: 'incident', actor: 'curfew', by: null, note: `${name} was closed` },
    times,
  );
  return held.length + waiting.length;
}

/** Why nothing is given for it any more. */
export function closedSentence(incident: Pick<IncidentRow, 'number' | 'key'>): string {
  return `The incident ${incidentName(incident)} was closed.`;
}

/** The incident that a request is for, as it is now; of an extension, the one of its grant. */
export async function incidentOf(db: Tx, request: RequestRow): Promise<IncidentRow | null> {
  if (request.incidentId !== null) return incidentById(db, request.incidentId);
  if (request.extendsGrant === null) return null;
  const [extended] = await db
    .select({ incidentId: requests.incidentId })
    .from(requests)
    .where(eq(requests.id, request.extendsGrant));
  return extended?.incidentId ? incidentById(db, extended.incidentId) : null;
}
