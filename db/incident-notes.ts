/** Which closed incidents are still owed a note, and what is in it. */
import { and, asc, eq, isNotNull, lte, not, or } from 'drizzle-orm';
import { alias } from 'drizzle-orm/pg-core';
import { amongFound } from './among.ts';
import type { Tx } from './client.ts';
import { hadGrant, hasUnendedGrant, isBound } from './incident-bound.ts';
import { type Lease, leaseIsFree } from './incident-polls.ts';
import { grants, principals, requests } from './schema.ts';
import { type IncidentRow, incidents } from './schema-incidents.ts';

/** Leases notes that can be left: all grants have ended, or were to end before `lateBefore` (ledger time). */
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
    .set({ leaseToken: lease.token, leaseUntil: lease.until })
    .where(amongFound(incidents.id, due))
    .returning();
}

/** Gives the lease back; `dueAt` null: the note is left, or given up. */
export async function settleNote(
  tx: Tx,
  leased: IncidentRow,
  end: { dueAt: Date | null; attempts: number; lastError: string | null },
): Promise<boolean> {
  const { dueAt: noteDueAt, ...rest } = end;
  const rows = await tx
    .update(incidents)
    .set({ ...rest, noteDueAt, leaseToken: null, leaseUntil: null })
    .where(and(eq(incidents.id, leased.id), eq(incidents.leaseToken, leased.leaseToken ?? '')))
    .returning({ id: incidents.id });
  return rows.length > 0;
}

/**
 * Forgets notes that nobody can leave: of closes since which nobody held anything and nobody can any more,
 * and of sources that were not there for a day. Real.
 */
export async function forgetNotes(db: Tx, times: { unheldBefore: Date; before: Date }): Promise<void> {
  const unheld = and(lte(incidents.noteDueAt, times.unheldBefore), not(hadGrant), not(isBound));
  await db
    .update(incidents)
    .set({ noteDueAt: null })
    .where(and(isNotNull(incidents.noteDueAt), or(unheld, lte(incidents.noteDueAt, times.before))));
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
