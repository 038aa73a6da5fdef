/** Channels by name or id. Slack finds by id only, so names are looked up in bounded pages and remembered. */
import type { webApi } from '@slack/bolt';
import { z } from 'zod';
import { lowerAscii } from '../../domain/text.ts';
import { ChatError, type Conversation } from '../port.ts';

export type Call = <T>(method: string, run: () => Promise<T>) => Promise<T>;

const PAGE = 1000;
/** 20,000 channels; who has more names channels by id. */
const MAX_PAGES = 20;
const MAX_AGE_MS = 60_000;
const NOT_THERE = ['channel_not_found', 'not_in_channel', 'is_archived'];
const CHANNEL_ID = /^[CG][A-Z0-9]{7,}$/;

/** https://docs.slack.dev/reference/objects/conversation-object */
const slackChannel = z.object({
  id: z.string(),
  name: z.string(),
  is_archived: z.boolean().optional(),
  is_shared: z.boolean().optional(),
  is_ext_shared: z.boolean().optional(),
  is_org_shared: z.boolean().optional(),
  is_pending_ext_shared: z.boolean().optional(),
});

export function createConversations(options: {
  client: webApi.WebClient;
  call: Call;
  realNow: () => number;
}) {
  const { client, call, realNow } = options;
  let ids: { byName: Map<string, string>; at: number } | null = null;

  async function idsByName(): Promise<Map<string, string>> {
    if (ids && realNow() - ids.at < MAX_AGE_MS) return ids.byName;
    const byName = new Map<string, string>();
    let cursor: string | undefined;
    for (let page = 0; page < MAX_PAGES; page += 1) {
      const answer = await call('conversations.list', () =>
        client.conversations.list({
          types: 'public_channel,private_channel',
          exclude_archived: true,
          limit: PAGE,
          ...(cursor ? { cursor } : {}),
        }),
      );
      for (const { name, id } of answer.channels ?? []) if (name && id) byName.set(name, id);
      cursor = answer.response_metadata?.next_cursor;
      if (!cursor) {
        ids = { byName, at: realNow() };
        return byName;
      }
    }
    // Half a list would make a channel look missing that is only further on.
    throw new ChatError('closed', 'too_many_channels', 'More than 20,000 channels: name it by its id.', {
      outcomeKnown: true,
    });
  }

  return {
    /** Whether it is shared is asked anew each time: that can change, and decides whether approvals go there. */
    async find(nameOrId: string): Promise<Conversation | null> {
      const id = CHANNEL_ID.test(nameOrId)
        ? nameOrId
        : (await idsByName()).get(lowerAscii(nameOrId.replace(/^#/, '')));
      if (!id) return null;
      const answer = await call('conversations.info', () => client.conversations.info({ channel: id })).catch(
        (error: unknown) => {
          if (error instanceof ChatError && NOT_THERE.includes(error.code)) return null;
          throw error;
        },
      );
      const channel = slackChannel.safeParse(answer?.channel);
      if (!channel.success || channel.data.is_archived) return null;
      return { id: channel.data.id, name: `#${channel.data.name}`, shared: isShared(channel.data) };
    },
  };
}

/**
 * Shared with another organisation, or an invitation is out. `is_org_shared` alone is not: those are
 * workspaces of one's own organisation. `is_shared` without it means an outside one.
 */
function isShared(channel: z.infer<typeof slackChannel>): boolean {
  if (channel.is_ext_shared || channel.is_pending_ext_shared) return true;
  return channel.is_shared === true && channel.is_org_shared !== true;
}
