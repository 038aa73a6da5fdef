/** Posts what is due, cards and notices, a few at a time; the ledger has the order and the leases. */
import { randomUUID } from 'node:crypto';
import { leaseCards, leaseNotices } from '../../../db/messages.ts';
import { oneAtATime } from '../one-at-a-time.ts';
import { type CardSyncOptions, createCardSync } from './cards.ts';
import { createNoticeSync } from './notices.ts';

const AT_ONCE = 8;
/** Longer than a post may take with its look into the history. */
const LEASE_S = 60;

export function createMessageSync(options: CardSyncOptions) {
  const { ledger, clocks, log } = options;
  const show = createCardSync(options);
  const say = createNoticeSync(options);

  async function round(): Promise<number> {
    const real = clocks.real();
    const lease = () => ({
      real,
      limit: AT_ONCE,
      token: randomUUID(),
      until: new Date(real.getTime() + LEASE_S * 1000),
    });
    const cards = await leaseCards(ledger.db, lease());
    await Promise.all(cards.map((row) => show(row).catch(report)));
    // After the cards, so that a timeline finds its thread.
    const notices = await leaseNotices(ledger.db, lease());
    await Promise.all(notices.map((row) => say(row).catch(report)));
    return cards.length + notices.length;
  }

  const report = (err: unknown) => log.error({ err }, 'a message could not be recorded');

  const loop = oneAtATime(async () => {
    try {
      while ((await round()) > 0);
    } catch (err) {
      log.error({ err }, 'posting messages failed');
    }
  });

  return {
    /** Posts until nothing is due. Never rejects. */
    sweep(): Promise<void> {
      if (options.ports.size === 0) return Promise.resolve();
      return loop.go();
    },
    drain: loop.drain,
  };
}
