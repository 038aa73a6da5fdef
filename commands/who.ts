/** `who ROLE`: who holds it now. For its owners, admins, and those who hold it themselves. */
import { openGrants } from '../db/grants.ts';
import { whoCard } from '../src/chat/cards/list-cards.ts';
import { nearest } from '../src/domain/nearest.ts';
import { isAdmin, ownsRole } from '../src/operations/context.ts';
import { type Command, refuse } from './command.ts';
import { heldItem } from './items.ts';

const MOST = 200;

export const who: Command<'who'> = {
  usage: 'who ROLE',
  does: 'shows who holds a role now',
  async run(ctx, { principal }, { role: name }) {
    const role = ctx.catalog.roles.get(name);
    if (!role)
      return refuse({ code: 'unknown-role', typed: name, nearest: nearest(name, ctx.catalog.roles.keys()) });
    const open = await openGrants(ctx.ledger.db, name, MOST);
    const all = isAdmin(ctx.catalog, principal.email) || ownsRole(ctx.catalog, name, principal.email);
    const visible = all ? open : open.filter(({ subject }) => subject.email === principal.email);
    if (!all && visible.length === 0) {
      return refuse({ code: 'not-allowed', what: 'see who holds this role: only its owners and admins can' });
    }
    return { kind: 'card', card: whoCard({ roleTitle: role.title, held: visible.map(heldItem) }) };
  },
};
