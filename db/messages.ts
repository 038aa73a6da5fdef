/** Cards and notices: messages intended in the transaction of a change, posted afterwards by the sync. */
import { and, asc, eq, isNotNull, isNull, or, sql } from 'drizzle-orm';
import type { PgUpdateSetSource } from 'drizzle-orm/pg-core';
import type { Notice } from '../src/domain/notice.ts';
import { among, rowsOf } from './among.ts';
import type { Tx } from './client.ts';
import { cards, notices } from './schema-messages.ts';

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

/** Every card of these requests, or every one of an audience, shows an older state now. */
export async function touchCards(
  tx: Tx,
  requestIds: readonly string[],
  real: Date,
  audience?: Audience,
): Promise<void> {
  if (requestIds.length === 0) return;
  await tx
    .update(cards)
    .set({ wantedRevision: sql`${cards.wantedRevision} + 1`, dueAt: real })
    .where(
      and(
        among(cards.requestId, requestIds),
        audience === undefined ? undefined : eq(cards.audience, audience),
      ),
    );
}

/** Draws the cards of a request whatever they are thought to show: somebody pressed what is no longer offered. */
export async function redrawCards(tx: Tx, requestId: string, real: Date): Promise<void> {
  await tx.update(cards).set({ shownDigest: null }).where(eq(cards.requestId, requestId));
  await touchCards(tx, [requestId], real);
}

export interface NoticeIntent {
  readonly requestId: string | null;
  readonly audience: NoticeRow['audience'];
  /** '' for alerts: wherever there is a channel for them. A timeline stands under every channel's card. */
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
    select "requestId", i.audience, coalesce(c.platform, i.platform), coalesce(c.recipient, i.recipient, ''), notice,
      ${times.now.toISOString()}::timestamptz, ${times.real.toISOString()}::timestamptz
    from rows from (jsonb_to_recordset(${rowsOf(intents)}) as (
      "requestId" text, audience text, platform text, recipient text, notice jsonb)) with ordinality
      as i("requestId", audience, platform, recipient, notice, n)
    left join cards c on i.audience = 'thread' and c.audience = 'channel' and c.request_id = i."requestId"
    where i.audience <> 'thread' or c.id is not null
    order by i.n`);
}

/** To whom, and where, a card of this audience was shown or is about to be. */
export async function shownTo(
  tx: Tx,
  requestIds: readonly string[],
  audience: Audience,
): Promise<readonly { requestId: string; platform: string; recipient: string }[]> {
  if (requestIds.length === 0) return [];
  return tx
    .select({ requestId: cards.requestId, platform: cards.platform, recipient: cards.recipient })
    .from(cards)
    .where(
      and(
        among(cards.requestId, requestIds),
        eq(cards.audience, audience),
        or(isNotNull(cards.message), isNotNull(cards.dueAt)),
      ),
    );
}

export interface Unreached {
  /** Mail address. */
  readonly email: string;
  /** What the platforms said, a sentence each. */
  readonly why: string;
}

/** Owners to whom no card of their own could be shown, on any platform. */
export async function unreachedOwners(db: Tx, requestId: string): Promise<readonly Unreached[]> {
  return db
    .select({
      email: cards.recipient,
      why: sql<string>`string_agg(distinct ${cards.lastError}, ' ')`,
    })
    .from(cards)
    .where(and(eq(cards.requestId, requestId), eq(cards.audience, 'owner')))
    .groupBy(cards.recipient)
    .having(
      sql`bool_and(${cards.message} is null and ${cards.dueAt} is null and ${cards.lastError} is not null)`,
    )
    .orderBy(asc(cards.recipient));
}

/** Somebody can be written to now: cards that were given up, posted or not, are tried anew. */
export async function reviveCards(
  tx: Tx,
  to: { platform: string; recipient: string },
  real: Date,
): Promise<number> {
  const revived = await tx
    .update(cards)
    .set({ dueAt: real, attempts: 0 })
    .where(
      and(
        eq(cards.platform, to.platform),
        eq(cards.recipient, to.recipient),
        isNull(cards.dueAt),
        isNotNull(cards.lastError),
      ),
    )
    .returning({ id: cards.id });
  return revived.length;
}

/**
 * The card that a request has in a channel of this platform, posted or not: its timeline stands under it.
 * `recipient` '': the first of them, the approvals channel's.
 */
export async function channelCard(
  db: Tx,
  of: { requestId: string; platform: string; recipient: string },
): Promise<CardRow | null> {
  const [row] = await db
    .select()
    .from(cards)
    .where(
      and(
        eq(cards.requestId, of.requestId),
        eq(cards.audience, 'channel'),
        eq(cards.platform, of.platform),
        of.recipient === '' ? undefined : eq(cards.recipient, of.recipient),
      ),
    )
    .orderBy(asc(cards.id))
    .limit(1);
  return row ?? null;
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

/** Gives a card's lease back, with a digest of what it shows now; still due where it was touched while it was being drawn. */
export function shown(row: CardRow, digest: string): CardPatch {
  return {
    shownDigest: digest,
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
