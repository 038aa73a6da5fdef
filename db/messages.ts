/** Cards and notices: messages intended in the transaction of a change, posted afterwards by the sync. */
import { and, asc, eq, gt, isNotNull, isNull, lte, notExists, or, sql } from 'drizzle-orm';
import { type AnyPgColumn, alias, type PgUpdateSetSource } from 'drizzle-orm/pg-core';
import type { Notice } from '../src/domain/notice.ts';
import { among, amongFound, rowsOf } from './among.ts';
import type { Tx } from './client.ts';
import { cards, notices, threadOf } from './schema-messages.ts';

export type CardRow = typeof cards.$inferSelect;
export type NoticeRow = typeof notices.$inferSelect;
export type Audience = CardRow['audience'];

export interface CardIntent {
  readonly requestId: string;
  readonly audience: Audience;
  readonly platform: string;
  readonly recipient: string;
  readonly round?: number;
}

export async function intendCards(tx: Tx, intents: readonly CardIntent[], real: Date): Promise<void> {
  if (intents.length === 0) return;
  await tx.execute(sql`
    insert into cards (request_id, audience, platform, recipient, round, due_at)
    select "requestId", audience, platform, recipient, coalesce(round, 0), ${real.toISOString()}::timestamptz
    from jsonb_to_recordset(${rowsOf(intents)}) as i(
      "requestId" text, audience text, platform text, recipient text, round int)
    on conflict do nothing`);
}

/** How many cards of this audience each of the requests has had. */
export async function countCards(
  tx: Tx,
  requestIds: readonly string[],
  audience: Audience,
): Promise<ReadonlyMap<string, number>> {
  if (requestIds.length === 0) return new Map();
  const rows = await tx
    .select({ requestId: cards.requestId, count: sql<number>`count(*)::int` })
    .from(cards)
    .where(and(among(cards.requestId, requestIds), eq(cards.audience, audience)))
    .groupBy(cards.requestId);
  return new Map(rows.map(({ requestId, count }) => [requestId, count]));
}

/** Every card of these requests shows an older state now. */
export async function touchCards(tx: Tx, requestIds: readonly string[], real: Date): Promise<void> {
  if (requestIds.length === 0) return;
  await tx
    .update(cards)
    .set({ wantedRevision: sql`${cards.wantedRevision} + 1`, dueAt: real })
    .where(among(cards.requestId, requestIds));
}

export interface NoticeIntent {
  readonly requestId: string | null;
  readonly audience: NoticeRow['audience'];
  readonly platform: string;
  readonly recipient?: string;
  readonly notice: Notice;
}

export async function intendNotices(
  tx: Tx,
  intents: readonly NoticeIntent[],
  times: { now: Date; real: Date },
): Promise<void> {
  if (intents.length === 0) return;
  await tx.execute(sql`
    insert into notices (request_id, audience, platform, recipient, notice, at, due_at)
    select "requestId", audience, platform, coalesce(recipient, ''), notice,
      ${times.now.toISOString()}::timestamptz, ${times.real.toISOString()}::timestamptz
    from jsonb_to_recordset(${rowsOf(intents)}) as i(
      "requestId" text, audience text, platform text, recipient text, notice jsonb)`);
}

/** Whether the same alert was intended after `since` (ledger time), so that nobody can flood the channel. */
export async function wasAlerted(tx: Tx, notice: Notice, since: Date): Promise<boolean> {
  const [row] = await tx
    .select({ id: notices.id })
    .from(notices)
    .where(
      and(
        eq(notices.audience, 'alerts'),
        gt(notices.at, since),
        sql`${notices.notice} = ${JSON.stringify(notice)}::text::jsonb`,
      ),
    )
    .limit(1);
  return row !== undefined;
}

/** Where the cards of a request stand, for finding the thread of its timeline. */
export async function findCard(db: Tx, requestId: string, audience: Audience): Promise<CardRow | null> {
  const [row] = await db
    .select()
    .from(cards)
    .where(and(eq(cards.requestId, requestId), eq(cards.audience, audience), isNotNull(cards.message)))
    .limit(1);
  return row ?? null;
}

