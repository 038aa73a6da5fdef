/** The next moments at which something falls due, so that a timer can be set for them. */
import { sql } from 'drizzle-orm';
import type { Tx } from './client.ts';
import { dueSinceOf, grants } from './schema.ts';

export interface DueMoments {
  /** Ledger time: ends, expiry, reminders, and alerts of what should be gone. */
  readonly ledger: Date | null;
  /** Real time: targets, messages and sources that are to be tried again. */
  readonly real: Date | null;
}

/** The first moments after these; null: nothing is waiting. What was due before is the present sweep's. */
export async function nextDue(
  db: Tx,
  after: { readonly ledger: Date; readonly real: Date },
  { overdueAfterS }: { overdueAfterS: number },
): Promise<DueMoments> {
  const from = sql`${after.ledger.toISOString()}::timestamptz`;
  const real = sql`${after.real.toISOString()}::timestamptz`;
  const allowed = sql`make_interval(secs => ${overdueAfterS})`;
  const [row] = await db
    .select({
      ledger: sql<string | Date | null>`least(
      (select min(ends_at) from grants where state in ('starting', 'live') and ends_at > ${from}),
      (select min(start_by) from grants where state = 'starting' and start_by > ${from}),
      (select min(remind_at) from grants where state = 'live' and remind_at is not null and remind_at > ${from}),
      (select min(${dueSinceOf(grants)}) + ${allowed} from grants
        where state <> 'ended' and overdue_alerted_at is null and ${dueSinceOf(grants)} > ${from} - ${allowed}),
      (select min(end_due_at) from incidents where end_due_at > ${from}),
      (select min(expires_at) from requests where state = 'pending' and expires_at > ${from}),
      (select min(remind_at) from requests where state = 'pending' and remind_at is not null and remind_at > ${from}),
      (select min(due_at) from assignments where due_at is not null and due_at > ${from}))`,
      real: sql<string | Date | null>`least(
      (select min(retry_at) from assignments where due_at is not null and retry_at is not null and retry_at > ${real}),
      (select min(due_at) from cards where due_at is not null and due_at > ${real}),
      (select min(due_at) from notices where due_at is not null and due_at > ${real}),
      (select min(poll_due_at) from incidents where poll_due_at is not null and poll_due_at > ${real}),
      (select min(note_due_at) from incidents where note_due_at is not null and note_due_at > ${real}))`,
    })
    .from(sql`(select 1) as one`);
  const date = (at: string | Date | null | undefined) => (at ? new Date(at) : null);
  return { ledger: date(row?.ledger), real: date(row?.real) };
}
