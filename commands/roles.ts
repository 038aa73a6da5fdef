/** `roles [search]`: what can be asked for; and the options of a form's role field. */
import type { Option } from '../src/chat/card.ts';
import { rolesCard } from '../src/chat/cards/list-cards.ts';
import type { Catalog, Role } from '../src/domain/catalog.ts';
import type { Command } from './command.ts';

const MOST_OPTIONS = 100;

export const roles: Command<'roles'> = {
  usage: 'roles [search]',
  does: 'lists what can be asked for',
  async run({ catalog }, caller, { search }) {
    const visible = findRoles(catalog, search).filter((role) => mayAsk(role, caller.principal.email));
    return { kind: 'card', card: rolesCard({ search, roles: visible }) };
  },
};

/** Names that begin with what was typed, then names and titles that hold it; by name. */
function findRoles(catalog: Catalog, typed: string): Role[] {
  const word = typed.trim().toLowerCase().slice(0, 80);
  const begins: Role[] = [];
  const holds: Role[] = [];
  for (const role of catalog.roles.values()) {
    if (role.name.startsWith(word)) begins.push(role);
    else if (role.name.includes(word) || role.title.toLowerCase().includes(word)) holds.push(role);
  }
  const byName = (a: Role, b: Role) => (a.name < b.name ? -1 : 1);
  return [...begins.sort(byName), ...holds.sort(byName)];
}

function mayAsk(role: Role, email: string): boolean {
  return role.requesters === null || role.requesters.includes(email);
}

/** At most 100, best first. Waits for nothing: who may ask is decided when it is asked. */
export function roleOptions(catalog: Catalog, typed: string): Option[] {
  return findRoles(catalog, typed)
    .filter((role) => role.problems.length === 0)
    .slice(0, MOST_OPTIONS)
    .map(({ name, title, environment, risk }) => ({
      label: title,
      value: name,
      description: `${name}: ${environment}, ${risk} risk`,
    }));
}
