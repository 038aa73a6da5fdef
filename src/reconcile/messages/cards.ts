/**
 * The card sync: every card that shows an older state is drawn anew, whole, from the ledger. One update in
 * flight for each card, by lease. A post is intended first; after an outcome that nobody saw, the sync looks
 * for its own copy by its marker and adopts it.
 */
import { createHash } from 'node:crypto';
import { alertOnceADay } from '../../../db/alerts.ts';
import type { Ledger, Tx } from '../../../db/client.ts';
import {
  type CardRow,
  intendNotices,
  setCard,
  shown,
  touchCards,
  unreachedOwners,
} from '../../../db/messages.ts';
import { loadRequestView, type RequestView } from '../../../db/views.ts';
import type { Card, Line, PersonRef, Span } from '../../chat/card.ts';
import { requestCard } from '../../chat/cards/request-card.ts';
import { isPersonal } from '../../chat/cards/scene.ts';
import { namePeople, peopleIn } from '../../chat/name-people.ts';
import { ChatError, type ChatPort } from '../../chat/port.ts';
import type { Catalog } from '../../domain/catalog.ts';
import type { Clocks } from '../../domain/clock.ts';
import { channelOn } from '../../domain/platform.ts';
import type { Log } from '../../observability/log.ts';
import { channelOf, directOf, threadOf } from './address.ts';
import { asGuest, failureOf, isUnreachable, lookSince } from './failure.ts';

export interface CardSyncOptions {
  readonly ledger: Ledger;
  readonly clocks: Clocks;
  readonly catalog: Catalog;
  readonly ports: ReadonlyMap<string, ChatPort>;
  readonly log: Log;
  readonly random: () => number;
}

