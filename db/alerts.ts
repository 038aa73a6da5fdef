/** Alerts that would otherwise be said again and again. */
import { and, eq, gt, sql } from 'drizzle-orm';
import type { Notice } from '../src/domain/notice.ts';
import type { Tx } from './client.ts';
import { intendNotices } from './messages.ts';
import { notices } from './schema-messages.ts';
import { storableJson } from './storable.ts';
import type { Times } from './story.ts';

const DAY_MS = 86_400_000;

/** Tells the alerts channel, unless it was told just this within a day (ledger time): nobody can flood it. */
export async function alertOnceADay(
  tx: Tx,
  alert: { requestId: string | null; platform: string; notice: Notice },
  times: Times,
): Promise<void> {
  const [told] = await tx
    .select({ id: notices.id })
    .from(notices)
    .where(
      and(
        eq(notices.audience, 'alerts'),
        gt(notices.at, new Date(times.now.getTime() - DAY_MS)),
        sql`${notices.notice} = ${storableJson(alert.notice)}::text::jsonb`,
      ),
    )
    .limit(1);
  if (!told) await intendNotices(tx, [{ ...alert, audience: 'alerts' }], times);
}
