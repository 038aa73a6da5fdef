/** Which closed incidents are still owed a note, and what is in it. */
import { and, asc, eq, isNotNull, lte, not, or, sql } from 'drizzle-orm';
import { alias } from 'drizzle-orm/pg-core';
import { amongFound } from './among.ts';
import type { Tx } from './client.ts';
import { hadGrant, hasUnendedGrant, isBound } from './incident-bound.ts';
import { type Lease, leaseIsFree } from './incident-polls.ts';
import { grants, principals, requests } from './schema.ts';
import { type IncidentRow, incidents } from './schema-incidents.ts';

/**
 * Leases notes that can be left: all grants have ended, or were to end before `lateBefore` (ledger time). A
 * lease counts as a try in doubt until it is settled.
 */
export async function leaseNotes(
  db: Tx,
  source: string,
  lease: Lease & { lateBefore: Date },
): Promise<IncidentRow[]> {
  const due = db
    .select({ id: incidents.id })
    .from(incidents)
    .where(
      and(
        isNotNull(incidents.noteDueAt),
        lte(incidents.noteDueAt, lease.real),
        eq(incidents.source, source),
        leaseIsFree(lease.real),
        hadGrant,
        or(not(hasUnendedGrant), lte(incidents.endDueAt, lease.lateBefore)),
      ),
    )
    .orderBy(asc(incidents.noteDueAt))
    .limit(lease.limit)
    .for('update', { skipLocked: true });
  return db
    .update(incidents)
    .set({
      leaseToken: lease.token,
      leaseUntil: lease.until,
      noteDoubts: sql`${incidents.noteDoubts} + 1`,
    })
    .where(amongFound(incidents.id, due))
    .returning();
}

/** After how many tries nobody knows whether the note got there; the leased one is not counted. */
export function doubtsOf(leased: IncidentRow): number {
  return leased.noteDoubts - 1;
}

/** Gives the lease back; null: the note is left, or given up. `doubts`: as `doubtsOf` is to count from now on. */
export async function settleNote(
  tx: Tx,
  leased: IncidentRow,
  end: { next: { at: Date; doubts: number } | null; lastError: string | null },
): Promise<boolean> {
  const { next, lastError } = end;
  const [was, due] = [leased.noteDueAt, next?.at].map((at) => sql`${at?.toISOString() ?? null}::timestamptz`);
  // Another moment is that of another close: it was reopened meanwhile.
  const isSame = sql`${incidents.noteDueAt} = ${was}`;
  const rows = await tx
    .update(incidents)
    .set({
      lastError,
      noteDueAt: sql`case when ${isSame} then ${due} else ${incidents.noteDueAt} end`,
      noteDoubts: sql`case when ${isSame} then ${next?.doubts ?? 0} else ${incidents.noteDoubts} end`,
      leaseToken: null,
      leaseUntil: null,
    })
    .where(and(eq(incidents.id, leased.id), eq(incidents.leaseToken, leased.leaseToken ?? '')))
    .returning({ id: incidents.id });
  return rows.length > 0;
}

/**
 * Forgets notes that nobody can leave: of closes since which nobody held anything and nobody can any more, and
 * what was due a day ago, as of sources that were not there since. Returns those that had something to say. Real.
 */
export async function forgetNotes(
  tx: Tx,
  times: { real: Date; unheldBefore: Date; before: Date },
): Promise<IncidentRow[]> {
  const lapsed = and(lte(incidents.noteDueAt, times.before), leaseIsFree(times.real));
  await tx
    .update(incidents)
    .set({ noteDueAt: null })
    .where(and(lte(incidents.noteDueAt, times.unheldBefore), not(hadGrant), or(not(isBound), lapsed)));
  return tx.update(incidents).set({ noteDueAt: null }).where(and(lapsed, hadGrant)).returning();
}

const approver = alias(principals, 'approver');

/** Who held what with the incident, in the order of approval. */
export async function heldWith(db: Tx, incidentId: number) {
  return db
    .select({
      grant: grants,
      roleTitle: requests.roleTitle,
      subject: principals.name,
      email: principals.email,
      approver: approver.name,
    })
    .from(grants)
    .innerJoin(requests, eq(requests.id, grants.id))
    .innerJoin(principals, eq(principals.id, grants.subjectId))
    .leftJoin(approver, eq(approver.id, requests.decidedBy))
    .where(eq(requests.incidentId, incidentId))
    .orderBy(asc(grants.approvedAt), asc(grants.id));
}

export type Held = Awaited<ReturnType<typeof heldWith>>[number];
