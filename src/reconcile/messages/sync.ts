/**
 * Posts what is due; the ledger has the order and the leases. Alerts and the rest have slots of their own, and
 * each message only its own slot: a slow one holds up nothing else.
 */
import { randomUUID } from 'node:crypto';
import type { Tx } from '../../../db/client.ts';
import { leaseCards, leaseNotices, type MessageLease } from '../../../db/message-leases.ts';
import { isWatched, takesMessages } from '../../chat/watch-app.ts';
import { PLATFORMS, type Platform } from '../../domain/platform.ts';
import { oneAtATime } from '../one-at-a-time.ts';
import { alertsOn } from './address.ts';
import { type CardSyncOptions, createCardSync } from './cards.ts';
import { createNoticeSync } from './notices.ts';

const AT_ONCE = 8;
const ALERTS_AT_ONCE = 2;
/** Longer than a post may take with its look into the history. */
const LEASE_S = 60;

export interface MessageSyncOptions extends CardSyncOptions {
  /** The platforms in use; their ports come as they connect. */
  readonly platforms: readonly Platform[];
}

interface Lane<Row> {
  readonly slots: number;
  readonly urgent: boolean;
  readonly lease: (db: Tx, lease: MessageLease) => Promise<Row[]>;
  readonly put: (row: Row) => Promise<void>;
  /** A message was put: others may have waited for it. */
  readonly posted?: () => void;
}

export function createMessageSync(options: MessageSyncOptions) {
  const { ledger, clocks, catalog, ports, log } = options;
  const show = createCardSync(options);
  const say = createNoticeSync(options);
  const report = (err: unknown) => log.error({ err }, 'a message could not be recorded');

  /** Platforms that are not connected, or do not let the app in. */
  function waiting(): Platform[] {
    return PLATFORMS.filter(
      (platform) => options.platforms.includes(platform) && !takesMessages(ports.get(platform)),
    );
  }

  /** An alert goes to any platform that can show it; where none can ever, it is tried, and says why not. */
  function canAlert(): boolean {
    const able = [...ports.values()].some((port) => takesMessages(port) && alertsOn(catalog, port) !== null);
    return able || waiting().length === 0;
  }

  function createLane<Row>({ slots, urgent, lease, put, posted: wasPut }: Lane<Row>) {
    /** Looks again now, rather than when the next of those under way is done. */
    let wake = () => {};
    let asked = 0;
    const loop = oneAtATime(async () => {
      const underWay = new Set<Promise<void>>();
      const next = async () => {
        const real = clocks.real();
        const until = new Date(real.getTime() + LEASE_S * 1000);
        const terms = { real, until, token: randomUUID(), limit: slots - underWay.size, urgent };
        return lease(ledger.db, { ...terms, waiting: waiting() });
      };
      try {
        for (;;) {
          // Looking for what is next costs the ledger more than a post: not for each slot by itself.
          const seen = asked;
          const rows = underWay.size <= slots / 2 ? await next() : [];
          for (const row of rows) {
            const posted = put(row)
              .catch(report)
              .finally(() => {
                underWay.delete(posted);
                wasPut?.();
              });
            underWay.add(posted);
          }
          if (underWay.size === 0) return;
          if (asked !== seen && underWay.size <= slots / 2) continue;
          await Promise.race([...underWay, new Promise<void>((resolve) => (wake = resolve))]);
        }
      } catch (err) {
        log.error({ err }, 'posting messages failed');
        await Promise.all(underWay);
      }
    });
    return {
      drain: loop.drain,
      go(): Promise<void> {
        asked += 1;
        wake();
        return loop.go();
      },
    };
  }

  const alertsOnly = async (db: Tx, lease: MessageLease) => (canAlert() ? leaseNotices(db, lease) : []);
  const lines = createLane({ slots: AT_ONCE, urgent: false, lease: leaseNotices, put: say });
  const alerts = createLane({ slots: ALERTS_AT_ONCE, urgent: true, lease: alertsOnly, put: say });
  const lanes = [
    createLane({ slots: ALERTS_AT_ONCE, urgent: true, lease: leaseCards, put: show }),
    alerts,
    // A timeline waits for the card above it, and a card that cannot be shown leaves an alert.
    createLane({
      slots: AT_ONCE,
      urgent: false,
      lease: leaseCards,
      put: show,
      posted: () => void [lines.go(), alerts.go()],
    }),
    lines,
  ];

  const asking = oneAtATime(async () => {
    const refused = [...ports.values()].filter((port) => isWatched(port) && port.waits());
    await Promise.all(refused.map((port) => isWatched(port) && port.askAgain()));
    if (refused.some(takesMessages)) for (const lane of lanes) void lane.go();
  });

  return {
    /** Posts until nothing is due. Never rejects. */
    async sweep(): Promise<void> {
      if (ports.size === 0) return;
      await Promise.all([asking, ...lanes].map((each) => each.go()));
    },
    async drain(): Promise<void> {
      // One lane may set another going.
      for (const each of [asking, ...lanes, alerts, lines]) await each.drain();
    },
  };
}
