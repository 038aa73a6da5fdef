/** Where a message goes: channels by name or id, people by mail address. */
import type { Ledger } from '../../../db/client.ts';
import { identitiesOn } from '../../../db/principals.ts';
import { ChatError, type ChatPort } from '../../chat/port.ts';

export async function channelOf(port: ChatPort, nameOrId: string): Promise<string> {
  const conversation = await port.conversation(nameOrId);
  if (!conversation) {
    throw new ChatError(
      'retry',
      'channel_not_found',
      `The channel ${nameOrId} was not found: is Curfew a member of it?`,
      {
        retryAfterS: 60,
        outcomeKnown: true,
      },
    );
  }
  if (conversation.shared) {
    throw new ChatError(
      'refused',
      'shared_channel',
      `The channel ${nameOrId} is shared with outsiders, so nothing is posted there.`,
      {
        outcomeKnown: true,
      },
    );
  }
  return conversation.id;
}

/** The conversation with the full member who has this mail address. */
export async function directOf(ledger: Ledger, port: ChatPort, email: string): Promise<string> {
  const known = (await identitiesOn(ledger.db, port.platform, [email])).get(email);
  const profile = known ? await port.profile(known.userId) : await port.profileByEmail(email);
  if (profile?.standing !== 'full') {
    throw new ChatError(
      'gone',
      'no_such_member',
      `Nobody with the address ${email} is an active full member here.`,
      {
        outcomeKnown: true,
      },
    );
  }
  return port.direct(profile.userId);
}
