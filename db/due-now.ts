/** What time alone has made due, asked in one statement, for nearly always the answer is: nothing. */
import { sql } from 'drizzle-orm';
import type { Tx } from './client.ts';
import { awaitedIncidents, boundIncidents } from './incident-bound.ts';
import { dueSinceOf, grants } from './schema.ts';
import { isFrozen } from './switches.ts';

export interface DueNow {
  readonly expiry: boolean;
  readonly requestReminders: boolean;
  readonly grantReminders: boolean;
  readonly overdue: boolean;
  /** Frozen, and something is to begin all the same. */
  readonly frozenStarts: boolean;
  readonly unsealed: boolean;
}

/** `now` and `overdueBefore` are ledger time. */
export async function dueNow(db: Tx, now: Date, overdueBefore: Date): Promise<DueNow> {
  const at = sql`${now.toISOString()}::timestamptz`;
  const before = sql`${overdueBefore.toISOString()}::timestamptz`;
  const [row] = await db
    .select({
      expiry: sql<boolean>`exists (select from requests where state = 'pending' and expires_at <= ${at})`,
      requestReminders: sql<boolean>`exists (select from requests
        where state = 'pending' and remind_at is not null and remind_at <= ${at})`,
      grantReminders: sql<boolean>`exists (select from grants
        where state = 'live' and remind_at is not null and remind_at <= ${at})`,
      overdue: sql<boolean>`exists (select from grants
        where state <> 'ended' and overdue_alerted_at is null and ${dueSinceOf(grants)} <= ${before})`,
      frozenStarts: sql<boolean>`${isFrozen} and exists (select from grants where state = 'starting')`,
      // By the index: a table that is filled and emptied all the time is long to read.
      unsealed: sql<boolean>`(select min(id) from audit_inbox) is not null`,
    })
    .from(sql`(select 1) as one`);
  if (!row) throw new Error('the ledger did not say what is due');
  return row;
}

/** Whether something has to end with a closed incident, and whether webhooks wait to be applied. */
export async function incidentsDue(db: Tx, now: Date): Promise<{ ends: boolean; inbox: boolean }> {
  const [row] = await db
    .select({
      ends: sql<boolean>`exists (select from incidents
        where end_due_at <= ${now.toISOString()}::timestamptz and id in ${boundIncidents})
        or exists (select from incidents where end_due_at is not null and id in ${awaitedIncidents})`,
      inbox: sql<boolean>`exists (select from incident_inbox where applied_at is null)`,
    })
    .from(sql`(select 1) as one`);
  if (!row) throw new Error('the ledger did not say what is due');
  return row;
}
