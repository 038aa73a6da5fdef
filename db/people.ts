/** How people are named and mentioned on a platform. */
import type { Tx } from './client.ts';
import { identitiesOn } from './principals.ts';

export interface KnownPerson {
  readonly platform: string;
  readonly userId: string;
  readonly name: string;
}

/** The people of a platform behind these mail addresses; who has never spoken to Curfew there is missing. */
export async function peopleOn(
  db: Tx,
  platform: string,
  emails: readonly string[],
): Promise<ReadonlyMap<string, KnownPerson>> {
  const known = await identitiesOn(db, platform, [...new Set(emails)]);
  return new Map([...known].map(([email, { userId, name }]) => [email, { platform, userId, name }]));
}
