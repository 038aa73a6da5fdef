/** The next moment at which something falls due, so that a timer can be set for it. Ledger time. */
import { sql } from 'drizzle-orm';
import type { Tx } from './client.ts';

/**
 * Null: nothing is waiting. Moments in the past mean that something is due now, or waits for a retry
 * (which is real time, and the sweep's business).
 */
export async function nextDue(db: Tx, after: Date): Promise<Date | null> {
  const from = sql`${after.toISOString()}::timestamptz`;
  const [row] = await db
    .select({
      at: sql<string | Date | null>`least(
      (select min(ends_at) from grants where state in ('starting', 'live') and ends_at > ${from}),
      (select min(start_by) from grants where state = 'starting' and start_by > ${from}),
      (select min(remind_at) from grants where state = 'live' and remind_at is not null and remind_at > ${from}),
      (select min(end_due_at) from incidents where end_due_at > ${from}),
      (select min(expires_at) from requests where state = 'pending' and expires_at > ${from}),
      (select min(remind_at) from requests where state = 'pending' and remind_at is not null and remind_at > ${from}),
      (select min(due_at) from assignments where due_at is not null and due_at > ${from}))`,
    })
    .from(sql`(select 1) as one`);
  return row?.at ? new Date(row.at) : null;
}
