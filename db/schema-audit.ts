/** The audit log's two tables. */
import { bigint, bigserial, pgTable } from 'drizzle-orm/pg-core';
import { at, jsonb, text } from './columns.ts';

/** Where writers leave audit events, in the transaction of the change; one sealer moves them on. */
export const auditInbox = pgTable('audit_inbox', {
  id: bigserial('id', { mode: 'number' }).primaryKey(),
  at: at('at').notNull(),
  actor: text('actor').notNull(),
  action: text('action').notNull(),
  details: jsonb('details').$type<Readonly<Record<string, unknown>>>().notNull(),
  /** The writer's, over the rest of the row; null: it had no key. */
  mac: text('mac'),
});

/** The sealed log. UPDATE, DELETE and TRUNCATE are refused by triggers (see the migrations). */
export const auditEvents = pgTable('audit_events', {
  seq: bigint('seq', { mode: 'number' }).primaryKey(),
  at: at('at').notNull(),
  actor: text('actor').notNull(),
  action: text('action').notNull(),
  details: jsonb('details').$type<Readonly<Record<string, unknown>>>().notNull(),
  prevHash: text('prev_hash').notNull(),
  hash: text('hash').notNull(),
  /** Of the last event of a batch that was sealed with a key: it covers everything up to here. */
  signature: text('signature'),
});
