/**
 * Which messages are posted next. Alerts have a queue of their own. Of cards, those in channels go first, then
 * the rest; of lines, reminders go last; within that everybody who asks for access has their turn, however many
 * messages others have waiting; and no place (a channel, a person) has more than two cards and one line in flight,
 * so that a slow one holds up no other.
 */
import { type SQL, sql } from 'drizzle-orm';
import { alias } from 'drizzle-orm/pg-core';
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
  const real = moment(lease.real);
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

/**
 * Leases notices, in each conversation only the oldest that is not posted yet, and lines of a timeline only
 * when the card above them is posted or given up. Alerts wait for nothing before them. Of the rest, conversations
 * in which nothing but reminders waits go last, and everybody who asks for access has their turn.
 */
export async function leaseNotices(db: Tx, lease: MessageLease): Promise<NoticeRow[]> {
  return db
    .update(notices)
    .set({ leaseToken: lease.token, leaseUntil: lease.until })
    .where(amongFound(notices.id, sql`(${lease.urgent ? nextAlerts(lease) : nextLines(lease)})`))
    .returning();
}

const isFreeAt = (real: Date) => sql`(n.lease_until is null or n.lease_until <= ${moment(real)})`;

function nextAlerts({ real, limit }: MessageLease): SQL {
  return sql`
    select n.id from notices n
    where n.audience = 'alerts' and n.due_at is not null and n.due_at <= ${moment(real)} and ${isFreeAt(real)}
    order by n.id limit ${limit} for update skip locked`;
}

function nextLines(lease: MessageLease): SQL {
  const { limit } = lease;
  const n = alias(notices, 'n');
  const conversation = sql`n.audience, n.platform, n.recipient, ${threadOf(n)}`;
  const isFree = isFreeAt(lease.real);
  const isDue = sql`n.due_at is not null and n.due_at <= ${moment(lease.real)}`;
  // Each waiting line is read once, and what it needs of other tables is looked up by key, for the first of each
  // conversation: a join might compare every one of them with every other. What is in flight counts first, for
  // it is its requester's turn.
  return sql`
    with queued as materialized (
      select n.id, n.audience, n.platform, n.recipient, n.request_id, ${isDue} as due, ${isFree} as free,
        row_number() over (partition by ${conversation} order by n.id) as place,
        bool_and(n.notice->>'kind' = 'still-waiting') over (partition by ${conversation}) as only_reminders
      from notices n
      where n.due_at is not null and n.audience <> 'alerts' and ${isTaken(sql`n.platform`, lease)}),
    firsts as materialized (
      select q.*, (select r.requester_id from requests r where r.id = q.request_id) as requester_id
      from queued q
      where q.place = 1 and q.due and (q.audience <> 'thread' or (
        select count(*) from cards c
        where c.request_id = q.request_id and c.audience = 'channel' and c.platform = q.platform
          and (q.recipient = '' or c.recipient = q.recipient) and c.message is null and c.due_at is not null) = 0)),
    turns as (
      select *, row_number() over (partition by only_reminders, requester_id order by free, id) as turn from firsts),
    chosen as (
      select id, row_number() over (order by only_reminders, turn, id) as n
      from turns where free order by n limit ${limit * 4})
    select n.id from notices n join chosen on chosen.id = n.id
    where ${isDue} and ${isFree} order by chosen.n limit ${limit} for update of n skip locked`;
}

const moment = (at: Date) => sql`${at.toISOString()}::timestamptz`;

/** Of no platforms the type is not known. */
function isTaken(platform: SQL, { waiting }: MessageLease): SQL {
  return waiting.length === 0 ? sql`true` : sql`${platform} <> all(${arrayOf(waiting)})`;
}
