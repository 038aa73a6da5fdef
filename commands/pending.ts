/** `pending`: what waits for my decision, and for somebody else's on what I asked for. */
import type { Tx } from '../db/client.ts';
import { pendingForRoles, pendingOfPeople, type RequestWithParties } from '../db/requests.ts';
import { pendingListCard } from '../src/chat/cards/list-cards.ts';
import type { Catalog } from '../src/domain/catalog.ts';
import type { Command } from './command.ts';
import { pendingItem } from './items.ts';

export const pending: Command<'pending'> = {
  usage: 'pending',
  does: 'shows what waits for a decision, yours or on your requests',
  async run({ ledger, catalog }, { principal }) {
    const waiting = await waitingFor(ledger.db, catalog, principal.email);
    const own = await pendingOfPeople(ledger.db, [principal.id]);
    const card = pendingListCard({ waiting: waiting.map(pendingItem), pending: own.map(pendingItem) });
    return { kind: 'card', card };
  },
};

/** Pending requests that this person can decide: of own roles, and neither from nor for themselves. */
export async function waitingFor(db: Tx, catalog: Catalog, email: string): Promise<RequestWithParties[]> {
  const own = [...catalog.roles.values()]
    .filter((role) => role.owners.includes(email))
    .map(({ name }) => name);
  const requests = await pendingForRoles(db, own);
  return requests.filter(({ requester, subject }) => requester.email !== email && subject.email !== email);
}
