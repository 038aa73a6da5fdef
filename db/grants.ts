/** Grants. Whoever locks grants and assignments locks the grants first, both in id order. */
import {
  type AnyColumn,
  and,
  asc,
  eq,
  inArray,
  isNotNull,
  isNull,
  lte,
  ne,
  notExists,
  or,
  type SQL,
  sql,
} from 'drizzle-orm';
import type { EndReason } from '../src/domain/grant.ts';
import { among } from './among.ts';
import type { Tx } from './client.ts';
import type { PrincipalRow } from './principals.ts';
import type { RequestRow } from './requests.ts';
import { assignments, claims, dueSinceOf, grants, principals, requests } from './schema.ts';
import { type IncidentRow, incidents } from './schema-incidents.ts';

export type GrantRow = typeof grants.$inferSelect;

export interface GrantWithParties {
  readonly grant: GrantRow;
  readonly request: RequestRow;
  readonly subject: PrincipalRow;
  /** The incident that it ends with, where there is one. */
  readonly incident: IncidentRow | null;
}

const withParties = (db: Tx) =>
  db
    .select({ grant: grants, request: requests, subject: principals, incident: incidents })
    .from(grants)
    .innerJoin(requests, eq(requests.id, grants.id))
    .innerJoin(principals, eq(principals.id, grants.subjectId))
    .leftJoin(incidents, eq(incidents.id, requests.incidentId));

export async function findGrant(db: Tx, id: string): Promise<GrantWithParties | null> {
  const [row] = await withParties(db).where(eq(grants.id, id));
  return row ?? null;
}

export async function insertGrant(tx: Tx, grant: typeof grants.$inferInsert): Promise<void> {
  await tx.insert(grants).values(grant);
}

export async function lockGrants(tx: Tx, ids: readonly string[]): Promise<GrantRow[]> {
  if (ids.length === 0) return [];
  return tx.select().from(grants).where(among(grants.id, ids)).orderBy(asc(grants.id)).for('update');
}

/** Unended grants of these subjects, oldest first. */
export async function openGrantsOf(db: Tx, subjectIds: readonly number[]): Promise<GrantWithParties[]> {
  if (subjectIds.length === 0) return [];
  return withParties(db)
    .where(and(among(grants.subjectId, subjectIds), ne(grants.state, 'ended')))
    .orderBy(asc(grants.approvedAt));
}

/** Unended grants, of one role or of all, oldest first, at most `limit`. */
export async function openGrants(db: Tx, role: string | null, limit: number): Promise<GrantWithParties[]> {
  return withParties(db)
    .where(and(ne(grants.state, 'ended'), role === null ? undefined : eq(grants.role, role)))
    .orderBy(asc(grants.approvedAt))
    .limit(limit);
}

/** Locks grants whose window has closed, or that were not live by `start_by`; other processes skip them. */
export async function lockDueGrants(tx: Tx, now: Date, limit: number): Promise<GrantRow[]> {
  return tx
    .select()
    .from(grants)
    .where(
      or(
        and(inArray(grants.state, ['starting', 'live']), lte(grants.endsAt, now)),
        and(eq(grants.state, 'starting'), lte(grants.startBy, now)),
      ),
    )
    .orderBy(asc(grants.id))
    .limit(limit)
    .for('update', { skipLocked: true });
}

/** Locks live grants whose reminder is due. */
export async function lockGrantReminders(tx: Tx, now: Date, limit: number): Promise<GrantRow[]> {
  return tx
    .select()
    .from(grants)
    .where(and(eq(grants.state, 'live'), isNotNull(grants.remindAt), lte(grants.remindAt, now)))
    .limit(limit)
    .for('update', { skipLocked: true });
}

/** Locks grants whose access should be gone since `before` and that nobody was alerted of. */
export async function lockOverdueGrants(tx: Tx, before: Date, limit: number): Promise<GrantRow[]> {
  return tx
    .select()
    .from(grants)
    .where(
      and(
        ne(grants.state, 'ended'),
        isNull(grants.overdueAlertedAt),
        sql`${dueSinceOf(grants)} <= ${before.toISOString()}::timestamptz`,
      ),
    )
    .limit(limit)
    .for('update', { skipLocked: true });
}

