/** Requests and votes. */
import { and, asc, eq, inArray, lte, ne, or, sql } from 'drizzle-orm';
import { alias } from 'drizzle-orm/pg-core';
import type { FrozenEntitlement } from '../src/domain/request.ts';
import { among } from './among.ts';
import type { Tx } from './client.ts';

import type { PrincipalRow } from './principals.ts';
import { principals, requests, votes } from './schema.ts';
import { type IncidentRow, incidents } from './schema-incidents.ts';

export type RequestRow = typeof requests.$inferSelect;
export type VoteRow = typeof votes.$inferSelect;

export interface RequestWithParties {
  readonly request: RequestRow;
  readonly requester: PrincipalRow;
  readonly subject: PrincipalRow;
}

const requester = alias(principals, 'requester');
const subject = alias(principals, 'subject');

const withParties = (db: Tx) =>
  db
    .select({ request: requests, requester, subject })
    .from(requests)
    .innerJoin(requester, eq(requester.id, requests.requesterId))
    .innerJoin(subject, eq(subject.id, requests.subjectId));

export async function findRequest(db: Tx, id: string): Promise<RequestWithParties | null> {
  const [row] = await withParties(db).where(eq(requests.id, id));
  return row ?? null;
}

/** Locks the request: whoever decides it next waits until this transaction is over. */
export async function lockRequest(tx: Tx, id: string): Promise<RequestWithParties | null> {
  const [locked] = await tx
    .select({ id: requests.id })
    .from(requests)
    .where(eq(requests.id, id))
    .for('update');
  return locked ? findRequest(tx, id) : null;
}

/**
 * Inserts a request. `id-taken`: choose another id. `open-already`: the subject has an open request for
 * this role, which the ledger allows only once.
 */
export async function insertRequest(
  tx: Tx,
  row: typeof requests.$inferInsert,
): Promise<'inserted' | 'id-taken' | 'open-already'> {
  const inserted = await tx.insert(requests).values(row).onConflictDoNothing().returning({ id: requests.id });
  if (inserted.length > 0) return 'inserted';
  const [same] = await tx.select({ id: requests.id }).from(requests).where(eq(requests.id, row.id));
  return same ? 'id-taken' : 'open-already';
}

export async function updateRequest(tx: Tx, id: string, set: Partial<RequestRow>): Promise<void> {
  await tx.update(requests).set(set).where(eq(requests.id, id));
}

/** The incident, and nothing more becomes known of it until this transaction is over. Before grants are locked. */
export async function holdIncident(tx: Tx, id: number): Promise<IncidentRow | null> {
  const [row] = await tx.select().from(incidents).where(eq(incidents.id, id)).for('share');
  return row ?? null;
}

/** The subject's pending request for a role; extensions count. */
export async function findOpenRequest(db: Tx, subjectId: number, role: string): Promise<RequestRow | null> {
  const [row] = await db
    .select()
    .from(requests)
    .where(and(eq(requests.subjectId, subjectId), eq(requests.role, role), eq(requests.state, 'pending')));
  return row ?? null;
}

/**
 * The first of these entitlements whose account another subject's pending request is for; null: none. Until this
 * transaction is over nobody else asks about the same accounts.
 */
