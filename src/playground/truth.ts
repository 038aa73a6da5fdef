/** What is really so, beside what the chat says: read from the target and from the ledger, never from the bot. */
import { desc, eq, isNotNull, sql } from 'drizzle-orm';
import type { Tx } from '../../db/client.ts';
import { listGrants } from '../../db/grant-list.ts';
import { assignments, grants, principals, requests } from '../../db/schema.ts';
import { auditInbox } from '../../db/schema-audit.ts';
import { incidents } from '../../db/schema-incidents.ts';
import { createAuditFollower } from './audit-follower.ts';
import { nextSteps } from './next-steps.ts';
import type { Snapshot, TruthView } from './protocol.ts';

/** Without what changes by the mere passing of time. */
export interface Truth extends Pick<TruthView, 'grants' | 'next' | 'audit'> {
  /** The incidents that the ledger knows, by their numbers. */
  readonly incidents: Readonly<Record<string, 'open' | 'closed'>>;
  readonly roles: TruthView['target']['roles'];
  /** How far the first minute has come. */
  readonly hint: Snapshot['hint'];
}

export interface TruthOptions {
  readonly db: Tx;
  readonly roles: () => Promise<TruthView['target']['roles']>;
  readonly overdueAfterS: number;
  readonly offsetMs: () => number;
  /** Whose first request ends the first hint. */
  readonly newcomer: string;
}

const MOST_ROWS = 50;

/** Each call reads anew; only the part of the audit log that is new is read. One call at a time. */
export function createTruth({ db, roles, overdueAfterS, offsetMs, newcomer }: TruthOptions) {
  const audit = createAuditFollower();
  let hint: Snapshot['hint'] = 1;

  async function guide(): Promise<Snapshot['hint']> {
    if (hint === null) return null;
    const [row] = await db
      .select({
        asked: sql<boolean>`exists (select from ${requests} r join ${principals} p on p.id = r.requester_id
          where p.email = ${newcomer})`,
        approved: sql<boolean>`exists (select from ${grants})`,
        ended: sql<boolean>`exists (select from ${grants} where state = 'ended')`,
      })
      .from(sql`(select 1) as one`);
    if (!row?.asked) return 1;
    if (!row.approved) return 2;
    return row.ended ? null : 3;
  }

  return async function read(): Promise<Truth> {
    await audit.follow(db);
    const [members, open, pending, due, inbox, known] = await Promise.all([
      roles(),
      listGrants(db, {}, { ended: false, limit: MOST_ROWS }),
      db
        .select({ request: requests, requester: principals.name })
        .from(requests)
        .innerJoin(principals, eq(principals.id, requests.requesterId))
        .where(eq(requests.state, 'pending'))
        .orderBy(requests.expiresAt)
        .limit(MOST_ROWS),
      db
        .select()
        .from(assignments)
        .where(isNotNull(assignments.dueAt))
        .orderBy(assignments.dueAt)
        .limit(MOST_ROWS),
      db.select({ count: sql<number>`count(*)::int` }).from(auditInbox),
      db
        .select({ number: incidents.number, state: incidents.state })
        .from(incidents)
        .orderBy(desc(incidents.id))
        .limit(MOST_ROWS),
    ]);
    hint = await guide();
    const steps = nextSteps({ grants: open, pending, assignments: due, overdueAfterS, offsetMs: offsetMs() });
    return {
      roles: members,
      incidents: Object.fromEntries(known.map(({ number, state }) => [number, state])),
      grants: open.map(({ grant, name, lastError }) => ({
        id: grant.id,
        who: name,
        role: grant.role,
        state: grant.state,
        endsAt: grant.endsAt.toISOString(),
        note: lastError,
      })),
      next: steps.map(({ at, what }) => ({ at: at.toISOString(), what })),
      audit: {
        events: audit.newest().map(({ seq, at, actor, action, hash }) => ({
          seq,
          at: at.toISOString(),
          actor,
          action,
          hash,
        })),
        unsealed: inbox[0]?.count ?? 0,
        verified: audit.verified(),
      },
      hint,
    };
  };
}