/** In the order in which grants are locked. */
export async function startingGrantIds(db: Tx): Promise<string[]> {
  const rows = await db
    .select({ id: grants.id })
    .from(grants)
    .where(eq(grants.state, 'starting'))
    .orderBy(asc(grants.id));
  return rows.map(({ id }) => id);
}

export async function setGrants(tx: Tx, ids: readonly string[], set: Partial<GrantRow>): Promise<void> {
  if (ids.length > 0) await tx.update(grants).set(set).where(among(grants.id, ids));
}

/** Marks locked, unended grants as ending. */
export async function markEnding(
  tx: Tx,
  ids: readonly string[],
  end: { reason: EndReason; by: string | null; note: string | null; now: Date },
): Promise<void> {
  await setGrants(tx, ids, {
    state: 'ending',
    endingAt: end.now,
    endReason: end.reason,
    endedBy: end.by,
    endNote: end.note,
    remindAt: null,
  });
}

/** When a grant's window closes that begins at `start`; the named end where that is earlier. */
export function endOfWindowFrom(start: SQL | AnyColumn): SQL {
  return sql`least(${start} + make_interval(secs => ${grants.durationS}), ${grants.endsBy})`;
}

/** Starting grants become live, each with its own end: `first_call_at` + duration, or the named end where that is earlier. */
export async function markLive(
  tx: Tx,
  ids: readonly string[],
  times: { now: Date; reminderBeforeEndS: number },
): Promise<GrantRow[]> {
  if (ids.length === 0) return [];
  const now = sql`${times.now.toISOString()}::timestamptz`;
  const end = endOfWindowFrom(sql`coalesce(${grants.firstCallAt}, ${now})`);
  const remind = sql`${end} - make_interval(secs => ${times.reminderBeforeEndS})`;
  return tx
    .update(grants)
    .set({
      state: 'live',
      liveAt: times.now,
      endsAt: end,
      remindAt: sql`case when ${remind} > ${now} then ${remind} end`,
    })
    .where(among(grants.id, ids))
    .returning();
}

/** For each grant: whether all of its claims are confirmed, and whether all are released. */
export async function claimSummary(
  tx: Tx,
  grantIds: readonly string[],
): Promise<{ grantId: string; confirmed: boolean; released: boolean; shared: boolean }[]> {
  if (grantIds.length === 0) return [];
  return tx
    .select({
      grantId: claims.grantId,
      confirmed: sql<boolean>`bool_and(${claims.confirmedAt} is not null)`,
      released: sql<boolean>`bool_and(${claims.releasedAt} is not null)`,
      shared: sql<boolean>`bool_or(${claims.shared})`,
    })
    .from(claims)
    .where(among(claims.grantId, grantIds))
    .groupBy(claims.grantId);
}

/**
 * Takes back the first call's start on starting grants whose call certainly gave nothing, so that nobody's
 * time runs while a target is down. It stays where another entitlement of the grant may be there already.
 */
export async function forgetFirstCalls(tx: Tx, grantIds: readonly string[]): Promise<void> {
  if (grantIds.length === 0) return;
  const mayBeThere = tx
    .select({ id: claims.assignmentId })
    .from(claims)
    .innerJoin(assignments, eq(assignments.id, claims.assignmentId))
    .where(
      and(
        eq(claims.grantId, grants.id),
        or(
          eq(assignments.state, 'present'),
          isNotNull(assignments.unsettledUntil),
          assignments.lateLandingPossible,
        ),
      ),
    );
  await tx
    .update(grants)
    .set({ firstCallAt: null, endsAt: endOfWindowFrom(grants.startBy) })
    .where(and(among(grants.id, grantIds), eq(grants.state, 'starting'), notExists(mayBeThere)));
}
