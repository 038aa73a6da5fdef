/** Who is named to people: those known to the ledger, else looked up by mail address; else the address stands. */
import type { Tx } from '../../db/client.ts';
import { type KnownPerson, peopleOn } from '../../db/people.ts';
import type { RequestView } from '../../db/views.ts';
import { approversOf } from '../policy/decision.ts';
import { within } from '../within.ts';
import type { ChatPort } from './port.ts';

/** A name is a nicety: nothing waits longer than this for a directory, and a failing one costs nothing. */
const NAME_WITHIN_MS = 1_000;

/** Everybody whom a card or a line of this request names, by mail address. */
export function peopleIn({ request, requester, subject }: RequestView): readonly string[] {
  return [...approversOf(request.decision), requester.email, subject.email];
}

/** By mail address, on the port's platform. */
export async function namePeople(
  db: Tx,
  port: Pick<ChatPort, 'platform' | 'profileByEmail'>,
  emails: readonly string[],
): Promise<ReadonlyMap<string, KnownPerson>> {
  const people = new Map(await peopleOn(db, port.platform, emails));
  const missing = [...new Set(emails)].filter((email) => !people.has(email));
  const lookUp = Promise.all(
    missing.map(async (email) => {
      const profile = await port.profileByEmail(email).catch(() => null);
      if (profile)
        people.set(email, { platform: profile.platform, userId: profile.userId, name: profile.name });
    }),
  );
  await within(NAME_WITHIN_MS, lookUp);
  return new Map(people);
}
