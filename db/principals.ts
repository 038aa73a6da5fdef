/** Principals, bound once to a mail address, and who they are on each chat platform. */
import { and, asc, eq, sql } from 'drizzle-orm';
import { among } from './among.ts';
import type { Tx } from './client.ts';
import { identities, principals } from './schema.ts';

export type PrincipalRow = typeof principals.$inferSelect;

/** Who somebody is on one platform. */
export interface IdentityKey {
  readonly platform: string;
  readonly workspace: string;
  readonly userId: string;
}

/** A principal, and the identity that they speak by. */
export interface SpeakingPrincipal extends PrincipalRow, IdentityKey {}

export interface Identity extends IdentityKey {
  /** Lower case. */
  readonly email: string;
  readonly name: string;
  readonly timeZone: string | null;
}

/** What is kept of an identity that has spoken before. */
export interface KnownIdentity extends IdentityKey {
  readonly name: string;
  readonly timeZone: string | null;
  readonly active: boolean;
  /** How often they left. */
  readonly departures: number;
}

export interface KnownSpeaker {
  readonly principal: SpeakingPrincipal;
  readonly identity: KnownIdentity;
}

export type Binding =
  | { readonly ok: true; readonly principal: SpeakingPrincipal }
  /**
   * `changed`: this person was bound to another address; `second`: the address is bound to another person;
   * `left`: another platform in use said that they left, and has not said otherwise since; `leaving`: this one
   * said so after the directory was read.
   */
  | { readonly ok: false; readonly conflict: 'changed' | 'second' | 'left' | 'leaving' };

export async function findSpeaker(db: Tx, who: IdentityKey): Promise<KnownSpeaker | null> {
  const [row] = await db
    .select({ principal: principals, identity: identities })
    .from(identities)
    .innerJoin(principals, eq(principals.id, identities.principalId))
    .where(isIdentity(who));
  return row ? { principal: speaking(row.principal, who), identity: row.identity } : null;
}

/** The same in every workspace: a platform does not always name the one under which somebody is kept. */
export async function findSpeakers(
  db: Tx,
  { platform, userId }: Omit<IdentityKey, 'workspace'>,
): Promise<KnownSpeaker[]> {
  const rows = await db
    .select({ principal: principals, identity: identities })
    .from(identities)
    .innerJoin(principals, eq(principals.id, identities.principalId))
    .where(and(eq(identities.platform, platform), eq(identities.userId, userId)));
  return rows.map(({ principal, identity }) => ({ principal: speaking(principal, identity), identity }));
}

/**
 * Whom a speaker mentions: somebody of the same workspace, else the one person who has this id on the platform.
 * A mention does not say of which workspace of an organisation somebody is.
 */
export async function findMentioned(
  db: Tx,
  { platform, workspace }: Omit<IdentityKey, 'userId'>,
  userId: string,
): Promise<KnownSpeaker | null> {
  const near = await findSpeaker(db, { platform, workspace, userId });
  if (near) return near;
  const rows = await db
    .select({ workspace: identities.workspace })
    .from(identities)
    .where(and(eq(identities.platform, platform), eq(identities.userId, userId)))
    .limit(2);
  const [only, another] = rows;
  return only && !another ? findSpeaker(db, { platform, workspace: only.workspace, userId }) : null;
}

export async function findPrincipalByEmail(db: Tx, email: string): Promise<PrincipalRow | null> {
  const [row] = await db.select().from(principals).where(eq(principals.email, email));
  return row ?? null;
}

/** The identities of these people on one platform, by mail address. */
export async function identitiesOn(
  db: Tx,
  platform: string,
  emails: readonly string[],
): Promise<ReadonlyMap<string, KnownIdentity>> {
  if (emails.length === 0) return new Map();
  const rows = await db
    .select({ email: principals.email, identity: identities })
    .from(identities)
    .innerJoin(principals, eq(principals.id, identities.principalId))
    .where(and(eq(identities.platform, platform), among(principals.email, emails)));
  return new Map(rows.map(({ email, identity }) => [email, identity]));
}

/** All identities of these people, on every platform. */
export async function identitiesOf(
  db: Tx,
  emails: readonly string[],
): Promise<readonly (IdentityKey & { readonly email: string })[]> {
  if (emails.length === 0) return [];
  const { platform, workspace, userId } = identities;
  return db
    .select({ email: principals.email, platform, workspace, userId })
    .from(identities)
    .innerJoin(principals, eq(principals.id, identities.principalId))
    .where(among(principals.email, emails));
}

