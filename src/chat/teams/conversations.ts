/** Channels by name, link or id. Teams lists channels by team, so the lists are read and remembered. */

import { lowerAscii } from '../../domain/text.ts';
import { ChatError, type Conversation } from '../port.ts';
import type { AddressBook, TeamPlace } from './address-book.ts';
import type { Channel, Connector } from './connector.ts';
import { isShut } from './errors.ts';
import { remembered } from './remembered.ts';

export type Call = <T>(method: string, run: () => Promise<T>) => Promise<T>;

const MAX_AGE_MS = 60_000;
/** Who has more teams with Curfew names channels by link. */
const MAX_TEAMS = 200;
const CHANNEL_ID = /^19:\S{1,200}@thread\.\w+$/;

interface Place {
  readonly team: TeamPlace;
  readonly channel: Channel;
}

export function createConversations(options: {
  connector: Connector;
  book: AddressBook;
  call: Call;
  realNow: () => number;
}) {
  const { connector, book, call, realNow } = options;
  /** A channel's kind never changes, so that it is shared may be remembered along with its name. */
  const places = remembered({ read: readPlaces, maxAgeMs: MAX_AGE_MS, realNow });

  async function readPlaces(): Promise<readonly Place[]> {
    const teams = await book.teams();
    if (teams.length > MAX_TEAMS) {
      throw new ChatError('closed', 'too_many_teams', 'More than 200 teams have Curfew.', {
        outcomeKnown: true,
      });
    }
    const found: Place[] = [];
    for (const team of teams) {
      const channels = await call('channels', () => connector.channels(team.serviceUrl, team.id)).catch(
        (error: unknown) => {
          if (error instanceof ChatError && isShut(error)) return [];
          throw error;
        },
      );
      found.push(...channels.map((channel) => ({ team, channel })));
    }
    return found;
  }

  return {
    /**
     * An id (`19:…`), a channel's link, `Team/Channel`, or a channel's name where no other team has one of
     * that name. Null: not found, or the bot is not in that team. Ambiguous: `closed`, with what to write.
     */
    async find(nameOrId: string): Promise<Conversation | null> {
      const wanted = nameOrId.trim().replace(/^#/, '');
      const id = CHANNEL_ID.test(wanted) ? wanted : idInLink(wanted);
      if (id === null && /^https?:/i.test(wanted)) return null;
      const every = await places.get();
      const found = every.filter((place) =>
        id === null ? isCalled(place, wanted) : place.channel.id === id,
      );
      if (found.length > 1) throw ambiguous(found);
      const [place] = found;
      if (!place) return null;
      const { team, channel } = place;
      if ((await book.serviceUrlOf(channel.id)) !== team.serviceUrl) {
        await book.visit({ id: channel.id, tenant: team.tenant, serviceUrl: team.serviceUrl });
      }
      return { id: channel.id, name: fullName(place), shared: isShared(channel) };
    },
  };
}

/**
 * Shared channels can hold other organisations. Older answers name no kind, and then Teams lets no bot into a
 * shared channel that does not ask for it in its manifest, as Curfew does not.
 * https://learn.microsoft.com/microsoftteams/platform/build-apps-for-shared-private-channels
 */
function isShared({ type }: Channel): boolean {
  return type !== null && !['standard', 'private'].includes(type.toLowerCase());
}

/** `https://teams.microsoft.com/l/channel/19%3a…%40thread.tacv2/General?groupId=…` */
function idInLink(link: string): string | null {
  if (!URL.canParse(link)) return null;
  const { protocol, hostname, pathname } = new URL(link);
  if (protocol !== 'https:' || !/^teams(\.cloud)?\.microsoft(\.com)?$/.test(hostname)) return null;
  const part = /^\/l\/channel\/([^/]+)/.exec(pathname)?.[1];
  try {
    const id = decodeURIComponent(part ?? '');
    return CHANNEL_ID.test(id) ? id : null;
  } catch {
    return null;
  }
}

function isCalled(place: Place, wanted: string): boolean {
  const names = [channelName(place), fullName(place)].map(lowerAscii);
  return names.includes(lowerAscii(wanted));
}

function channelName({ channel }: Place): string {
  return channel.name ?? 'General';
}

function fullName(place: Place): string {
  return `${place.team.name}/${channelName(place)}`;
}

function ambiguous(found: readonly Place[]): ChatError {
  const names = found.slice(0, 5).map(fullName).join(', ');
  return new ChatError('closed', 'ambiguous_channel', `Name it with its team: ${names}.`, {
    outcomeKnown: true,
  });
}
