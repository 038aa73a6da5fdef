/** Incidents, and the webhooks that told of them. */
import { sql } from 'drizzle-orm';
import { type AnyPgColumn, boolean, index, integer, pgTable, serial, uniqueIndex } from 'drizzle-orm/pg-core';
import type { IncidentChannel, IncidentNature, IncidentState } from '../src/domain/incident.ts';
import { at, jsonb, text } from './columns.ts';

export const incidents = pgTable(
  'incidents',
  {
    id: serial('id').primaryKey(),
    /** A name under `incidents:`; `manual` for those that an admin opened by hand. */
    source: text('source').notNull(),
    key: text('key').notNull(),
    number: text('number'),
    url: text('url'),
    title: text('title').notNull(),
    state: text('state').$type<IncidentState>().notNull(),
    /** Null: its source has not said. */
    nature: text('nature').$type<IncidentNature>(),
    severity: text('severity'),
    service: text('service'),
    acknowledgedBy: text('acknowledged_by'),
    channel: jsonb('channel').$type<IncidentChannel>(),
    /** The incident that goes on in its place. */
    mergedInto: integer('merged_into').references((): AnyPgColumn => incidents.id),
    /** Real: what is known is of this moment, by the source's clock. */
    seenAt: at('seen_at').notNull(),
    openedAt: at('opened_at').notNull(),
    /** Real; null while it is open. */
    closedAt: at('closed_at'),
    /** Ledger time: its grants end then; null while it is open. */
    endDueAt: at('end_due_at'),
    /** Real: when the source last confirmed it, by a webhook or a poll. */
    confirmedAt: at('confirmed_at').notNull(),
    /** Real: when to ask the source next; null: no need to. */
    pollDueAt: at('poll_due_at'),
    leaseToken: text('lease_token'),
    /** Real. */
    leaseUntil: at('lease_until'),
    attempts: integer('attempts').notNull().default(0),
    lastError: text('last_error'),
    /** Real: since when its source answers that there is no such incident. */
    unknownSince: at('unknown_since'),
    /** It was alerted that it cannot be confirmed; taken back by the next confirmation. */
    unconfirmedAlerted: boolean('unconfirmed_alerted').notNull().default(false),
    /** Real: when the note of who held what is to be left with the source; null: nothing to leave. */
    noteDueAt: at('note_due_at'),
    /** Tries to leave it of which nobody knows whether they got there, the one under way among them. */
    noteDoubts: integer('note_doubts').notNull().default(0),
  },
  (t) => [
    uniqueIndex('incidents_key').on(t.source, t.key),
    index('incidents_end_due').on(t.endDueAt).where(sql`end_due_at is not null`),
    index('incidents_poll').on(t.pollDueAt).where(sql`poll_due_at is not null`),
    index('incidents_note').on(t.noteDueAt).where(sql`note_due_at is not null`),
    index('incidents_open').on(t.openedAt).where(sql`state = 'open'`),
  ],
);

export type IncidentRow = typeof incidents.$inferSelect;

/** Every event that a source sent, once: written before it is answered, applied afterwards. */
export const incidentInbox = pgTable(
  'incident_inbox',
  {
    id: serial('id').primaryKey(),
    source: text('source').notNull(),
    eventId: text('event_id').notNull(),
    /** Real. */
    receivedAt: at('received_at').notNull(),
    /** A `Reading` of kind sighting or nudge, moments as ISO strings. */
    reading: jsonb('reading').$type<Readonly<Record<string, unknown>>>().notNull(),
    /** Real; null: not applied yet. Applied ones are kept for a week, to know repetitions. */
    appliedAt: at('applied_at'),
  },
  (t) => [
    uniqueIndex('incident_inbox_event').on(t.source, t.eventId),
    index('incident_inbox_waiting').on(t.id).where(sql`applied_at is null`),
  ],
);
