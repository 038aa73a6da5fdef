/** Which account in a target is whose: made at the first grant, kept until somebody undoes it. */
import { and, asc, desc, eq, exists, ne, or, type SQL, sql } from 'drizzle-orm';
import type { Tx } from './client.ts';
import { accountPins, assignments, claims, grants } from './schema.ts';

interface AccountKey {
  readonly targetId: string;
  readonly accountId: string;
}

export interface AccountLink extends AccountKey {
  readonly email: string;
  readonly pinnedAt: Date;
  /** The last one through which it was reached. */
  readonly connector: string | null;
  /** What the target calls it, as last read. */
  readonly account: string | null;
}

/**
 * Links a target account to one mail address, and holds the link as it is until this transaction is over, so that
 * no grant is made on one that is being undone.
 *
 * @returns the address that it is linked to, and whether this made the link
 */
export async function pinAccount(
  tx: Tx,
  pin: AccountKey & { readonly email: string },
  now: Date,
): Promise<{ readonly email: string; readonly made: boolean }> {
  for (;;) {
    const made = await tx
      .insert(accountPins)
      .values({ ...pin, pinnedAt: now })
      .onConflictDoNothing()
      .returning({ email: accountPins.email });
    if (made[0]) return { ...made[0], made: true };
    const [row] = await tx
      .select({ email: accountPins.email })
      .from(accountPins)
      .where(isAccount(pin))
      .for('share');
    if (row) return { ...row, made: false };
    // It was undone while we waited for it.
  }
}

/** Whose it is; null: nobody's yet. */
export async function findPin(db: Tx, targetId: string, accountId: string): Promise<string | null> {
  const [row] = await db
    .select({ email: accountPins.email })
    .from(accountPins)
    .where(isAccount({ targetId, accountId }));
  return row?.email ?? null;
}

export async function removePin(tx: Tx, account: AccountKey): Promise<void> {
  await tx.delete(accountPins).where(isAccount(account));
}

/** Those of one person, or of everybody; by address. */
export async function listLinks(
  db: Tx,
  { email, limit }: { email?: string | undefined; limit: number },
): Promise<AccountLink[]> {
  return links(db, email === undefined ? undefined : eq(accountPins.email, email)).limit(limit);
}

/**
 * The links that a target (its id, or the name of a connector) and an account (its id or name) can mean, held
 * against changes. An id wins over a name.
 */
export async function lockLinks(tx: Tx, target: string, account: string): Promise<AccountLink[]> {
  const through = tx
    .select({ one: sql`1` })
    .from(assignments)
    .where(and(ofPin, eq(assignments.connector, target)));
  const found = await links(tx, or(eq(accountPins.targetId, target), exists(through)));
  const byId = found.filter(({ accountId }) => accountId === account);
  const meant = byId.length > 0 ? byId : found.filter((link) => link.account === account);
  const [only] = meant;
  if (only && meant.length === 1) {
    const rows = await tx
      .select({ email: accountPins.email })
      .from(accountPins)
      .where(isAccount(only))
      .for('update');
    return rows.length > 0 ? meant : [];
  }
  return meant;
}

/** Ids of the grants that use it and are not over. */
export async function openGrantsOn(db: Tx, { targetId, accountId }: AccountKey): Promise<string[]> {
  const rows = await db
    .selectDistinct({ id: grants.id })
    .from(grants)
    .innerJoin(claims, eq(claims.grantId, grants.id))
    .innerJoin(assignments, eq(assignments.id, claims.assignmentId))
    .where(
      and(
        eq(assignments.targetId, targetId),
        eq(assignments.accountId, accountId),
        ne(grants.state, 'ended'),
      ),
    )
    .orderBy(asc(grants.id));
  return rows.map(({ id }) => id);
}

const isAccount = ({ targetId, accountId }: AccountKey) =>
  and(eq(accountPins.targetId, targetId), eq(accountPins.accountId, accountId));

const ofPin = and(
  eq(assignments.targetId, accountPins.targetId),
  eq(assignments.accountId, accountPins.accountId),
);

function links(db: Tx, where: SQL | undefined) {
  const last = db
    .selectDistinctOn([assignments.targetId, assignments.accountId], {
      targetId: assignments.targetId,
      accountId: assignments.accountId,
      connector: assignments.connector,
      account: assignments.account,
    })
    .from(assignments)
    .orderBy(assignments.targetId, assignments.accountId, desc(assignments.id))
    .as('last');
  const { targetId, accountId, email, pinnedAt } = accountPins;
  return db
    .select({
      targetId,
      accountId,
      email,
      pinnedAt,
      connector: last.connector,
      account: last.account,
    })
    .from(accountPins)
    .leftJoin(last, and(eq(last.targetId, targetId), eq(last.accountId, accountId)))
    .where(where)
    .orderBy(asc(email), asc(targetId), asc(accountId));
}
