/** The inbox of what sources sent: written before they are answered, applied afterwards, in any order. */
import { and, asc, eq, isNull, lt, or, sql } from 'drizzle-orm';
import { among } from './among.ts';
import type { Tx } from './client.ts';
import { boundIncidents } from './incident-bound.ts';
import { incidentInbox, incidents } from './schema-incidents.ts';

export type InboxRow = typeof incidentInbox.$inferSelect;

/** Locks what waits, oldest first; other processes skip it. */
export async function lockWaiting(tx: Tx, limit: number): Promise<InboxRow[]> {
  return tx
    .select()
    .from(incidentInbox)
    .where(isNull(incidentInbox.appliedAt))
    .orderBy(asc(incidentInbox.id))
    .limit(limit)
    .for('update', { skipLocked: true });
}

export async function markApplied(tx: Tx, ids: readonly number[], real: Date): Promise<void> {
  if (ids.length === 0) return;
  await tx.update(incidentInbox).set({ appliedAt: real }).where(among(incidentInbox.id, ids));
}

/** Events this old are not repeated any more. */
export async function forgetInbox(db: Tx, before: Date): Promise<void> {
  await db.delete(incidentInbox).where(lt(incidentInbox.appliedAt, before));
}

/**
 * The source is to be asked now: of these incidents, and with `all` of every one that somebody depends on.
 * One that waits after a failure goes on waiting, so that nobody can make Curfew overrun the source. One that
 * is being asked about is asked about once more, for the answer may be older than the news; and none that is
 * due already loses its place.
 */
export async function nudgeIncidents(
  tx: Tx,
  nudge: { source: string; keys: readonly string[]; all: boolean },
  real: Date,
): Promise<void> {
  await tx
    .update(incidents)
    .set({ pollDueAt: sql`least(${incidents.pollDueAt}, ${real.toISOString()}::timestamptz)` })
    .where(
      and(
        eq(incidents.source, nudge.source),
        or(
          among(incidents.key, nudge.keys),
          nudge.all ? sql`${incidents.id} in ${boundIncidents}` : undefined,
        ),
        or(
          eq(incidents.attempts, 0),
          isNull(incidents.pollDueAt),
          eq(incidents.pollDueAt, incidents.leaseUntil),
        ),
      ),
    );
}
