/** How people are named and mentioned on a platform. */

import type { Tx } from './client.ts';
import { findPrincipalsByEmail } from './principals.ts';

export interface KnownPerson {
  readonly platform: string;
  readonly userId: string;
  readonly name: string;
}

/** The people of a platform behind these mail addresses; who has never spoken to Curfew is missing. */
export async function peopleOn(
  db: Tx,
  platform: string,
  emails: readonly string[],
): Promise<ReadonlyMap<string, KnownPerson>> {
  const rows = await findPrincipalsByEmail(db, [...new Set(emails)]);
  return new Map(
    rows
      .filter((row) => row.platform === platform)
      .map(({ email, userId, name }) => [email, { platform, userId, name }]),
  );
}
