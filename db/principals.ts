/** Principals: bound once to a platform identity and a mail address. */
import { and, eq } from 'drizzle-orm';
import { among } from './among.ts';
import type { Tx } from './client.ts';
import { accountPins, principals } from './schema.ts';

export type PrincipalRow = typeof principals.$inferSelect;

export interface Identity {
  readonly platform: string;
  readonly workspace: string;
  readonly userId: string;
  /** Lower case. */
  readonly email: string;
  readonly name: string;
  readonly timeZone: string | null;
}

export type Binding =
  | { readonly ok: true; readonly principal: PrincipalRow }
  /** `changed`: this person was bound to another address; `second`: the address is bound to another person. */
  | { readonly ok: false; readonly conflict: 'changed' | 'second' };

export async function findPrincipal(
  db: Tx,
  who: { platform: string; workspace: string; userId: string },
): Promise<PrincipalRow | null> {
  const [row] = await db
    .select()
    .from(principals)
    .where(
      and(
        eq(principals.platform, who.platform),
        eq(principals.workspace, who.workspace),
        eq(principals.userId, who.userId),
      ),
    );
  return row ?? null;
}

export async function findPrincipalsByEmail(db: Tx, emails: readonly string[]): Promise<PrincipalRow[]> {
  if (emails.length === 0) return [];
  return db.select().from(principals).where(among(principals.email, emails));
}

/** Binds an identity on first sight, and keeps name and time zone up to date afterwards. */
export async function bindPrincipal(tx: Tx, identity: Identity, now: Date): Promise<Binding> {
  const known = await findPrincipal(tx, identity);
  if (known) {
    if (known.email !== identity.email) return { ok: false, conflict: 'changed' };
    const { name, timeZone } = identity;
    if (known.active && known.name === name && known.timeZone === timeZone)
      return { ok: true, principal: known };
    const [updated] = await tx
      .update(principals)
      .set({ name, timeZone, active: true })
      .where(eq(principals.id, known.id))
      .returning();
    return { ok: true, principal: updated ?? known };
  }
  const [bound] = await tx
    .insert(principals)
    .values({ ...identity, boundAt: now })
    .onConflictDoNothing()
    .returning();
  if (bound) return { ok: true, principal: bound };
  // Two first deliveries of one person race: the other one's row is the same identity.
  const raced = await findPrincipal(tx, identity);
  return raced?.email === identity.email ? { ok: true, principal: raced } : { ok: false, conflict: 'second' };
}

/** Pins a target account to one mail address. Returns the address that holds the pin. */
export async function pinAccount(
  tx: Tx,
  pin: { targetId: string; account: string; email: string },
  now: Date,
): Promise<string> {
  await tx
    .insert(accountPins)
    .values({ ...pin, pinnedAt: now })
    .onConflictDoNothing();
  const [row] = await tx
    .select({ email: accountPins.email })
    .from(accountPins)
    .where(and(eq(accountPins.targetId, pin.targetId), eq(accountPins.account, pin.account)));
  return row?.email ?? pin.email;
}

export async function findPin(db: Tx, targetId: string, account: string): Promise<string | null> {
  const [row] = await db
    .select({ email: accountPins.email })
    .from(accountPins)
    .where(and(eq(accountPins.targetId, targetId), eq(accountPins.account, account)));
  return row?.email ?? null;
}

export async function deactivatePrincipal(tx: Tx, id: number): Promise<void> {
  await tx.update(principals).set({ active: false }).where(eq(principals.id, id));
}
