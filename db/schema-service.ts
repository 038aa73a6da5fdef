/** What the service keeps for itself: waits that targets asked for, deliveries, and switches. */
import { boolean, index, pgTable } from 'drizzle-orm/pg-core';
import { at, jsonb, text } from './columns.ts';

/** Connectors whose target has asked us to make no calls for a while. */
export const connectorWaits = pgTable('connector_waits', {
  connector: text('connector').primaryKey(),
  /** Real. */
  until: at('until').notNull(),
});

/** One row for each inbound delivery, with what was answered, so that a repetition gets the same answer. */
export const deliveries = pgTable(
  'deliveries',
  {
    key: text('key').primaryKey(),
    /** Real. */
    at: at('at').notNull(),
    outcome: jsonb('outcome').notNull(),
  },
  (t) => [index('deliveries_at').on(t.at)],
);

/** Switches that outlive a process, such as `freeze`. */
export const switches = pgTable('switches', {
  name: text('name').primaryKey(),
  on: boolean('on').notNull(),
  actor: text('actor').notNull(),
  note: text('note'),
  at: at('at').notNull(),
});
