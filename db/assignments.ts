/**
 * Assignments: leased by one process at a time, recorded only by whoever still holds the lease.
 * `now` is ledger time, `real` real time throughout.
 */
import { and, asc, desc, eq, inArray, isNotNull, ne, sql } from 'drizzle-orm';
import { alias } from 'drizzle-orm/pg-core';
import type { FrozenEntitlement } from '../src/domain/request.ts';
import { among, amongFound, arrayOf, rowsOf } from './among.ts';
import type { Tx } from './client.ts';
import type { GrantRow } from './grants.ts';
import { assignments, claims, grants, principals, requests } from './schema.ts';
import { type Plot, plotColumns } from './story.ts';

const requester = alias(principals, 'requester');
const subject = alias(principals, 'subject');

export type AssignmentRow = typeof assignments.$inferSelect;
export type ClaimRow = typeof claims.$inferSelect;
export type ClaimWithGrant = ClaimRow & { readonly grant: GrantRow; readonly plot: Plot };

/** Makes a grant claim one assignment for each entitlement; each claim is a new generation. */
export async function claimEntitlements(
  tx: Tx,
  grantId: string,
  entitlements: readonly FrozenEntitlement[],
  now: Date,
): Promise<void> {
  // One order for everybody, so that two approvals that share edges cannot wait for each other.
  const ordered = [...entitlements].sort((a, b) => (edgeKey(a) < edgeKey(b) ? -1 : 1));
  for (const { targetId, edge, connector, permission, permissionId, account, accountId } of ordered) {
    const named = { targetId, edge, connector, permission, permissionId, account, accountId };
    const [row] = await tx
      .insert(assignments)
      .values({ ...named, state: 'absent', generation: 1, dueAt: now })
      .onConflictDoUpdate({
        target: [assignments.targetId, assignments.edge],
        set: {
          connector,
          account,
          permission: sql`case when ${assignments.state} = 'absent' then excluded.permission else ${assignments.permission} end`,
          generation: sql`${assignments.generation} + 1`,
          dueAt: now,
          retryAt: null,
          attempts: 0,
        },
      })
      .returning({ id: assignments.id, generation: assignments.generation });
    if (row) {
      await tx
        .insert(claims)
        .values({ grantId, assignmentId: row.id, generation: row.generation })
        .onConflictDoNothing();
    }
  }
}

const edgeKey = (entitlement: FrozenEntitlement) => `${entitlement.targetId}\n${entitlement.edge}`;

/** The inputs of these grants' assignments changed: a new generation, due at once. */
export async function bumpAssignmentsOf(tx: Tx, grantIds: readonly string[], now: Date): Promise<void> {
  if (grantIds.length === 0) return;
  const claimed = tx.select({ id: claims.assignmentId }).from(claims).where(among(claims.grantId, grantIds));
  const locked = tx
    .select({ id: assignments.id })
    .from(assignments)
    .where(inArray(assignments.id, claimed))
    .orderBy(asc(assignments.id))
    .for('update');
  await tx
    .update(assignments)
    .set({ generation: sql`${assignments.generation} + 1`, dueAt: now, retryAt: null, attempts: 0 })
    .where(amongFound(assignments.id, locked));
}

/** Drops the wait before the next retry. */
export async function retryAssignmentsOf(tx: Tx, grantId: string): Promise<void> {
  await tx
    .update(assignments)
    .set({ retryAt: null })
    .where(
      and(
        isNotNull(assignments.dueAt),
        inArray(
          assignments.id,
          tx.select({ id: claims.assignmentId }).from(claims).where(eq(claims.grantId, grantId)),
        ),
      ),
    );
}

/** The connectors of what a grant gave. */
export async function connectorsOf(db: Tx, grantId: string): Promise<string[]> {
  const rows = await db
    .selectDistinct({ connector: assignments.connector })
    .from(assignments)
    .innerJoin(claims, eq(claims.assignmentId, assignments.id))
    .where(eq(claims.grantId, grantId));
  return rows.map(({ connector }) => connector);
}

/** The claims on these assignments whose grants have not ended. */
export async function openClaims(db: Tx, assignmentIds: readonly number[]): Promise<ClaimWithGrant[]> {
  if (assignmentIds.length === 0) return [];
  const rows = await db
    .select({ claim: claims, grant: grants, plot: plotColumns(requester, subject) })
    .from(claims)
    .innerJoin(grants, eq(grants.id, claims.grantId))
    .innerJoin(requests, eq(requests.id, claims.grantId))
    .innerJoin(requester, eq(requester.id, requests.requesterId))
    .innerJoin(subject, eq(subject.id, requests.subjectId))
    .where(and(among(claims.assignmentId, assignmentIds), ne(grants.state, 'ended')));
  return rows.map(({ claim, grant, plot }) => ({ ...claim, grant, plot }));
}

