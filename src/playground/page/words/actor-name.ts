/** Who did what the audit log says: by name where it is one of us. Pure. */
import type { PersonView } from '../../protocol.ts';

/** The log names people by platform, id and mail address: `slack:U0ANA ana@acme.test`. */
export function actorName(actor: string, people: readonly Pick<PersonView, 'id' | 'name'>[]): string {
  const ids = actor.split(/[\s:]+/);
  return people.find(({ id }) => ids.includes(id))?.name ?? actor;
}
