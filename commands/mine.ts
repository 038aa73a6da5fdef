/** `mine`: what I hold and what I asked for. */
import { openGrantsOf } from '../db/grants.ts';
import { pendingOfPeople } from '../db/requests.ts';
import { mineCard } from '../src/chat/cards/list-cards.ts';
import type { Command } from './command.ts';
import { heldItem, pendingItem } from './items.ts';

export const mine: Command<'mine'> = {
  usage: 'mine',
  does: 'shows what you hold and what you asked for',
  async run({ ledger }, { principal }) {
    const held = await openGrantsOf(ledger.db, [principal.id]);
    const pending = await pendingOfPeople(ledger.db, [principal.id]);
    const card = mineCard({ held: held.map(heldItem), pending: pending.map(pendingItem) });
    return { kind: 'card', card };
  },
};