/**
 * By assignment: the request of the grant that claimed it last, ended or not. What is done about access that no
 * grant claims any more is done because of that one.
 */
export async function lastPlotsOf(
  db: Tx,
  assignmentIds: readonly number[],
): Promise<ReadonlyMap<number, Plot>> {
  if (assignmentIds.length === 0) return new Map();
  const rows = await db
    .selectDistinctOn([claims.assignmentId], {
      id: claims.assignmentId,
      plot: plotColumns(requester, subject),
    })
    .from(claims)
    .innerJoin(requests, eq(requests.id, claims.grantId))
    .innerJoin(requester, eq(requester.id, requests.requesterId))
    .innerJoin(subject, eq(subject.id, requests.subjectId))
    .where(among(claims.assignmentId, assignmentIds))
    .orderBy(claims.assignmentId, desc(claims.generation));
  return new Map(rows.map(({ id, plot }) => [id, plot]));
}

export interface AssignmentPatch {
  readonly id: number;
  readonly state: AssignmentRow['state'];
  readonly dueAt: Date | null;
  readonly retryAt: Date | null;
  /** 1 where the next call has to be a new one, else 0. */
  readonly generations: number;
  readonly attempts: number;
  readonly lastError: string | null;
  readonly lastErrorCode: string | null;
  readonly unsettledUntil: Date | null;
  readonly lateLandingPossible: boolean;
  readonly rereads: number;
  readonly removedAt: Date | null;
  readonly inherited: readonly string[];
  readonly account: string;
  readonly renamedTo: string | null;
  readonly observedAt: Date | null;
  readonly absentAt: Date | null;
}

/** Writes what was recorded and gives the leases back, all rows in one statement. */
export async function patchAssignments(tx: Tx, patches: readonly AssignmentPatch[]): Promise<void> {
  if (patches.length === 0) return;
  await tx.execute(sql`
    update assignments a set
      state = p.state, due_at = p."dueAt", retry_at = p."retryAt", attempts = p.attempts,
      generation = a.generation + p.generations,
      last_error = p."lastError", last_error_code = p."lastErrorCode",
      unsettled_until = p."unsettledUntil", late_landing_possible = p."lateLandingPossible",
      rereads = p.rereads, removed_at = p."removedAt", inherited = p.inherited,
      account = p.account, renamed_to = p."renamedTo",
      observed_at = p."observedAt", absent_at = p."absentAt", lease_token = null, lease_until = null
    from jsonb_to_recordset(${rowsOf(patches)}) as p(
      id int, state text, "dueAt" timestamptz, "retryAt" timestamptz, attempts int, generations int,
      "lastError" text, "lastErrorCode" text, "unsettledUntil" timestamptz,
      "lateLandingPossible" boolean, rereads int, "removedAt" timestamptz, inherited jsonb,
      account text, "renamedTo" text,
      "observedAt" timestamptz, "absentAt" timestamptz)
    where a.id = p.id and a.id = any(${arrayOf(patches.map(({ id }) => id))})`);
}

export interface ClaimPatch {
  readonly grantId: string;
  readonly assignmentId: number;
  readonly confirmed: boolean;
  readonly released: boolean;
  readonly shared: boolean;
}

export async function patchClaims(tx: Tx, patches: readonly ClaimPatch[], now: Date): Promise<void> {
  if (patches.length === 0) return;
  const at = sql`${now.toISOString()}::timestamptz`;
  await tx.execute(sql`
    update claims c set
      confirmed_at = case when p.confirmed then coalesce(c.confirmed_at, ${at}) else c.confirmed_at end,
      released_at = case when p.released then coalesce(c.released_at, ${at}) else c.released_at end,
      shared = c.shared or p.shared
    from jsonb_to_recordset(${rowsOf(patches)}) as p(
      "grantId" text, "assignmentId" int, confirmed boolean, released boolean, shared boolean)
    where c.grant_id = p."grantId" and c.assignment_id = p."assignmentId"`);
}

/** The assignments that a grant claims, with its claims, in id order. */
export async function assignmentsOf(
  db: Tx,
  grantId: string,
): Promise<{ assignment: AssignmentRow; claim: ClaimRow }[]> {
  return db
    .select({ assignment: assignments, claim: claims })
    .from(claims)
    .innerJoin(assignments, eq(assignments.id, claims.assignmentId))
    .where(eq(claims.grantId, grantId))
    .orderBy(asc(assignments.id));
}

export async function findAssignment(db: Tx, targetId: string, edge: string): Promise<AssignmentRow | null> {
  const [row] = await db
    .select()
    .from(assignments)
    .where(and(eq(assignments.targetId, targetId), eq(assignments.edge, edge)));
  return row ?? null;
}
