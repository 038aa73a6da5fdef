/** Who is named on a card: people known to the ledger, else looked up by mail address; else the address stands. */
import type { Ledger } from '../../../db/client.ts';
import { type KnownPerson, peopleOn } from '../../../db/people.ts';
import type { RequestView } from '../../../db/views.ts';
import type { ChatPort } from '../../chat/port.ts';

export async function approversOf(
  ledger: Ledger,
  port: ChatPort,
  view: RequestView,
): Promise<ReadonlyMap<string, KnownPerson>> {
  const emails = view.request.decision.stages.flatMap((stage) => stage.approvers);
  const people = new Map(await peopleOn(ledger.db, port.platform, emails));
  for (const email of emails) {
    if (people.has(email)) continue;
    // A name is a nicety: the card does not wait for a directory that fails.
    const profile = await port.profileByEmail(email).catch(() => null);
    if (profile)
      people.set(email, { platform: profile.platform, userId: profile.userId, name: profile.name });
  }
  return people;
}