export function createCardSync(options: CardSyncOptions) {
  const { ledger, clocks, catalog, ports, log } = options;

  return async function show(row: CardRow): Promise<void> {
    const port = ports.get(row.platform);
    const view = await loadRequestView(ledger.db, row.requestId);
    // Its platform may be in use again after the next start.
    if (!port && view && row.audience === 'overdue') return fail(row, notInUse(row), false);
    if (!port || !view) {
      await setCard(ledger.db, row, {
        dueAt: null,
        leaseToken: null,
        lastError: 'no such platform or request',
      });
      return;
    }
    try {
      await put(port, view, row);
    } catch (error) {
      const guest = isGuest(view, row);
      await fail(row, guest ? asGuest(error, row.recipient) : error, guest);
    }
  };

  /** In its incident's channel, rather than where the configuration says. */
  function isGuest({ request }: RequestView, { audience, platform, recipient }: CardRow): boolean {
    const configured = catalog.roles.get(request.role)?.channel ?? catalog.channels.approvals;
    return audience === 'channel' && channelOn(configured, platform) !== recipient;
  }

  async function draw(port: ChatPort, view: RequestView, row: CardRow): Promise<Card> {
    const people = await namePeople(ledger.db, port, peopleIn(view));
    const role = catalog.roles.get(view.request.role) ?? null;
    const card = requestCard(view, row.audience, { now: clocks.now(), role, people });
    return row.inThread ? openly(card, row, people) : card;
  }

  async function put(port: ChatPort, view: RequestView, row: CardRow): Promise<void> {
    const card = await draw(port, view, row);
    if (row.message && row.conversation) return change(port, row, card);
    const inThread = () => threadOf(ledger, { requestId: row.requestId, recipient: '' }, port);
    const first = row.inThread ? await inThread() : { conversation: row.conversation };
    try {
      const conversation = first?.conversation ?? (await resolve(port, row));
      await post(port, row, card, { ...first, conversation });
    } catch (error) {
      // Who cannot be written to is told under the channel's card; owners have that card itself.
      const place = isUnreachable(error) && isPersonal(row.audience) ? await inThread() : null;
      if (!place) throw error;
      const told = { ...row, inThread: true, conversation: null };
      const held = await setCard(ledger.db, row, { inThread: true, conversation: null });
      if (held) await post(port, told, await draw(port, view, told), place);
    }
  }

  async function change(port: ChatPort, row: CardRow, card: Card): Promise<void> {
    const ref = { conversation: row.conversation ?? '', message: row.message ?? '' };
    const digest = digestOf(card);
    // It was touched, and shows the same all the same.
    if (digest === row.shownDigest) return void (await setCard(ledger.db, row, shown(row, digest)));
    await port.update(ref, card, markerOf(row)).catch(async (error: unknown) => {
      if (!(error instanceof ChatError) || error.kind !== 'closed' || !isInChannel(row)) throw error;
      // Perhaps another channel has its name now.
      if ((await channelOf(port, row.recipient)) === ref.conversation) throw error;
      throw new ChatError('gone', error.code, error.message, { outcomeKnown: true, cause: error });
    });
    await setCard(ledger.db, row, shown(row, digest));
  }

  async function post(
    port: ChatPort,
    row: CardRow,
    card: Card,
    { conversation, thread }: { conversation: string; thread?: string },
  ): Promise<void> {
    const { marker } = markerOf(row);
    const { intentAt } = row;
    const since = lookSince(intentAt);
    const found = since ? await port.find(conversation, marker, { since, thread }) : null;
    if (found) {
      const { message } = found;
      await port.update(found, card, { marker });
      await setCard(ledger.db, row, {
        ...shown(row, digestOf(card)),
        conversation: found.conversation,
        message,
      });
      return;
    }
    const kept = thread === undefined ? { conversation } : {};
    const held = await setCard(ledger.db, row, { ...kept, intentAt: intentAt ?? clocks.real() });
    if (!held) return;
    const posted = await port.post(conversation, card, { marker, thread });
    await setCard(ledger.db, row, {
      ...shown(row, digestOf(card)),
      conversation: posted.conversation,
      message: posted.message,
    });
  }

  function resolve(port: ChatPort, row: CardRow): Promise<string> {
    return isInChannel(row) ? channelOf(port, row.recipient) : directOf(options, port, row.recipient);
  }

  async function fail(row: CardRow, error: unknown, guest: boolean): Promise<void> {
    const failure = failureOf(error, {
      attempts: row.attempts,
      jitter: options.random(),
      isAlert: row.audience === 'overdue',
    });
    const { retryInS, message } = failure;
    const anew = failure.forget && row.message !== null;
    log.warn({ err: error, request: row.requestId, audience: row.audience }, 'a card could not be shown');
    const patch = {
      leaseToken: null,
      leaseUntil: null,
      shownDigest: null,
      attempts: row.attempts + (failure.counts ? 1 : 0),
      lastError: message.slice(0, 500),
      dueAt: anew
        ? clocks.real()
        : retryInS === null
          ? null
          : new Date(clocks.real().getTime() + retryInS * 1000),
      ...(anew ? { message: null, conversation: null, intentAt: null } : {}),
    };
    // Whoever waits for this card would never know; somebody who can put it right is told, once for each reason.
    const isNews = failure.hopeless && !anew && row.lastError !== patch.lastError;
    const { requestId, platform, recipient: where } = row;
    const notice = { kind: 'not-shown', where, message } as const;
    await ledger.tx(async (tx) => {
      const held = await setCard(tx, row, patch);
      if (!held || !isNews) return;
      const times = { now: clocks.now(), real: clocks.real() };
      if (row.audience === 'owner') {
        // The channel's card says so; who is reached on another platform is not missing at all.
        await touchCards(tx, [requestId], times.real, 'channel');
        const isReached = retryInS === null && !(await isUnreached(tx, requestId, where));
        if (isUnreachable(error) || isReached) return;
      }
      const alert = { requestId, platform, notice };
      // An incident may have many requests; its channel is one.
      if (guest) await alertOnceADay(tx, alert, times);
      else await intendNotices(tx, [{ ...alert, audience: 'alerts' }], times);
    });
  }
}

function notInUse({ platform }: CardRow): ChatError {
  return new ChatError('closed', 'not_in_use', `No message goes to ${platform}: it is not in use.`, {
    outcomeKnown: true,
  });
}

function isInChannel({ audience }: CardRow): boolean {
  return audience === 'channel' || audience === 'overdue';
}

async function isUnreached(tx: Tx, requestId: string, email: string): Promise<boolean> {
  return (await unreachedOwners(tx, requestId)).some((owner) => owner.email === email);
}

function digestOf(card: Card): string {
  return createHash('sha256').update(JSON.stringify(card)).digest('base64url');
}

function markerOf({ requestId, audience, id }: CardRow): { marker: string } {
  return { marker: `curfew:${requestId}:${audience}:${id}` };
}

/** As it stands where others read it too: it begins with whom it is for, and the buttons are theirs. */
function openly(card: Card, row: CardRow, people: ReadonlyMap<string, PersonRef>): Card {
  const person = people.get(row.recipient);
  const to: Span = person ? { person } : row.recipient;
  const line: Line = [to, ': this is for you. Add Curfew to your own apps to be told privately.'];
  const reserved = { about: row.requestId, people: person ? [person] : [] };
  return { ...card, body: [{ kind: 'line', line }, ...card.body], reserved };
}
