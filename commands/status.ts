/** `status ID`: what is true of one request, for its parties, its owners and admins. */

import { peopleOn } from '../db/people.ts';
import { loadRequestView } from '../db/views.ts';
import { statusCard } from '../src/chat/cards/list-cards.ts';
import { peopleIn } from '../src/chat/name-people.ts';
import { isAdmin, ownsRole } from '../src/operations/context.ts';
import { type Command, refuse } from './command.ts';

export const status: Command<'status'> = {
  usage: 'status ID',
  does: 'shows one request',
  async run({ ledger, catalog, clocks }, { principal }, { id }) {
    const view = await loadRequestView(ledger.db, id);
    const { email, platform } = principal;
    const isParty = view && [view.requester.email, view.subject.email].includes(email);
    const may = view && (isParty || isAdmin(catalog, email) || ownsRole(catalog, view.request.role, email));
    if (!view || !may) return refuse({ code: 'unknown-request', typed: id });
    const role = catalog.roles.get(view.request.role) ?? null;
    const people = await peopleOn(ledger.db, platform, peopleIn(view));
    return { kind: 'card', card: statusCard(view, { now: clocks.now(), role, people }) };
  },
};
