/** What time alone does to grants: windows close, starts fail, reminders and alerts fall due. */
import type { Ledger } from '../../db/client.ts';
import { endLocked, endStarting } from '../../db/end-grants.ts';
import { lockDueGrants, lockGrantReminders, lockOverdueGrants, setGrants } from '../../db/grants.ts';
import { type CardIntent, countCards, intendCards } from '../../db/messages.ts';
import { plotsOf, tell } from '../../db/story.ts';
import type { Clocks } from '../domain/clock.ts';
import type { PlatformChannel } from '../domain/platform.ts';
import type { Timing } from '../domain/timing.ts';
import type { Log } from '../observability/log.ts';

export interface DueGrantsOptions {
  readonly ledger: Ledger;
  readonly clocks: Clocks;
  readonly timing: Timing;
  readonly log: Pick<Log, 'error'>;
}

const BATCH = 500;
const SAY_EVERY_MS = 3_600_000;

export function createDueGrants({ ledger, clocks, timing, log }: DueGrantsOptions) {
  let complainedAt = Number.NEGATIVE_INFINITY;
  const times = () => ({ now: clocks.now(), real: clocks.real() });

  /** Ends what is due, a batch at a time. Returns how many. */
  async function endDue(): Promise<number> {
    return ledger.tx(async (tx) => {
      const at = times();
      const due = await lockDueGrants(tx, at.now, BATCH);
      const closed = due.filter((grant) => grant.state === 'live' || grant.endsAt <= at.now);
      const late = due.filter((grant) => !closed.includes(grant));
      const nobody = { actor: 'curfew', by: null };
      await endLocked(tx, closed, { ...nobody, reason: 'window', note: null }, at);
      const note = 'It was not live in time, and was rolled back.';
      await endLocked(tx, late, { ...nobody, reason: 'failed', note }, at);
      return due.length;
    });
  }

  /** Ends what would still begin while everything is frozen. */
  async function endFrozen(): Promise<number> {
    return ledger.tx((tx) => endStarting(tx, 'curfew', times()));
  }

  /** A message of its own shortly before the end. */
  async function remind(): Promise<number> {
    return ledger.tx(async (tx) => {
      const at = times();
      const due = await lockGrantReminders(tx, at.now, BATCH);
      const plots = [...(await plotsOf(tx, ids(due))).values()];
      const earlier = await countCards(tx, ids(due), 'reminder');
      await setGrants(tx, ids(due), { remindAt: null });
      await intendCards(
        tx,
        plots.map(({ id, platform, requesterEmail }) => ({
          requestId: id,
          audience: 'reminder',
          platform,
          recipient: requesterEmail,
          round: earlier.get(id) ?? 0,
        })),
        at.real,
      );
      return due.length;
    });
  }

  /** Access that should be gone and is not: people are called, wherever there is a channel for alerts. */
  async function alert(alerts: readonly PlatformChannel[]): Promise<number> {
    if (alerts.length === 0) return nowhere();
    return ledger.tx(async (tx) => {
      const at = times();
      const before = new Date(at.now.getTime() - timing.overdueAfterS * 1000);
      const overdue = await lockOverdueGrants(tx, before, BATCH);
      const plots = [...(await plotsOf(tx, ids(overdue))).values()];
      await setGrants(tx, ids(overdue), { overdueAlertedAt: at.now });
      await intendCards(
        tx,
        plots.flatMap(({ id }) =>
          alerts.map((channel): CardIntent => ({ requestId: id, audience: 'overdue', ...channel })),
        ),
        at.real,
      );
      await tell(
        tx,
        plots.map((plot) => ({ plot, actor: 'curfew', action: 'grant.overdue' })),
        at,
      );
      return overdue.length;
    });
  }

  /** They are called as soon as there is a channel, so nothing is put down as said. */
  function nowhere(): number {
    const real = clocks.real().getTime();
    if (real - complainedAt < SAY_EVERY_MS) return 0;
    complainedAt = real;
    log.error(
      {},
      'access is overdue, and channels.alerts names no channel on a platform in use: nobody is told',
    );
    return 0;
  }

  return { endDue, endFrozen, remind, alert, batch: BATCH };
}

const ids = (rows: readonly { id: string }[]) => rows.map(({ id }) => id);
