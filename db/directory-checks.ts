/**
 * Whom the directories are asked about, and when: everybody who holds or waits for something, and those who may
 * decide about it. What was asked and when stands in the ledger, so that replicas share the work.
 */
import { and, asc, eq, gt, gte, inArray, isNotNull, isNull, lte, or, type SQL, sql } from 'drizzle-orm';
import { among } from './among.ts';
import type { Tx } from './client.ts';
import type { IdentityKey } from './principals.ts';
import { grants, identities, principals, requests } from './schema.ts';

export interface DirectoryCheck extends IdentityKey {
  readonly missingSince: Date | null;
}

const isOne = ({ platform, workspace, userId }: IdentityKey): SQL | undefined =>
  and(eq(identities.platform, platform), eq(identities.workspace, workspace), eq(identities.userId, userId));

/** The directory is asked about them by the next round: it may have said something new. */
export async function checkSoon(db: Tx, people: readonly IdentityKey[]): Promise<void> {
  if (people.length === 0) return;
  await db
    .update(identities)
    .set({ checkedAt: null })
    .where(and(or(...people.map(isOne)), eq(identities.active, true)));
}

/** The roles of which somebody holds or awaits something. */
export async function rolesInUse(db: Tx): Promise<readonly string[]> {
  const rows = await db
    .select({ role: requests.role })
    .from(requests)
    .where(eq(requests.state, 'pending'))
    .union(db.select({ role: grants.role }).from(grants).where(sql`${grants.state} <> 'ended'`));
  return rows.map(({ role }) => role);
}

/**
 * Takes a few who were last confirmed before `confirmedBefore`, for this process for `leaseMs`. At most `most`
 * are taken on this platform in `paceMs`, by all processes together: first those who hold or wait for something,
 * then those who decide, and last those who were asked about in vain less than `againMs` ago. Among these who
 * was asked about the longest ago is first, whatever came of it, so nobody keeps others from their turn. Of whom
 * something new may be known, `checkedAt` null, is ahead as if asked about `aheadMs` earlier.
 */
export async function takeChecks(
  tx: Tx,
  take: {
    platform: string;
    /** Mail addresses. */
    approvers: readonly string[];
    /** Ledger time. */
    confirmedBefore: Date;
    real: Date;
    leaseMs: number;
    most: number;
    paceMs: number;
    againMs: number;
    aheadMs: number;
  },
): Promise<DirectoryCheck[]> {
  const { platform, approvers, confirmedBefore, real, leaseMs, most, paceMs, againMs, aheadMs } = take;
  // One process at a time counts and takes.
  await tx.execute(sql`select pg_advisory_xact_lock(hashtext('directory-checks'), hashtext(${platform}))`);
  const [taken] = await tx
    .select({ count: sql<number>`count(*)::int` })
    .from(identities)
    .where(
      and(
        eq(identities.platform, platform),
        gte(identities.checkLeaseUntil, new Date(real.getTime() + leaseMs - paceMs)),
      ),
    );
  const limit = most - (taken?.count ?? 0);
  if (limit <= 0) return [];
  const pending = eq(requests.state, 'pending');
  const parties = tx
    .select({ id: requests.requesterId })
    .from(requests)
    .where(pending)
    .union(tx.select({ id: requests.subjectId }).from(requests).where(pending))
    .union(tx.select({ id: grants.subjectId }).from(grants).where(sql`${grants.state} <> 'ended'`));
  const deciding = tx
    .select({ id: principals.id })
    .from(principals)
    .where(among(principals.email, approvers));
  const isParty = inArray(identities.principalId, parties);
  const isNew = isNull(identities.checkedAt);
  // Every lease is of one length, so its end tells when they were asked about last.
  const inVain = and(
    isNotNull(identities.checkedAt),
    gt(identities.checkLeaseUntil, new Date(real.getTime() + leaseMs - againMs)),
  );
  const due = await tx
    .select({ platform: identities.platform, workspace: identities.workspace, userId: identities.userId })
    .from(identities)
    .where(
      and(
        eq(identities.platform, platform),
        eq(identities.active, true),
        or(isNull(identities.checkedAt), lte(identities.checkedAt, confirmedBefore)),
        or(isNull(identities.checkLeaseUntil), lte(identities.checkLeaseUntil, real)),
        or(isParty, inArray(identities.principalId, deciding)),
      ),
    )
    .orderBy(
      sql`case when ${inVain} then 2 when ${isParty} then 0 else 1 end`,
      sql`${identities.checkLeaseUntil} - case when ${isNew} then ${aheadMs} else 0 end * interval '1 millisecond' asc nulls first`,
      asc(identities.principalId),
    )
    .limit(limit);
  if (due.length === 0) return [];
  return tx
    .update(identities)
    .set({ checkLeaseUntil: new Date(real.getTime() + leaseMs) })
    .where(or(...due.map(isOne)))
    .returning({
      platform: identities.platform,
      workspace: identities.workspace,
      userId: identities.userId,
      missingSince: identities.missingSince,
    });
}

/** What the directory said, as of when the asking began: here (`missingSince` null), or unknown since. `checkedAt` null: to be asked again as soon as the lease is over. */
export async function settleCheck(
  db: Tx,
  who: IdentityKey,
  { checkedAt, missingSince }: { checkedAt: Date | null; missingSince: Date | null },
): Promise<void> {
  await db.update(identities).set({ checkedAt, missingSince }).where(isOne(who));
}
