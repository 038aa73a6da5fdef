/**
 * The card sync: every card that shows an older state is drawn anew, whole, from the ledger. One update in
 * flight for each card, by lease. A post is intended first; after an outcome that nobody saw, the sync looks
 * for its own copy by its marker and adopts it.
 */
import type { Ledger } from '../../../db/client.ts';
import { type CardRow, intendNotices, setCard, shown } from '../../../db/messages.ts';
import { loadRequestView, type RequestView } from '../../../db/views.ts';
import type { Card } from '../../chat/card.ts';
import { requestCard } from '../../chat/cards/request-card.ts';
import { namePeople } from '../../chat/name-people.ts';
import { ChatError, type ChatPort } from '../../chat/port.ts';
import type { Catalog } from '../../domain/catalog.ts';
import type { Clocks } from '../../domain/clock.ts';
import type { Log } from '../../observability/log.ts';
import { approversOf } from '../../policy/decision.ts';
import { channelOf, directOf } from './address.ts';
import { failureOf, lookSince } from './failure.ts';

export interface CardSyncOptions {
  readonly ledger: Ledger;
  readonly clocks: Clocks;
  readonly catalog: Catalog;
  readonly ports: ReadonlyMap<string, ChatPort>;
  readonly log: Log;
  readonly random: () => number;
}

export function createCardSync(options: CardSyncOptions) {
  const { ledger, clocks, ports, log } = options;

  return async function show(row: CardRow): Promise<void> {
    const port = ports.get(row.platform);
    const view = await loadRequestView(ledger.db, row.requestId);
    if (!port || !view) {
      await setCard(ledger.db, row, {
        dueAt: null,
        leaseToken: null,
        lastError: 'no such platform or request',
      });
      return;
    }
    try {
      await put(port, row, await draw(port, view, row));
    } catch (error) {
      await fail(row, error);
    }
  };

  async function draw(port: ChatPort, view: RequestView, row: CardRow): Promise<Card> {
    const people = await namePeople(ledger.db, port, approversOf(view.request.decision));
    const role = options.catalog.roles.get(view.request.role) ?? null;
    return requestCard(view, row.audience, { now: clocks.now(), role, people });
  }

  async function put(port: ChatPort, row: CardRow, card: Card): Promise<void> {
    const marker = `curfew:${row.requestId}:${row.audience}:${row.id}`;
    const conversation = row.conversation ?? (await resolve(port, row));
    if (row.message) {
      await port.update({ conversation, message: row.message }, card, { marker });
      await setCard(ledger.db, row, shown(row));
      return;
    }
    const { intentAt } = row;
    const since = lookSince(intentAt);
    const found = since ? await port.find(conversation, marker, { since }) : null;
    if (found) {
      const { message } = found;
      await port.update(found, card, { marker });
      await setCard(ledger.db, row, { ...shown(row), conversation: found.conversation, message });
      return;
    }
    const held = await setCard(ledger.db, row, { conversation, intentAt: intentAt ?? clocks.real() });
    if (!held) return;
    const posted = await port.post(conversation, card, { marker });
    await setCard(ledger.db, row, {
      ...shown(row),
      conversation: posted.conversation,
      message: posted.message,
    });
  }

  function resolve(port: ChatPort, row: CardRow): Promise<string> {
    const inChannel = row.audience === 'channel' || row.audience === 'overdue';
    return inChannel ? channelOf(port, row.recipient) : directOf(ledger, port, row.recipient);
  }

  async function fail(row: CardRow, error: unknown): Promise<void> {
    const failure = failureOf(error, row.attempts, options.random());
    const { retryInS, message } = failure;
    // A deleted message is posted anew, once; a conversation that is gone is given up.
    const anew = failure.forget && row.message !== null;
    log.warn({ err: error, request: row.requestId, audience: row.audience }, 'a card could not be shown');
    const patch = {
      leaseToken: null,
      leaseUntil: null,
      attempts: row.attempts + 1,
      lastError: message.slice(0, 500),
      dueAt: anew
        ? clocks.real()
        : retryInS === null
          ? null
          : new Date(clocks.real().getTime() + retryInS * 1000),
      ...(anew ? { message: null, conversation: null, intentAt: null } : {}),
    };
    // Whoever waits for this card would never know; somebody who can put it right is told, once for each reason.
    const hopeless = retryInS === null || (error instanceof ChatError && error.code === 'channel_not_found');
    const isNews = hopeless && !anew && row.lastError !== patch.lastError;
    const { requestId, platform, recipient: where } = row;
    const notice = { kind: 'not-shown', where, message } as const;
    await ledger.tx(async (tx) => {
      const held = await setCard(tx, row, patch);
      if (!held || !isNews) return;
      const times = { now: clocks.now(), real: clocks.real() };
      await intendNotices(tx, [{ requestId, platform, audience: 'alerts', notice }], times);
    });
  }
}
