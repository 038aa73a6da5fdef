/**
 * Leases on assignments: one process works on one assignment at a time, and whoever lost a lease records
 * nothing. `now` is ledger time, `real` real time.
 */
import { and, asc, eq, isNotNull, isNull, lte, not, or, type SQL, sql } from 'drizzle-orm';
import { among, amongFound } from './among.ts';
import type { AssignmentRow } from './assignments.ts';
import type { Tx } from './client.ts';
import { endOfWindowFrom, lockGrants } from './grants.ts';
import { assignments, grants } from './schema.ts';
import { isFrozen } from './switches.ts';

const isDue = (now: Date, real: Date) =>
  and(
    isNotNull(assignments.dueAt),
    lte(assignments.dueAt, now),
    or(isNull(assignments.retryAt), lte(assignments.retryAt, real)),
    or(isNull(assignments.leaseUntil), lte(assignments.leaseUntil, real)),
  );

/** Connectors that have something due. Steps from name to name, past all that waits under one name. */
export async function dueConnectors(db: Tx, now: Date, real: Date): Promise<string[]> {
  const next = (after: SQL | undefined) =>
    sql`select ${assignments.connector} from ${assignments} where ${and(after, isDue(now, real))}
      order by ${assignments.connector} limit 1`;
  const found = await db
    .select({ connector: sql<string>`connector` })
    .from(sql`(with recursive found(connector) as (
        (${next(undefined)})
        union all
        select (${next(sql`${assignments.connector} > found.connector`)}) from found where found.connector is not null
      ) select connector from found where connector is not null) as found`);
  return found.map(({ connector }) => connector);
}

/** What takes access away, or reads whether it is gone; and everything else. */
export type DueKind = 'ends' | 'others';

/** Nobody wants it any more: no grant that claims it is starting or live. */
const unwanted = sql`not exists (select from claims join grants on grants.id = claims.grant_id
  where claims.assignment_id = assignments.id and grants.state in ('starting', 'live'))`;

const isEnd = sql`(${assignments.state} in ('removing', 'ending_sessions')
  or ((${assignments.state} in ('granting', 'present') or ${assignments.rereads} > 0) and ${unwanted}))`;

/** Leases what is due on one connector: what may still be there before what is read again, then oldest first. */
export async function leaseDue(
  tx: Tx,
  lease: {
    connector: string;
    what: DueKind;
    now: Date;
    real: Date;
    limit: number;
    token: string;
    until: Date;
  },
): Promise<AssignmentRow[]> {
  const due = tx
    .select({ id: assignments.id })
    .from(assignments)
    .where(
      and(
        eq(assignments.connector, lease.connector),
        isDue(lease.now, lease.real),
        lease.what === 'ends' ? isEnd : not(isEnd),
      ),
    )
    .orderBy(asc(sql`${assignments.state} = 'absent'`), asc(assignments.dueAt))
    .limit(lease.limit)
    .for('update', { skipLocked: true });
  return tx
    .update(assignments)
    .set({ leaseToken: lease.token, leaseUntil: lease.until })
    .where(amongFound(assignments.id, due))
    .returning();
}

/** Removal begins: from here on the edge may vanish at any moment. */
export async function markRemoving(tx: Tx, ids: readonly number[], unsettledUntil: Date): Promise<void> {
  if (ids.length === 0) return;
  await tx
    .update(assignments)
    .set({
      state: 'removing',
      unsettledUntil: sql`greatest(${assignments.unsettledUntil}, ${unsettledUntil.toISOString()}::timestamptz)`,
    })
    .where(among(assignments.id, ids));
}

/**
 * The attempt is committed before the call: baseline, deadline, and the first call's start on the grants
 * that wait for it. False: the lease was lost, the inputs changed or everything is frozen, so no call may be
 * made.
 */
export async function markAttempt(
  tx: Tx,
  attempt: {
    row: AssignmentRow;
    waitingGrants: readonly string[];
    now: Date;
    leaseUntil: Date;
    unsettledUntil: Date;
  },
): Promise<boolean> {
  const { row, now } = attempt;
  // Grants before assignments, as everywhere.
  await lockGrants(tx, attempt.waitingGrants);
  const held = await tx
    .update(assignments)
    .set({
      state: 'granting',
      baseline: 'absent',
      leaseUntil: attempt.leaseUntil,
      unsettledUntil: sql`greatest(${assignments.unsettledUntil}, ${attempt.unsettledUntil.toISOString()}::timestamptz)`,
      // A new life begins where absence had been confirmed.
      lateLandingPossible: sql`case when ${assignments.state} = 'absent' then false else ${assignments.lateLandingPossible} end`,
      rereads: 0,
      absentAt: null,
      removedAt: null,
    })
    .where(
      and(
        eq(assignments.id, row.id),
        eq(assignments.leaseToken, row.leaseToken ?? ''),
        eq(assignments.generation, row.generation),
        not(isFrozen),
      ),
    )
    .returning({ id: assignments.id });
  if (held.length === 0) return false;
  if (attempt.waitingGrants.length > 0) {
    // From here on the access may be there: its time runs, whether or not anybody can confirm it.
    const firstCall = sql`coalesce(${grants.firstCallAt}, ${now.toISOString()}::timestamptz)`;
    const endsAt = sql`case when ${grants.state} = 'starting' then ${endOfWindowFrom(firstCall)} else ${grants.endsAt} end`;
    await tx
      .update(grants)
      .set({ firstCallAt: firstCall, endsAt })
      .where(among(grants.id, attempt.waitingGrants));
  }
  return true;
}

/** Gives a lease back without having done anything; due at once. */
export async function releaseLease(tx: Tx, row: AssignmentRow): Promise<void> {
  await tx
    .update(assignments)
    .set({ leaseToken: null, leaseUntil: null })
    .where(and(eq(assignments.id, row.id), eq(assignments.leaseToken, row.leaseToken ?? '')));
}

/** Locks those of the assignments whose lease is still ours, in id order. */
export async function lockLeased(
  tx: Tx,
  leases: readonly { id: number; token: string }[],
): Promise<AssignmentRow[]> {
  if (leases.length === 0) return [];
  const tokens = new Map(leases.map(({ id, token }) => [id, token]));
  const rows = await tx
    .select()
    .from(assignments)
    .where(among(assignments.id, [...tokens.keys()]))
    .orderBy(asc(assignments.id))
    .for('update');
  return rows.filter((row) => row.leaseToken !== null && row.leaseToken === tokens.get(row.id));
}
