/** Where a message goes: channels by name or id, people by mail address. */
import type { Ledger } from '../../../db/client.ts';
import { channelCard } from '../../../db/messages.ts';
import { identitiesOn } from '../../../db/principals.ts';
import { ChatError, type ChatPort, type Profile } from '../../chat/port.ts';
import { type Catalog, mappedAddress } from '../../domain/catalog.ts';
import { channelOn } from '../../domain/platform.ts';

export async function channelOf(port: ChatPort, nameOrId: string): Promise<string> {
  const conversation = await port.conversation(nameOrId);
  if (!conversation) {
    const message = `The channel ${nameOrId} was not found: is Curfew a member of it?`;
    throw new ChatError('closed', 'channel_not_found', message, { outcomeKnown: true });
  }
  if (conversation.shared) {
    throw new ChatError(
      'closed',
      'shared_channel',
      `The channel ${nameOrId} is shared with outsiders, so nothing is posted there.`,
      {
        outcomeKnown: true,
      },
    );
  }
  return conversation.id;
}

/** Where this platform's channel for alerts is; null: it has none. */
export function alertsOn(catalog: Catalog, { platform }: ChatPort): string | null {
  return channelOn(catalog.channels.alerts, platform);
}

/**
 * Under the card in a channel of this platform: its timeline, and where people are told who cannot be
 * written to. `recipient`: which channel, '' for the first. Null: not there.
 */
export async function threadOf(
  ledger: Ledger,
  of: { requestId: string; recipient: string },
  { platform }: ChatPort,
): Promise<{ conversation: string; thread: string } | null> {
  const card = await channelCard(ledger.db, { ...of, platform });
  if (card?.conversation && card.message) return { conversation: card.conversation, thread: card.message };
  if (card?.dueAt) {
    throw new ChatError('retry', 'card_not_posted_yet', 'The card above is not posted yet.', {
      retryAfterS: 1,
      outcomeKnown: true,
    });
  }
  return null;
}

/** The conversation with the full member who has this mail address, or who has it by the configuration. */
export async function directOf(
  { ledger, catalog }: { ledger: Ledger; catalog: Catalog },
  port: ChatPort,
  email: string,
): Promise<string> {
  const known = (await identitiesOn(ledger.db, port.platform, [email])).get(email);
  const profile = known ? await port.profile(known.userId) : await port.profileByEmail(email);
  if (!profile || !mayHear(profile, email, catalog)) {
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

/** As for speaking: whom the configuration names needs no more than to be there. */
function mayHear(profile: Profile, email: string, catalog: Catalog): boolean {
  if (profile.standing === 'full') return true;
  const isNamed = mappedAddress(catalog, profile) === email;
  return isNamed && profile.standing !== 'deactivated' && profile.standing !== 'bot';
}
