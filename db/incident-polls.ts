/** When to ask which source, by lease: one process asks at a time. All times are real. */
import { and, asc, eq, isNotNull, isNull, lte, ne, not, or, sql } from 'drizzle-orm';
import { MANUAL_SOURCE } from '../src/domain/incident-name.ts';
import { among, amongFound } from './among.ts';
import type { Tx } from './client.ts';
import { boundIncidents, isBound } from './incident-bound.ts';
import { type IncidentRow, incidents } from './schema-incidents.ts';

export interface Lease {
  readonly real: Date;
  readonly limit: number;
  readonly token: string;
  readonly until: Date;
}

export const leaseIsFree = (real: Date) => or(isNull(incidents.leaseUntil), lte(incidents.leaseUntil, real));

/** What somebody depends on is asked for `everyS` after it was last confirmed, and with `now` at once. */
export async function planPolls(
  db: Tx,
  plan: { sources: readonly string[]; everyS: number; now: Date | null },
): Promise<void> {
  const due = plan.now
    ? sql`${plan.now.toISOString()}::timestamptz`
    : sql`${incidents.confirmedAt} + make_interval(secs => ${plan.everyS})`;
  await db
    .update(incidents)
    .set({ pollDueAt: due })
    .where(
      and(
        plan.now ? undefined : isNull(incidents.pollDueAt),
        among(incidents.source, plan.sources),
        amongFound(incidents.id, boundIncidents),
      ),
    );
}

/** Leases what is to be asked of a source, the longest due first. A lease counts as a try until it went well. */
export async function leasePolls(db: Tx, source: string, lease: Lease): Promise<IncidentRow[]> {
  const due = db
    .select({ id: incidents.id })
    .from(incidents)
    .where(
      and(
        isNotNull(incidents.pollDueAt),
        lte(incidents.pollDueAt, lease.real),
        eq(incidents.source, source),
        leaseIsFree(lease.real),
      ),
    )
    .orderBy(asc(incidents.pollDueAt))
    .limit(lease.limit)
    .for('update', { skipLocked: true });
  return db
    .update(incidents)
    .set({
      leaseToken: lease.token,
      leaseUntil: lease.until,
      // Where somebody asks for it meanwhile it is another moment, and it is asked for once more.
      pollDueAt: lease.until,
      attempts: sql`${incidents.attempts} + 1`,
    })
    .where(amongFound(incidents.id, due))
    .returning();
}

/** Gives a lease back; false when it was lost. `nextAt`: when to ask again, if somebody still depends on it. */
export async function settlePoll(
  tx: Tx,
  leased: IncidentRow,
  end: { nextAt: Date; attempts: number; lastError: string | null; unknownSince: Date | null },
): Promise<boolean> {
  const { attempts, lastError, unknownSince } = end;
  const nextAt = sql`${end.nextAt.toISOString()}::timestamptz`;
  const rows = await tx
    .update(incidents)
    .set({
      leaseToken: null,
      leaseUntil: null,
      attempts,
      lastError,
      unknownSince,
      pollDueAt: sql`case when ${incidents.pollDueAt} = ${incidents.leaseUntil}
        then case when ${isBound} then ${nextAt} end
        else greatest(${incidents.pollDueAt}, ${attempts > 0 ? nextAt : incidents.pollDueAt}) end`,
    })
    .where(and(eq(incidents.id, leased.id), eq(incidents.leaseToken, leased.leaseToken ?? '')))
    .returning({ id: incidents.id });
  return rows.length > 0;
}

/**
 * Locks open incidents that nobody has confirmed since `before` although it was tried, or was due to be since
 * `waitsSince` (the source may want to be left alone); that somebody depends on, and that were not alerted or
 * whose grants are to end for it.
 */
export async function lockUnconfirmed(
  tx: Tx,
  look: {
    before: Date;
    waitsSince: Date | null;
    real: Date;
    /** Those that can be asked; others have no try that could fail. */
    polled: readonly string[];
    /** Those whose grants end when they cannot be confirmed. */
    ending: readonly string[];
    limit: number;
  },
): Promise<IncidentRow[]> {
  const tried = or(
    and(sql`${incidents.attempts} > 0`, leaseIsFree(look.real)),
    look.waitsSince ? lte(incidents.pollDueAt, look.waitsSince) : undefined,
  );
  const holds = sql`exists (select from requests r join grants g on g.id = r.id
    where r.incident_id = ${incidents.id} and g.state in ('starting', 'live'))`;
  return tx
    .select()
    .from(incidents)
    .where(
      and(
        eq(incidents.state, 'open'),
        ne(incidents.source, MANUAL_SOURCE),
        lte(incidents.confirmedAt, look.before),
        or(not(among(incidents.source, look.polled)), tried),
        amongFound(incidents.id, boundIncidents),
        or(not(incidents.unconfirmedAlerted), and(among(incidents.source, look.ending), holds)),
      ),
    )
    .orderBy(asc(incidents.id))
    .limit(look.limit)
    .for('update', { skipLocked: true });
}

export async function setIncident(tx: Tx, id: number, set: Partial<IncidentRow>): Promise<void> {
  await tx.update(incidents).set(set).where(eq(incidents.id, id));
}