export async function reservedForAnother(
  tx: Tx,
  subjectId: number,
  entitlements: readonly FrozenEntitlement[],
): Promise<FrozenEntitlement | null> {
  const accountOf = ({ targetId, accountId }: FrozenEntitlement) => ({ targetId, accountId });
  // One order for everybody, so that two requests for several accounts cannot wait for each other.
  const ordered = [...entitlements].sort((a, b) =>
    JSON.stringify(accountOf(a)) < JSON.stringify(accountOf(b)) ? -1 : 1,
  );
  for (const entitlement of ordered) {
    const account = JSON.stringify(accountOf(entitlement));
    await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${account}::text, 0))`);
    const [other] = await tx
      .select({ id: requests.id })
      .from(requests)
      .where(
        and(
          eq(requests.state, 'pending'),
          ne(requests.subjectId, subjectId),
          sql`${requests.entitlements} @> ${`[${account}]`}::text::jsonb`,
        ),
      )
      .limit(1);
    if (other) return entitlement;
  }
  return null;
}

/** Pending requests that these people asked for or that are for them, oldest first. */
export async function pendingOfPeople(
  db: Tx,
  principalIds: readonly number[],
): Promise<RequestWithParties[]> {
  if (principalIds.length === 0) return [];
  return withParties(db)
    .where(
      and(
        eq(requests.state, 'pending'),
        or(among(requests.requesterId, principalIds), among(requests.subjectId, principalIds)),
      ),
    )
    .orderBy(asc(requests.createdAt));
}

/** Ids of pending requests by or for this person, and for this role; absent fields do not narrow. */
export async function pendingRequestIds(
  db: Tx,
  { email, role }: { email?: string | undefined; role?: string | undefined },
): Promise<string[]> {
  const of = db
    .select({ id: principals.id })
    .from(principals)
    .where(eq(principals.email, email ?? ''));
  const theirs = or(inArray(requests.requesterId, of), inArray(requests.subjectId, of));
  const rows = await db
    .select({ id: requests.id })
    .from(requests)
    .where(
      and(
        eq(requests.state, 'pending'),
        email === undefined ? undefined : theirs,
        role === undefined ? undefined : eq(requests.role, role),
      ),
    )
    .orderBy(asc(requests.id));
  return rows.map(({ id }) => id);
}

/** Pending requests for these roles, oldest first, at most 100. */
export async function pendingForRoles(db: Tx, roles: readonly string[]): Promise<RequestWithParties[]> {
  if (roles.length === 0) return [];
  return withParties(db)
    .where(and(eq(requests.state, 'pending'), among(requests.role, roles)))
    .orderBy(asc(requests.createdAt))
    .limit(100);
}

/** Pending requests whose time is over, locked for this transaction; other processes skip them. */
export async function lockExpired(tx: Tx, now: Date, limit: number): Promise<RequestRow[]> {
  return tx
    .select()
    .from(requests)
    .where(and(eq(requests.state, 'pending'), lte(requests.expiresAt, now)))
    .orderBy(asc(requests.expiresAt))
    .limit(limit)
    .for('update', { skipLocked: true });
}

/** Pending requests at half of their time, locked for this transaction. */
export async function lockReminders(tx: Tx, now: Date, limit: number): Promise<RequestRow[]> {
  return tx
    .select()
    .from(requests)
    .where(and(eq(requests.state, 'pending'), lte(requests.remindAt, now)))
    .limit(limit)
    .for('update', { skipLocked: true });
}

/** Locks the pending extensions of these grants, in id order. */
export async function lockExtensionsOf(tx: Tx, grantIds: readonly string[]): Promise<RequestRow[]> {
  if (grantIds.length === 0) return [];
  return tx
    .select()
    .from(requests)
    .where(and(eq(requests.state, 'pending'), among(requests.extendsGrant, grantIds)))
    .orderBy(asc(requests.id))
    .for('update');
}

export async function setRequests(tx: Tx, ids: readonly string[], set: Partial<RequestRow>): Promise<void> {
  if (ids.length > 0) await tx.update(requests).set(set).where(among(requests.id, ids));
}

export async function insertVote(tx: Tx, vote: typeof votes.$inferInsert): Promise<boolean> {
  const rows = await tx.insert(votes).values(vote).onConflictDoNothing().returning({ id: votes.id });
  return rows.length > 0;
}

export async function liveVotes(
  db: Tx,
  requestId: string,
): Promise<(VoteRow & { approver: PrincipalRow })[]> {
  const rows = await db
    .select({ vote: votes, approver: principals })
    .from(votes)
    .innerJoin(principals, eq(principals.id, votes.approverId))
    .where(and(eq(votes.requestId, requestId), sql`${votes.live}`))
    .orderBy(asc(votes.id));
  return rows.map(({ vote, approver }) => ({ ...vote, approver }));
}
