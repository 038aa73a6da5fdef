/**
 * One sweep: everything that is due, in the order in which one thing makes the next one due. Sweeps do not
 * overlap within a process; between processes rows are locked and skipped. Running it twice changes nothing.
 */
import { performance } from 'node:perf_hooks';
import { SEAL_BATCH } from '../../db/audit-seal.ts';
import type { Ledger } from '../../db/client.ts';
import { forgetDeliveries } from '../../db/deliveries.ts';
import { type DueNow, dueNow } from '../../db/due-now.ts';
import { forgetInbox } from '../../db/incident-inbox.ts';
import type { Clocks } from '../domain/clock.ts';
import type { PlatformChannel } from '../domain/platform.ts';
import type { Timing } from '../domain/timing.ts';
import type { Log } from '../observability/log.ts';
import type { Metrics } from '../observability/metrics.ts';
import type { createDueGrants } from './due-grants.ts';
import type { createDueRequests } from './due-requests.ts';
import { oneAtATime } from './one-at-a-time.ts';

export interface SweepParts {
  readonly ledger: Ledger;
  readonly clocks: Clocks;
  readonly timing: Timing;
  readonly grants: ReturnType<typeof createDueGrants>;
  readonly requests: ReturnType<typeof createDueRequests>;
  readonly assignments: { sweep(): Promise<void>; drain(): Promise<void> };
  /** What incidents begin and end. Never rejects. */
  readonly incidents: { sweep(): Promise<void> };
  /** Cards and notices. Never rejects. */
  readonly messages: { sweep(): Promise<void>; drain(): Promise<void> };
  /** Seals a batch of the audit log; returns how many events it held. */
  readonly sealAudit: () => Promise<number>;
  /** Who left. Never rejects. */
  readonly directories: { sweep(): Promise<void>; drain(): Promise<void> };
  readonly tellHead: () => Promise<number>;
  readonly alerts: readonly PlatformChannel[];
  readonly log: Log;
  readonly metrics: Metrics;
}

/** Slack repeats a delivery for minutes at most; a day is ample. */
const REMEMBER_DELIVERIES_S = 86_400;
/** Sources repeat an event for hours, and replay it for days. */
const REMEMBER_WEBHOOKS_S = 7 * 86_400;
const FORGET_EVERY_S = 3_600;

export function createSweep(parts: SweepParts) {
  const {
    ledger,
    clocks,
    timing,
    grants,
    requests,
    assignments,
    incidents,
    messages,
    directories,
    log,
    metrics,
  } = parts;
  let forgotAt = 0;
  let unsealed = false;

  /** Runs one part until it has nothing more to do; a part that fails does not hold up the others. */
  async function part(name: string, run: () => Promise<number>, batch: number): Promise<void> {
    try {
      while ((await run()) >= batch);
    } catch (err) {
      failed(name, err);
    }
  }

  function failed(name: string, err: unknown): void {
    log.error({ err, part: name }, 'a part of the sweep failed');
    metrics.partFailed(name);
  }

  async function forget(): Promise<number> {
    const real = clocks.real().getTime();
    if (real - forgotAt < FORGET_EVERY_S * 1000) return 0;
    forgotAt = real;
    await forgetDeliveries(ledger.db, new Date(real - REMEMBER_DELIVERIES_S * 1000));
    await forgetInbox(ledger.db, new Date(real - REMEMBER_WEBHOOKS_S * 1000));
    return 0;
  }

  /** Null: it could not be asked. */
  async function look(): Promise<DueNow | null> {
    const now = clocks.now();
    try {
      return await dueNow(ledger.db, now, new Date(now.getTime() - timing.overdueAfterS * 1000));
    } catch (err) {
      failed('look', err);
      return null;
    }
  }

  function takeAway(): void {
    assignments.sweep().catch((err: unknown) => log.error({ err }, 'reconciling assignments failed'));
  }

  /** Ends first: nothing is more urgent than taking away. A long list is taken away while it is still read. */
  async function endDue(): Promise<number> {
    const ended = await grants.endDue();
    if (ended > 0) takeAway();
    return ended;
  }

  /** What may wait a moment: the next end that falls due does not wait for it. */
  const chores = oneAtATime(async () => {
    const due = await look();
    if (due?.frozenStarts) await part('frozen starts', grants.endFrozen, Number.POSITIVE_INFINITY);
    if (due?.expiry) await part('expiry', requests.expire, requests.batch);
    if (due?.requestReminders) await part('request reminders', requests.remind, requests.batch);
    if (due?.grantReminders) await part('grant reminders', grants.remind, grants.batch);
    if (due?.overdue) await part('overdue', () => grants.alert(parts.alerts), grants.batch);
    await part('forget', forget, 1);
    // Some of this wrote messages.
    void messages.sweep();
    // What was done above is put on record too.
    if (due && Object.values(due).includes(true)) unsealed = true;
    void record.go();
  });

  /** Apart from the chores: where events keep coming there is always more to seal, and nothing waits for it. */
  const record = oneAtATime(async () => {
    if (unsealed) {
      unsealed = false;
      await part('seal', parts.sealAudit, SEAL_BATCH);
    }
    await part('audit head', parts.tellHead, 1);
    void messages.sweep();
  });

  return {
    /** Ends what is due; targets, messages and chores take their own time, and none holds up the next sweep. */
    async sweep(): Promise<void> {
      const began = performance.now();
      await part('ends', endDue, grants.batch);
      takeAway();
      void incidents.sweep();
      void messages.sweep();
      void directories.sweep();
      void chores.go();
      metrics.swept({ seconds: (performance.now() - began) / 1000 });
    },
    /** Resolves when no chore is under way, and nothing is being put on record. */
    async drain(): Promise<void> {
      await chores.drain();
      await record.drain();
    },
  };
}
