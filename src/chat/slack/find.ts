/** Finds the bot's own copy of a message by the marker in its first block, after an unknown outcome. */
import type { webApi } from '@slack/bolt';
import { z } from 'zod';
import { ChatError, type MessageRef } from '../port.ts';
import type { Call } from './conversations.ts';

const PAGE = 200;
const MAX_PAGES = 10;
/** Slack's clock and ours may differ by a little. */
const CLOCK_SLACK_S = 60;

const ownMessage = z.object({
  ts: z.string(),
  user: z.string(),
  blocks: z.array(z.object({ block_id: z.string().optional() })).min(1),
});

/**
 * Null: it is not there. Where there are more messages than are looked through, that is unknown, and it
 * throws instead.
 */
export async function findByMarker(options: {
  client: webApi.WebClient;
  call: Call;
  botUser: string;
  conversation: string;
  marker: string;
  since: Date;
  thread?: string;
}): Promise<MessageRef | null> {
  const { client, call, conversation: channel, thread } = options;
  const oldest = String(Math.floor(options.since.getTime() / 1000) - CLOCK_SLACK_S);
  let cursor: string | undefined;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const range = { channel, oldest, limit: PAGE, ...(cursor ? { cursor } : {}) };
    const answer = thread
      ? await call('conversations.replies', () => client.conversations.replies({ ...range, ts: thread }))
      : await call('conversations.history', () => client.conversations.history(range));
    for (const message of answer.messages ?? []) {
      const own = ownMessage.safeParse(message);
      if (!own.success || own.data.user !== options.botUser) continue;
      if (own.data.blocks[0]?.block_id === options.marker)
        return { conversation: channel, message: own.data.ts };
    }
    cursor = answer.response_metadata?.next_cursor;
    if (!cursor) return null;
  }
  throw new ChatError('retry', 'history_too_long', 'There are more messages than can be looked through.', {
    retryAfterS: 60,
    outcomeKnown: true,
  });
}
