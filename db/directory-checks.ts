/**
 * Whom the directories are asked about, and when: everybody who holds or waits for something, and those who may
 * decide about it. What was asked and when stands in the ledger, so that replicas share the work.
 */
import { and, asc, eq, gte, inArray, isNull, lte, or, type SQL, sql } from 'drizzle-orm';
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
 * Takes a few who were last confirmed before `confirmedBefore`, for this process until `leaseUntil`; the
 * longest unconfirmed first. At most `most` are taken on this platform in `paceMs`, by all processes together.
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
  },
): Promise<DirectoryCheck[]> {
  const { platform, approvers, confirmedBefore, real, leaseMs, most, paceMs } = take;
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
  const involved = tx
    .select({ id: requests.requesterId })
    .from(requests)
    .where(pending)
    .union(tx.select({ id: requests.subjectId }).from(requests).where(pending))
    .union(tx.select({ id: grants.subjectId }).from(grants).where(sql`${grants.state} <> 'ended'`))
    .union(tx.select({ id: principals.id }).from(principals).where(among(principals.email, approvers)));
  const due = await tx
    .select({ platform: identities.platform, workspace: identities.workspace, userId: identities.userId })
    .from(identities)
    .where(
      and(
        eq(identities.platform, platform),
        eq(identities.active, true),
        or(isNull(identities.checkedAt), lte(identities.checkedAt, confirmedBefore)),
        or(isNull(identities.checkLeaseUntil), lte(identities.checkLeaseUntil, real)),
        inArray(identities.principalId, involved),
      ),
    )
    .orderBy(sql`${identities.checkedAt} asc nulls first`, asc(identities.principalId))
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
