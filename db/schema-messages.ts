/** What Curfew says first: cards and notices, intended before they are posted. */
import { type SQL, sql } from 'drizzle-orm';
import { type AnyPgColumn, boolean, index, integer, pgTable, serial, uniqueIndex } from 'drizzle-orm/pg-core';
import type { Notice } from '../src/domain/notice.ts';
import { at, jsonb, text } from './columns.ts';
import { requests } from './schema.ts';

/** Messages that show a request's present state. Written first, posted after. */
export const cards = pgTable(
  'cards',
  {
    id: serial('id').primaryKey(),
    requestId: text('request_id')
      .notNull()
      .references(() => requests.id),
    audience: text('audience')
      .$type<'channel' | 'owner' | 'requester' | 'live' | 'reminder' | 'overdue'>()
      .notNull(),
    platform: text('platform').notNull(),
    /** A channel as configured, or a mail address. */
    recipient: text('recipient').notNull(),
    /** A grant that was extended is reminded of its end again: each time a message of its own. */
    round: integer('round').notNull().default(0),
    conversation: text('conversation'),
    message: text('message'),
    /** Its person cannot be written to, so it stands under the channel's card. */
    inThread: boolean('in_thread').notNull().default(false),
    wantedRevision: integer('wanted_revision').notNull().default(1),
    postedRevision: integer('posted_revision').notNull().default(0),
    /** Of what it shows; null: not known. What would show the same is not sent. */
    shownDigest: text('shown_digest'),
    /** Real; null: up to date, or given up. */
    dueAt: at('due_at'),
    leaseToken: text('lease_token'),
    /** Real. */
    leaseUntil: at('lease_until'),
    /** Real: when a post was first tried whose outcome is not known. */
    intentAt: at('intent_at'),
    attempts: integer('attempts').notNull().default(0),
    lastError: text('last_error'),
  },
  (t) => [
    uniqueIndex('cards_one_each').on(t.requestId, t.audience, t.platform, t.recipient, t.round),
    index('cards_due').on(t.dueAt).where(sql`due_at is not null`),
  ],
);

/** The request in whose thread a line stands; '' where it stands in none. */
export function threadOf(table: { audience: AnyPgColumn; requestId: AnyPgColumn }): SQL {
  return sql`(case ${table.audience} when 'person' then '' else coalesce(${table.requestId}, '') end)`;
}

/** Lines said once: the timeline in a card's thread, messages to one person, alerts. */
export const notices = pgTable(
  'notices',
  {
    id: serial('id').primaryKey(),
    requestId: text('request_id'),
    audience: text('audience').$type<'thread' | 'person' | 'alerts'>().notNull(),
    platform: text('platform').notNull(),
    /** A mail address for a person, '' otherwise. */
    recipient: text('recipient').notNull().default(''),
    notice: jsonb('notice').$type<Notice>().notNull(),
    at: at('at').notNull(),
    /** Real; null: posted, or given up. */
    dueAt: at('due_at'),
    leaseToken: text('lease_token'),
    leaseUntil: at('lease_until'),
    intentAt: at('intent_at'),
    attempts: integer('attempts').notNull().default(0),
    lastError: text('last_error'),
  },
  (t) => [
    index('notices_due').on(t.id).where(sql`due_at is not null`),
    index('notices_conversation')
      .on(t.audience, t.platform, t.recipient, threadOf(t), t.id)
      .where(sql`due_at is not null`),
  ],
);
