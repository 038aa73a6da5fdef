/**
 * Which messages are posted next. Alerts have a queue of their own. Of cards, those in channels go first, then
 * the rest; within that everybody who asks for access has their turn, however many cards others have waiting;
 * and no place (a channel, a person) has more than two in flight, so that a slow one holds up no other.
 */
import { and, asc, eq, isNotNull, isNull, lte, ne, notExists, or, type SQL, sql } from 'drizzle-orm';
import { type AnyPgColumn, alias } from 'drizzle-orm/pg-core';
import { amongFound, arrayOf } from './among.ts';
import type { Tx } from './client.ts';
import type { CardRow, NoticeRow } from './messages.ts';
import { cards, notices, threadOf } from './schema-messages.ts';

export interface MessageLease {
  /** Real, as all times here. */
  readonly real: Date;
  readonly until: Date;
  readonly token: string;
  readonly limit: number;
  /** Only alerts, or only the rest. */
  readonly urgent: boolean;
  /** Platforms that take nothing just now: what is for them waits. */
  readonly waiting: readonly string[];
}

const IN_FLIGHT_AT_A_PLACE = 2;

/** Leases cards that show an older state. */
export async function leaseCards(db: Tx, lease: MessageLease): Promise<CardRow[]> {
  const real = sql`${lease.real.toISOString()}::timestamptz`;
  const isFree = sql`(c.lease_until is null or c.lease_until <= ${real})`;
  const scope = sql`c.due_at is not null and c.due_at <= ${real}
    and (c.audience = 'overdue') = ${lease.urgent} and ${isTaken(sql`c.platform`, lease)}`;
  // What is in flight counts first: it is its requester's turn, and it takes its place's room.
  const next = sql`
    with queued as materialized (
      select c.id, c.platform, c.recipient, c.due_at, r.requester_id, ${isFree} as free,
        case c.audience when 'channel' then 0 else 1 end as class
      from cards c join requests r on r.id = c.request_id where ${scope}),
    turns as (
      select *, row_number() over (partition by class, requester_id order by free, due_at, id) as turn
      from queued),
    places as (
      select *, row_number() over (
        partition by platform, recipient order by free, class, turn, due_at, id) as place
      from turns),
    chosen as (
      select id, row_number() over (order by class, turn, due_at, id) as n
      from places where free and (place <= ${IN_FLIGHT_AT_A_PLACE} or ${lease.urgent})
      order by n limit ${lease.limit * 4})
    select c.id from cards c join chosen on chosen.id = c.id
    where ${isFree} and ${scope} order by chosen.n limit ${lease.limit} for update of c skip locked`;
  return db
    .update(cards)
    .set({
      leaseToken: lease.token,
      leaseUntil: lease.until,
      // Whoever held it before did not say what became of it.
      shownDigest: sql`case when ${cards.leaseToken} is null then ${cards.shownDigest} end`,
    })
    .where(amongFound(cards.id, sql`(${next})`))
    .returning();
}

type Conversation = Record<'audience' | 'platform' | 'recipient' | 'requestId', AnyPgColumn>;

/**
 * Leases notices, in each conversation only the oldest that is not posted yet, and lines of a timeline only
 * when the card above them is posted or given up. Alerts wait for nothing before them.
 */
export async function leaseNotices(db: Tx, lease: MessageLease): Promise<NoticeRow[]> {
  const due = db
    .select({ id: notices.id })
    .from(notices)
    .where(
      and(
        isNotNull(notices.dueAt),
        lte(notices.dueAt, lease.real),
        or(isNull(notices.leaseUntil), lte(notices.leaseUntil, lease.real)),
        ...(lease.urgent ? [eq(notices.audience, 'alerts')] : inOrder(db, lease)),
      ),
    )
    .orderBy(asc(notices.id))
    .limit(lease.limit)
    .for('update', { skipLocked: true });
  return db
    .update(notices)
    .set({ leaseToken: lease.token, leaseUntil: lease.until })
    .where(amongFound(notices.id, due))
    .returning();
}

/** Of no platforms the type is not known. */
function isTaken(platform: SQL, { waiting }: MessageLease): SQL {
  return waiting.length === 0 ? sql`true` : sql`${platform} <> all(${arrayOf(waiting)})`;
}

function inOrder(db: Tx, lease: MessageLease): (SQL | undefined)[] {
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
        eq(cards.platform, notices.platform),
        or(eq(notices.recipient, ''), eq(cards.recipient, notices.recipient)),
        isNull(cards.message),
        isNotNull(cards.dueAt),
      ),
    );
  return [
    ne(notices.audience, 'alerts'),
    isTaken(sql`${notices.platform}`, lease),
    eq(notices.id, first),
    notExists(threadless),
  ];
}