/** The platforms on which these people have spoken, by mail address. */
export async function platformsOf(
  db: Tx,
  emails: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  if (emails.length === 0) return new Map();
  const rows = await db
    .select({ email: principals.email, platform: identities.platform })
    .from(identities)
    .innerJoin(principals, eq(principals.id, identities.principalId))
    .where(among(principals.email, emails));
  const byEmail = new Map<string, string[]>();
  for (const { email, platform } of rows) byEmail.set(email, [...(byEmail.get(email) ?? []), platform]);
  return byEmail;
}

/**
 * Binds an identity on first sight, to the principal of its mail address, and keeps name and time zone up to
 * date afterwards. One person has at most one identity on each platform.
 *
 * @param platforms those in use: what another one's directory said last does not count any more
 * @param departures how often this person had left when the directory reading began that says that they are
 *   here; one that came later is not undone by it
 */
export async function bindPrincipal(
  tx: Tx,
  identity: Identity,
  { now, platforms, departures = 0 }: { now: Date; platforms: readonly string[]; departures?: number },
): Promise<Binding> {
  const { email, ...key } = identity;
  const seen = { now, platforms, departures };
  const known = await lockSpeaker(tx, identity);
  if (known) {
    if (known.principal.email !== email) return { ok: false, conflict: 'changed' };
    return refresh(tx, known, identity, seen);
  }
  await tx.insert(principals).values({ email, name: identity.name, boundAt: now }).onConflictDoNothing();
  const principal = await findPrincipalByEmail(tx, email);
  if (!principal) throw new Error('a principal vanished while it was bound');
  await tx
    .insert(identities)
    .values({ ...key, principalId: principal.id, boundAt: now, checkedAt: now })
    .onConflictDoNothing();
  const speaker = await lockSpeaker(tx, identity);
  // Two first deliveries of one person race: the other one's row is the same identity.
  if (!speaker || speaker.principal.email !== email) return { ok: false, conflict: 'second' };
  return refresh(tx, speaker, identity, seen);
}

/** Nobody but a full member gets here, so on this platform whoever had left before that was read has come back. */
async function refresh(
  tx: Tx,
  { principal, identity }: KnownSpeaker,
  { name, timeZone }: Identity,
  seen: { now: Date; platforms: readonly string[]; departures: number },
): Promise<Binding> {
  if (!identity.active && identity.departures > seen.departures) return { ok: false, conflict: 'leaving' };
  if (identity.name !== name || identity.timeZone !== timeZone || !identity.active) {
    await tx
      .update(identities)
      .set({ name, timeZone, active: true, checkedAt: seen.now, missingSince: null })
      .where(isIdentity(identity));
    await tx.update(principals).set({ name }).where(eq(principals.id, principal.id));
  }
  if (!principal.active) {
    const elsewhere = await tx
      .select({ platform: identities.platform })
      .from(identities)
      .where(and(eq(identities.principalId, principal.id), eq(identities.active, false)));
    if (elsewhere.some(({ platform }) => seen.platforms.includes(platform)))
      return { ok: false, conflict: 'left' };
    await tx.update(principals).set({ active: true }).where(eq(principals.id, principal.id));
  }
  return {
    ok: true,
    principal: { ...principal, name: identity.name === name ? principal.name : name, active: true },
  };
}

/**
 * Holds people's standing as it is until this transaction is over: who leaves waits for it, and whoever left
 * before is seen to have left. Before requests, incidents and grants are locked, everywhere.
 */
export async function holdPrincipals(tx: Tx, ids: readonly number[]): Promise<PrincipalRow[]> {
  return tx
    .select()
    .from(principals)
    .where(among(principals.id, [...new Set(ids)]))
    .orderBy(asc(principals.id))
    .for('share');
}

/** The same for whoever changes what is known of one. */
async function lockSpeaker(tx: Tx, who: IdentityKey): Promise<KnownSpeaker | null> {
  const known = await findSpeaker(tx, who);
  if (!known) return null;
  await tx
    .select({ id: principals.id })
    .from(principals)
    .where(eq(principals.id, known.principal.id))
    .for('no key update');
  return findSpeaker(tx, who);
}

const isIdentity = ({ platform, workspace, userId }: IdentityKey) =>
  and(eq(identities.platform, platform), eq(identities.workspace, workspace), eq(identities.userId, userId));

const speaking = (
  principal: PrincipalRow,
  { platform, workspace, userId }: IdentityKey,
): SpeakingPrincipal => ({
  ...principal,
  platform,
  workspace,
  userId,
});

/** They left, says the directory of the platform that they are known to by this identity. Null: nobody is known by it. */
export async function deactivatePrincipal(tx: Tx, who: IdentityKey): Promise<KnownSpeaker | null> {
  const known = await lockSpeaker(tx, who);
  if (!known) return null;
  const departures = sql`${identities.departures} + 1`;
  await tx.update(identities).set({ active: false, departures }).where(isIdentity(who));
  await tx.update(principals).set({ active: false }).where(eq(principals.id, known.principal.id));
  return known;
}