const isDue = (table: typeof cards | typeof notices, real: Date) =>
  and(
    isNotNull(table.dueAt),
    lte(table.dueAt, real),
    or(isNull(table.leaseUntil), lte(table.leaseUntil, real)),
  );

/** Leases cards that show an older state, the longest due first. Times are real. */
export async function leaseCards(
  db: Tx,
  lease: { real: Date; limit: number; token: string; until: Date },
): Promise<CardRow[]> {
  const due = db
    .select({ id: cards.id })
    .from(cards)
    .where(isDue(cards, lease.real))
    .orderBy(asc(cards.dueAt))
    .limit(lease.limit)
    .for('update', { skipLocked: true });
  return db
    .update(cards)
    .set({ leaseToken: lease.token, leaseUntil: lease.until })
    .where(amongFound(cards.id, due))
    .returning();
}

type Conversation = Record<'audience' | 'platform' | 'recipient' | 'requestId', AnyPgColumn>;

/**
 * Leases notices, in each conversation only the oldest that is not posted yet, and lines of a timeline only
 * when the card above them is posted or given up. Times are real.
 */
export async function leaseNotices(
  db: Tx,
  lease: { real: Date; limit: number; token: string; until: Date },
): Promise<NoticeRow[]> {
  const waiting = alias(notices, 'waiting');
  const conversation = (table: Conversation) =>
    sql`(${table.audience}, ${table.platform}, ${table.recipient}, ${threadOf(table)})`;
  // A lookup for each row: as a join it would compare every waiting line with every other.
  const first = db
    .select({ id: sql`min(${waiting.id})` })
    .from(waiting)
    .where(and(isNotNull(waiting.dueAt), sql`${conversation(waiting)} = ${conversation(notices)}`));
  const threadless = db
    .select({ id: cards.id })
    .from(cards)
    .where(
      and(
        eq(notices.audience, 'thread'),
        eq(cards.audience, 'channel'),
        eq(cards.requestId, notices.requestId),
        isNull(cards.message),
        isNotNull(cards.dueAt),
      ),
    );
  const due = db
    .select({ id: notices.id })
    .from(notices)
    .where(and(isDue(notices, lease.real), eq(notices.id, first), notExists(threadless)))
    .orderBy(asc(notices.id))
    .limit(lease.limit)
    .for('update', { skipLocked: true });
  return db
    .update(notices)
    .set({ leaseToken: lease.token, leaseUntil: lease.until })
    .where(amongFound(notices.id, due))
    .returning();
}

/** Changes a leased card; false when the lease was lost. */
export async function setCard(db: Tx, row: CardRow, set: CardPatch): Promise<boolean> {
  const rows = await db
    .update(cards)
    .set(set)
    .where(and(eq(cards.id, row.id), eq(cards.leaseToken, row.leaseToken ?? '')))
    .returning({ id: cards.id });
  return rows.length > 0;
}

export type CardPatch = PgUpdateSetSource<typeof cards>;

/** Gives a card's lease back; still due where it was touched while it was being drawn. */
export function shown(row: CardRow): CardPatch {
  return {
    postedRevision: row.wantedRevision,
    dueAt: sql`case when ${cards.wantedRevision} = ${row.wantedRevision} then null else ${cards.dueAt} end`,
    leaseToken: null,
    leaseUntil: null,
    intentAt: null,
    attempts: 0,
    lastError: null,
  };
}

export async function setNotice(db: Tx, row: NoticeRow, set: Partial<NoticeRow>): Promise<boolean> {
  const rows = await db
    .update(notices)
    .set(set)
    .where(and(eq(notices.id, row.id), eq(notices.leaseToken, row.leaseToken ?? '')))
    .returning({ id: notices.id });
  return rows.length > 0;
}
