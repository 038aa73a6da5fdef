/**
 * The ledger in numbers, for health and metrics. Only what is open is counted, over partial indexes: a
 * million ended grants cost nothing here. The predicates stand as they do in the indexes, without
 * parameters, for the planner to recognise them.
 */
import { sql } from 'drizzle-orm';
import type { GrantState } from '../src/domain/grant.ts';
import type { Tx } from './client.ts';
import { assignments, dueSinceOf, grants } from './schema.ts';

export interface MessageCounts {
  /** To be posted or drawn anew. */
  readonly waiting: number;
  /** Of those, how many failed at least once. */
  readonly failing: number;
}

export interface LedgerState {
  readonly grants: Readonly<Record<Exclude<GrantState, 'ended'>, number>>;
  readonly requestsPending: number;
  /** Access that should be gone for longer than it may take, also where nobody noticed that it is due. */
  readonly overdue: { readonly count: number; readonly oldestS: number };
  /** By connector: assignments whose last step failed. */
  readonly failingAssignments: Readonly<Record<string, number>>;
  readonly cards: MessageCounts;
  readonly notices: MessageCounts;
  readonly auditUnsealed: number;
}

/** `now` is ledger time. */
export async function readLedgerState(
  db: Tx,
  { now, overdueAfterS }: { now: Date; overdueAfterS: number },
): Promise<LedgerState> {
  const at = sql`${now.toISOString()}::timestamptz`;
  const overdueS = sql`extract(epoch from ${at} - ${dueSinceOf(grants)})`;
  const byState = await db
    .select({
      state: grants.state,
      count: sql<number>`count(*)::int`,
      overdue: sql<number>`(count(*) filter (where ${overdueS} >= ${overdueAfterS}))::int`,
      oldestS: sql<number>`coalesce(max(${overdueS}) filter (where ${overdueS} >= ${overdueAfterS}), 0)::float8`,
    })
    .from(grants)
    .where(sql`${grants.state} <> 'ended'`)
    .groupBy(grants.state);
  const counted = (state: GrantState) => byState.find((row) => row.state === state)?.count ?? 0;

  const failing = await db
    .select({ connector: assignments.connector, count: sql<number>`count(*)::int` })
    .from(assignments)
    .where(sql`${assignments.dueAt} is not null and ${assignments.lastError} is not null`)
    .groupBy(assignments.connector);

  const [rest] = await db
    .select({
      requestsPending: sql<number>`(select count(*) from requests where state = 'pending')::int`,
      cardsWaiting: sql<number>`(select count(*) from cards where due_at is not null)::int`,
      cardsFailing: sql<number>`(select count(*) from cards where due_at is not null and attempts > 0)::int`,
      noticesWaiting: sql<number>`(select count(*) from notices where due_at is not null)::int`,
      noticesFailing: sql<number>`(select count(*) from notices where due_at is not null and attempts > 0)::int`,
      auditUnsealed: sql<number>`(select count(*) from audit_inbox)::int`,
    })
    .from(sql`(select 1) as one`);
  if (!rest) throw new Error('The ledger did not answer.');

  return {
    grants: { starting: counted('starting'), live: counted('live'), ending: counted('ending') },
    requestsPending: rest.requestsPending,
    overdue: {
      count: byState.reduce((sum, row) => sum + row.overdue, 0),
      oldestS: Math.max(0, ...byState.map((row) => row.oldestS)),
    },
    failingAssignments: Object.fromEntries(failing.map(({ connector, count }) => [connector, count])),
    cards: { waiting: rest.cardsWaiting, failing: rest.cardsFailing },
    notices: { waiting: rest.noticesWaiting, failing: rest.noticesFailing },
    auditUnsealed: rest.auditUnsealed,
  };
}
