/** Where people and channels of Teams are to be found: a bot may write only to whom it has met, where it met them. */
import { index, pgTable, primaryKey } from 'drizzle-orm/pg-core';
import { text } from './columns.ts';

export const addressees = pgTable(
  'addressees',
  {
    tenant: text('tenant').notNull(),
    /** Entra object id, lower case. */
    userId: text('user_id').notNull(),
    /** The bot's own id for this person (`29:…`). */
    address: text('address'),
    name: text('name').notNull(),
    timeZone: text('time_zone'),
    serviceUrl: text('service_url').notNull(),
    /** The personal chat; null: none, or closed by them. */
    direct: text('direct'),
    /** A conversation whose directory knows them. */
    seenIn: text('seen_in').notNull(),
  },
  (t) => [primaryKey({ columns: [t.tenant, t.userId] }), index('addressees_address').on(t.address)],
);

/** Teams that the bot was added to. */
export const teams = pgTable('teams', {
  id: text('id').primaryKey(),
  tenant: text('tenant').notNull(),
  name: text('name').notNull(),
  serviceUrl: text('service_url').notNull(),
});

/** Through which address of Microsoft's each conversation is reached. */
export const conversations = pgTable('conversations', {
  id: text('id').primaryKey(),
  tenant: text('tenant').notNull(),
  serviceUrl: text('service_url').notNull(),
});
