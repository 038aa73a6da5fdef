/** Posts lines that are said once, in order within each conversation. */
import { type NoticeRow, setNotice } from '../../../db/messages.ts';
import { loadRequestView } from '../../../db/views.ts';
import type { Line, Span } from '../../chat/card.ts';
import { noticeLine } from '../../chat/cards/notice-line.ts';
import { namePeople, peopleIn } from '../../chat/name-people.ts';
import { ChatError, type ChatPort } from '../../chat/port.ts';
import { takesMessages } from '../../chat/watch-app.ts';
import { alertsOn, channelOf, directOf, threadOf } from './address.ts';
import type { CardSyncOptions } from './cards.ts';
import { EVERY_HOUR_S, failureOf, isUnreachable, lookSince } from './failure.ts';

const NO_CHANNEL = 'An alert waits: channels.alerts names no channel on a platform in use.';

export function createNoticeSync({ ledger, clocks, catalog, ports, log, random }: CardSyncOptions) {
  return async function say(row: NoticeRow): Promise<void> {
    const port = portOf(row);
    if (!port) return noPort(row);
    try {
      const view = row.requestId === null ? null : await loadRequestView(ledger.db, row.requestId);
      const people = view ? await namePeople(ledger.db, port, peopleIn(view)) : new Map();
      const line = noticeLine(row.notice, view, { now: clocks.now(), audience: row.audience, people });
      await post(port, row, line);
      await setNotice(ledger.db, row, { dueAt: null, leaseToken: null, leaseUntil: null, lastError: null });
    } catch (error) {
      const { attempts } = row;
      const isAlert = row.audience === 'alerts';
      const { retryInS, message, counts } = failureOf(error, { attempts, jitter: random(), isAlert });
      log.warn({ err: error, notice: row.notice.kind }, 'a line could not be posted');
      await setNotice(ledger.db, row, {
        leaseToken: null,
        leaseUntil: null,
        attempts: attempts + (counts ? 1 : 0),
        lastError: message.slice(0, 500),
        dueAt: retryInS === null ? null : new Date(clocks.real().getTime() + retryInS * 1000),
      });
    }
  };

  /** What nobody can read is given up, but for an alert: there may be a channel for it after the next start. */
  async function noPort(row: NoticeRow): Promise<void> {
    const isAlert = row.audience === 'alerts';
    if (isAlert) log.error({ notice: row.notice.kind }, NO_CHANNEL);
    await setNotice(ledger.db, row, {
      dueAt: isAlert ? new Date(clocks.real().getTime() + EVERY_HOUR_S * 1000) : null,
      leaseToken: null,
      leaseUntil: null,
      lastError: isAlert ? NO_CHANNEL : 'no such platform',
    });
  }

  async function post(port: ChatPort, row: NoticeRow, line: Line): Promise<void> {
    const marker = `curfew:notice:${row.id}`;
    const place = await placeOf(port, row);
    const since = lookSince(row.intentAt);
    if (since && (await port.find(place.conversation, marker, { since, thread: place.thread }))) return;
    const held = await setNotice(ledger.db, row, { intentAt: row.intentAt ?? clocks.real() });
    if (!held) return;
    await port.say(place.conversation, [...(place.to ?? []), ...line], { marker, thread: place.thread });
  }

  async function placeOf(port: ChatPort, row: NoticeRow): Promise<Place> {
    if (row.audience === 'alerts') {
      return { conversation: await channelOf(port, alertsOn(catalog, port) ?? '') };
    }
    if (row.audience === 'person') {
      try {
        return { conversation: await directOf({ ledger, catalog }, port, row.recipient) };
      } catch (error) {
        const place = isUnreachable(error) ? await inThread(port, row) : null;
        if (place) return { ...place, to: [await spanOf(port, row.recipient), ': '] };
        throw error;
      }
    }
    const thread = await inThread(port, row);
    if (thread) return thread;
    // What waits for its card is not leased, so this card was given up, and its timeline with it.
    throw new ChatError('refused', 'card_not_posted', 'The card above this line was never posted.', {
      outcomeKnown: true,
    });
  }

  function inThread(port: ChatPort, { requestId, audience, recipient }: NoticeRow): Promise<Place | null> {
    if (requestId === null) return Promise.resolve(null);
    return threadOf(ledger, { requestId, recipient: audience === 'thread' ? recipient : '' }, port);
  }

  async function spanOf(port: ChatPort, email: string): Promise<Span> {
    const person = (await namePeople(ledger.db, port, [email])).get(email);
    return person ? { person } : email;
  }

  /** Alerts go to the platform that they are about, or else to the first that has a channel for them; undefined: none. */
  function portOf(row: NoticeRow): ChatPort | undefined {
    const own = ports.get(row.platform);
    if (row.audience !== 'alerts') return own;
    const able = [...(own ? [own] : []), ...ports.values()].filter(
      (port) => alertsOn(catalog, port) !== null,
    );
    return able.find(takesMessages) ?? able[0];
  }
}

interface Place {
  readonly conversation: string;
  readonly thread?: string;
  /** Whom it is for, where others read it too. */
  readonly to?: Line;
}
