/** What time alone does to pending requests: a reminder to approvers at half time, then they lapse. */

import type { Ledger } from '../../db/client.ts';
import { closeRequests } from '../../db/close-request.ts';
import { intendNotices, type NoticeIntent, shownTo } from '../../db/messages.ts';
import { lockExpired, lockReminders, setRequests } from '../../db/requests.ts';
import type { Clocks } from '../domain/clock.ts';

const BATCH = 200;

export function createDueRequests({ ledger, clocks }: { ledger: Ledger; clocks: Clocks }) {
  const times = () => ({ now: clocks.now(), real: clocks.real() });

  async function expire(): Promise<number> {
    return ledger.tx(async (tx) => {
      const at = times();
      const due = await lockExpired(tx, at.now, BATCH);
      const notice = { kind: 'expired' } as const;
      await closeRequests(tx, due, { state: 'expired', actor: 'curfew', notice }, at);
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
