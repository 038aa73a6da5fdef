/** Cards and notices: messages intended in the transaction of a change, posted afterwards by the sync. */
import { and, eq, inArray, isNotNull, sql } from 'drizzle-orm';
import type { Notice } from '../src/domain/notice.ts';
import type { Tx } from './client.ts';
import { cards, notices } from './schema.ts';

export type CardRow = typeof cards.$inferSelect;
export type NoticeRow = typeof notices.$inferSelect;
export type Audience = CardRow['audience'];

export interface CardIntent {
  readonly requestId: string;
  readonly audience: Audience;
  readonly platform: string;
  readonly recipient: string;
}

export async function intendCards(tx: Tx, intents: readonly CardIntent[], real: Date): Promise<void> {
  if (intents.length === 0) return;
  await tx
    .insert(cards)
    .values(intents.map((intent) => ({ ...intent, dueAt: real })))
    .onConflictDoNothing();
}

/** Every card of these requests shows an older state now. */
export async function touchCards(tx: Tx, requestIds: readonly string[], real: Date): Promise<void> {
  if (requestIds.length === 0) return;
  await tx
    .update(cards)
    .set({ wantedRevision: sql`${cards.wantedRevision} + 1`, dueAt: real })
    .where(inArray(cards.requestId, [...requestIds]));
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
  await tx.insert(notices).values(intents.map((intent) => ({ ...intent, at: times.now, dueAt: times.real })));
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
