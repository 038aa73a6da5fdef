/** Slack as a ChatPort: every call bounded, nothing retried in here, every error a ChatError. */
import { webApi } from '@slack/bolt';
import { isSameAddress, readMailAddress } from '../../domain/mail-address.ts';
import type { Home } from '../card.ts';
import type { ChatPort, Conversation, MessageRef, Profile } from '../port.ts';
import { createConversations } from './conversations.ts';
import { requirePosting, toChatError } from './errors.ts';
import { findByMarker } from './find.ts';
import { createSlackLogger, type Log } from './log.ts';
import { toProfile } from './profile.ts';
import { renderCard, renderHome, renderLine, type SlackMessage } from './render.ts';

/** Slack does a good call in well under a second. */
const TIMEOUT_MS = 10_000;
const PROFILE_MAX_AGE_MS = 60_000;
const PROFILE_MAX_COUNT = 5000;

/** @param apiUrl another Web API root than Slack's, for tests; with its last slash. */
export function createWebClient(options: {
  botToken: string;
  apiUrl?: string;
  log: Log;
  timeoutMs?: number;
}): webApi.WebClient {
  return new webApi.WebClient(options.botToken, {
    ...(options.apiUrl ? { slackApiUrl: options.apiUrl.replace(/\/?$/, '/') } : {}),
    timeout: options.timeoutMs ?? TIMEOUT_MS,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    allowAbsoluteUrls: false,
    logger: createSlackLogger(options.log, 'slack web api'),
  });
}

/** The workspace that the token belongs to, and the bot's own user in it. Throws a ChatError. */
export async function identify(client: webApi.WebClient): Promise<{ workspace: string; botUser: string }> {
  const answer = await client.auth.test().catch((error: unknown) => {
    throw toChatError(error, 'auth.test');
  });
  return { workspace: answer.team_id ?? '', botUser: answer.user_id ?? '' };
}

export interface SlackPort extends ChatPort {
  readonly platform: 'slack';
  /** Drops what is remembered of a person: Slack said that they changed. */
  forget(userId: string): void;
  publishHome(userId: string, home: Home): Promise<void>;
}

/**
 * @param home the workspace whose full members may act, and the bot's own user there: see `identify`
 * @param realNow real milliseconds, for the age of what is remembered
 */
export function createSlackPort(options: {
  client: webApi.WebClient;
  home: { workspace: string; botUser: string };
  realNow?: () => number;
}): SlackPort {
  const { client, home } = options;
  const realNow = options.realNow ?? Date.now;
  const profiles = new Map<string, { profile: Profile; at: number }>();
  const idsByMail = new Map<string, string>();
  const lastPost = new Map<string, Promise<unknown>>();
  const call = <T>(method: string, run: () => Promise<T>): Promise<T> =>
    run().catch((error: unknown) => {
      throw toChatError(error, method);
    });
  const conversations = createConversations({ client, call, realNow });

  async function person(method: string, run: () => Promise<{ user?: unknown }>): Promise<Profile | null> {
    const answer = await call(method, run).catch((error) => {
      if (error.kind === 'gone' && /^users?_not_(found|visible)$/.test(error.code)) return null;
      throw error;
    });
    const profile = answer && toProfile(answer.user, home.workspace);
    if (profile) remember(profile);
    return profile;
  }

  function remember(profile: Profile): void {
    if (profiles.size >= PROFILE_MAX_COUNT) {
      profiles.clear();
      idsByMail.clear();
    }
    profiles.set(profile.userId, { profile, at: realNow() });
  }

  function remembered(userId: string | undefined): Profile | null {
    const known = userId === undefined ? undefined : profiles.get(userId);
    return known && realNow() - known.at < PROFILE_MAX_AGE_MS ? known.profile : null;
  }

  /** One post at a time in each conversation: Slack takes about one a second there. */
  async function inTurn<T>(conversation: string, run: () => Promise<T>): Promise<T> {
    const before = lastPost.get(conversation) ?? Promise.resolve();
    const mine = before.then(run, run);
    lastPost.set(conversation, mine);
    try {
      return await mine;
    } finally {
      if (lastPost.get(conversation) === mine) lastPost.delete(conversation);
    }
  }

  async function postMessage(channel: string, message: SlackMessage, thread?: string): Promise<MessageRef> {
    const sent = await inTurn(channel, () =>
      call('chat.postMessage', () =>
        client.chat.postMessage({
          channel,
          ...message,
          ...(thread ? { thread_ts: thread } : {}),
          unfurl_links: false,
          unfurl_media: false,
        }),
      ),
    );
    return { conversation: sent.channel ?? channel, message: sent.ts ?? '' };
  }

  return {
    platform: 'slack',

    async probe() {
      const { response_metadata: said } = await call('auth.test', () => client.auth.test());
      requirePosting(said?.scopes);
    },

    async profile(userId, { fresh = false } = {}) {
      const known = fresh ? null : remembered(userId);
      return known ?? person('users.info', () => client.users.info({ user: userId }));
    },

    async profileByEmail(typed, { fresh = false } = {}) {
      const read = readMailAddress(typed, { nonAscii: true });
      if (!read.ok) return null;
      const { address: email } = read;
      const known = fresh ? null : remembered(idsByMail.get(email));
      if (known && isSameAddress(known.email, email)) return known;
      const profile = await person('users.lookupByEmail', () => client.users.lookupByEmail({ email }));
      // What Slack takes for the same address may only look like it.
      if (!profile || !isSameAddress(profile.email, email)) return null;
      idsByMail.set(email, profile.userId);
      return profile;
    },

    forget: (userId) => {
      profiles.delete(userId);
    },

    conversation: (nameOrId): Promise<Conversation | null> => conversations.find(nameOrId),

    async direct(userId) {
      const { channel } = await call('conversations.open', () =>
        client.conversations.open({ users: userId }),
      );
      return channel?.id ?? '';
    },

    post: (conversation, card, { marker, thread }) =>
      postMessage(conversation, renderCard(card, { marker }), thread),

    async update(ref, card, { marker }) {
      await call('chat.update', () =>
        client.chat.update({
          channel: ref.conversation,
          ts: ref.message,
          ...renderCard(card, { marker }),
        }),
      );
    },

    say: (conversation, line, { marker, thread }) =>
      postMessage(conversation, renderLine(line, { marker }), thread),

    find: (conversation, marker, { since, thread }) =>
      findByMarker({ client, call, botUser: home.botUser, conversation, marker, since, thread }),

    async publishHome(userId, view) {
      await call('views.publish', () => client.views.publish({ user_id: userId, view: renderHome(view) }));
    },
  };
}
