/** What time alone does to pending requests: a reminder to approvers at half time, then they lapse. */

import type { Ledger } from '../../db/client.ts';
import { intendNotices, type NoticeIntent, shownTo, touchCards } from '../../db/messages.ts';
import { lockExpired, lockReminders, setRequests } from '../../db/requests.ts';
import { type Happening, plotsOf, tell } from '../../db/story.ts';
import type { Clocks } from '../domain/clock.ts';

const BATCH = 200;

export function createDueRequests({ ledger, clocks }: { ledger: Ledger; clocks: Clocks }) {
  const times = () => ({ now: clocks.now(), real: clocks.real() });

  async function expire(): Promise<number> {
    return ledger.tx(async (tx) => {
      const at = times();
      const due = await lockExpired(tx, at.now, BATCH);
      const ids = due.map(({ id }) => id);
      await setRequests(tx, ids, { state: 'expired', decidedAt: at.now, remindAt: null });
      const expired = { kind: 'expired' } as const;
      const happenings = [...(await plotsOf(tx, ids)).values()].map(
        (plot): Happening => ({
          plot,
          actor: 'curfew',
          action: 'request.expired',
          timeline: expired,
          tell: expired,
        }),
      );
      await tell(tx, happenings, at);
      const extended = due.flatMap(({ extendsGrant }) => extendsGrant ?? []);
      await touchCards(tx, extended, at.real);
      return due.length;
    });
  }

  async function remind(): Promise<number> {
    return ledger.tx(async (tx) => {
      const at = times();
      const due = await lockReminders(tx, at.now, BATCH);
      const ids = due.map(({ id }) => id);
      await setRequests(tx, ids, { remindAt: null });
      const owners = await shownTo(tx, ids, 'owner');
      const notices = due.flatMap(({ id: requestId, platform, expiresAt }): NoticeIntent[] => {
        const notice = { kind: 'still-waiting', until: expiresAt.toISOString() } as const;
        return [
          { requestId, platform, notice, audience: 'thread' },
          ...owners
            .filter((owner) => owner.requestId === requestId)
            .map((owner): NoticeIntent => ({ ...owner, notice, audience: 'person' })),
        ];
      });
      await intendNotices(tx, notices, at);
      return due.length;
    });
  }

  return { expire, remind, batch: BATCH };
}
