/** Posts lines that are said once, in order within each conversation. */
import { findCard, type NoticeRow, setNotice } from '../../../db/messages.ts';
import { loadRequestView } from '../../../db/views.ts';
import type { Line } from '../../chat/card.ts';
import { noticeLine } from '../../chat/cards/notice-line.ts';
import { namePeople } from '../../chat/name-people.ts';
import { ChatError, type ChatPort } from '../../chat/port.ts';
import { approversOf } from '../../policy/decision.ts';
import { channelOf, directOf } from './address.ts';
import type { CardSyncOptions } from './cards.ts';
import { failureOf, lookSince } from './failure.ts';

export function createNoticeSync({ ledger, clocks, catalog, ports, log, random }: CardSyncOptions) {
  return async function say(row: NoticeRow): Promise<void> {
    const port = row.platform === '' ? [...ports.values()][0] : ports.get(row.platform);
    if (!port) {
      await setNotice(ledger.db, row, { dueAt: null, leaseToken: null, lastError: 'no such platform' });
      return;
    }
    try {
      const view = row.requestId === null ? null : await loadRequestView(ledger.db, row.requestId);
      const people = view ? await namePeople(ledger.db, port, approversOf(view.request.decision)) : new Map();
      const line = noticeLine(row.notice, view, { now: clocks.now(), audience: row.audience, people });
      await post(port, row, line);
      await setNotice(ledger.db, row, { dueAt: null, leaseToken: null, leaseUntil: null, lastError: null });
    } catch (error) {
      const { retryInS, message } = failureOf(error, row.attempts, random());
      log.warn({ err: error, notice: row.notice.kind }, 'a line could not be posted');
      await setNotice(ledger.db, row, {
        leaseToken: null,
        leaseUntil: null,
        attempts: row.attempts + 1,
        lastError: message.slice(0, 500),
        dueAt: retryInS === null ? null : new Date(clocks.real().getTime() + retryInS * 1000),
      });
    }
  };

  async function post(port: ChatPort, row: NoticeRow, line: Line): Promise<void> {
    const marker = `curfew:notice:${row.id}`;
    const place = await placeOf(port, row);
    const since = lookSince(row.intentAt);
    if (since && (await port.find(place.conversation, marker, { since, thread: place.thread }))) return;
    const held = await setNotice(ledger.db, row, { intentAt: row.intentAt ?? clocks.real() });
    if (!held) return;
    await port.say(place.conversation, line, { marker, thread: place.thread });
  }

  async function placeOf(port: ChatPort, row: NoticeRow): Promise<{ conversation: string; thread?: string }> {
    if (row.audience === 'person') return { conversation: await directOf(ledger, port, row.recipient) };
    if (row.audience === 'alerts') return { conversation: await channelOf(port, catalog.channels.alerts) };
    const card = row.requestId === null ? null : await findCard(ledger.db, row.requestId, 'channel');
    if (!card?.conversation || !card.message) {
      // What waits for its card is not leased, so this card was given up, and its timeline with it.
      throw new ChatError('refused', 'card_not_posted', 'The card above this line was never posted.', {
        outcomeKnown: true,
      });
    }
    return { conversation: card.conversation, thread: card.message };
  }
}
