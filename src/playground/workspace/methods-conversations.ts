import { flag, page, required, text } from './arguments.ts';
import type { Conversation, Message } from './conversations.ts';
import { APP, BOT, TEAM } from './ids.ts';
import type { Json } from './json.ts';
import type { ApiContext, Method } from './method.ts';
import type { Person } from './people.ts';
import { SlackError } from './slack-error.ts';

const TYPES = ['public_channel', 'private_channel', 'im', 'mpim'];

export function conversationOf(args: Json, ctx: ApiContext): Conversation {
  const found = ctx.conversations.byId(required(args, 'channel'));
  if (!found) throw new SlackError('channel_not_found');
  return found;
}

/** By id: direct conversations have scopes of their own. */
const scopeFor = (right: 'read' | 'history') => (args: Json) =>
  text(args, 'channel').startsWith('D') ? `im:${right}` : `channels:${right}`;

/** https://docs.slack.dev/reference/objects/conversation-object */
function conversationObject({ id, name, person }: Conversation, members: number): Json {
  if (person) return { id, is_im: true, is_channel: false, is_archived: false, user: person.id };
  return {
    id,
    name,
    name_normalized: name,
    is_channel: true,
    is_group: false,
    is_im: false,
    is_private: false,
    is_archived: false,
    is_member: true,
    is_shared: false,
    is_ext_shared: false,
    is_org_shared: false,
    is_pending_ext_shared: false,
    num_members: members,
  };
}

export function messageObject(
  message: Message,
  { people, conversations }: Pick<ApiContext, 'people' | 'conversations'>,
  conversation: Conversation,
): Json {
  const author = message.from === 'curfew' ? null : people.byHandle(message.from);
  const replies = conversations
    .messages(conversation)
    .filter(({ thread, onlyFor }) => thread === message.ts && onlyFor === null);
  const last = replies.at(-1);
  return {
    type: 'message',
    user: author?.id ?? BOT.user,
    ...(author ? {} : { bot_id: BOT.id, app_id: APP }),
    team: TEAM.id,
    ts: message.ts,
    text: message.text,
    ...(message.blocks.length > 0 ? { blocks: message.blocks } : {}),
    ...(message.editedTs ? { edited: { user: author?.id ?? BOT.user, ts: message.editedTs } } : {}),
    ...(message.thread ? { thread_ts: message.thread } : {}),
    ...(last ? { thread_ts: message.ts, reply_count: replies.length, latest_reply: last.ts } : {}),
  };
}

/** Within `oldest` and `latest`, which are outside unless `inclusive`. */
function inRange(args: Json): (message: Message) => boolean {
  const [oldest, latest] = [text(args, 'oldest'), text(args, 'latest')];
  const inclusive = flag(args, 'inclusive');
  const from = Number(oldest || 0);
  const to = latest === '' ? Number.POSITIVE_INFINITY : Number(latest);
  if (Number.isNaN(from)) throw new SlackError('invalid_ts_oldest');
  if (Number.isNaN(to)) throw new SlackError('invalid_ts_latest');
  return ({ ts }) =>
    (Number(ts) > from && Number(ts) < to) || (inclusive && (Number(ts) === from || Number(ts) === to));
}

function directTo(person: Person | undefined, { people, conversations }: ApiContext): Conversation {
  if (!person) throw new SlackError('user_not_found');
  if (people.isDeactivated(person)) throw new SlackError('user_disabled');
  const direct = conversations.directWith(person);
  if (!direct) throw new SlackError('user_not_found');
  return direct;
}

const messagePage = (messages: readonly Message[], args: Json, ctx: ApiContext, where: Conversation) => {
  const { items, next } = page(messages, args, { key: ({ ts }) => ts, max: 1000 });
  return {
    messages: items.map((message) => messageObject(message, ctx, where)),
    has_more: next !== '',
    ...(next === '' ? {} : { response_metadata: { next_cursor: next } }),
  };
};

/** https://docs.slack.dev/reference/methods?family=conversations */
export const conversationsMethods: Readonly<Record<string, Method>> = {
  'conversations.list': {
    needs: () => 'channels:read',
    run(args, ctx) {
      const types = (text(args, 'types') || 'public_channel').split(',').map((type) => type.trim());
      if (types.some((type) => !TYPES.includes(type))) throw new SlackError('invalid_types');
      for (const [type, scope] of [
        ['private_channel', 'groups:read'],
        ['im', 'im:read'],
        ['mpim', 'mpim:read'],
      ] as const) {
        if (!types.includes(type) || ctx.scopes.includes(scope)) continue;
        throw new SlackError('missing_scope', { needed: scope, provided: ctx.scopes.join(',') });
      }
      const listed = ctx.conversations.all.filter(({ kind }) =>
        types.includes(kind === 'dm' ? 'im' : 'public_channel'),
      );
      const { items, next } = page(listed, args, { key: ({ id }) => id, max: 1000 });
      return {
        channels: items.map((each) => conversationObject(each, ctx.people.all.length + 1)),
        response_metadata: { next_cursor: next },
      };
    },
  },
  'conversations.info': {
    needs: scopeFor('read'),
    run: (args, ctx) => ({
      channel: conversationObject(conversationOf(args, ctx), ctx.people.all.length + 1),
    }),
  },
  'conversations.open': {
    needs: () => 'im:write',
    run(args, ctx) {
      const users = required(args, 'users').split(',');
      if (users.length > 1)
        throw new SlackError('missing_scope', { needed: 'mpim:write', provided: ctx.scopes.join(',') });
      if (users[0] === BOT.user) throw new SlackError('cannot_dm_bot');
      return { channel: { id: directTo(ctx.people.byId(users[0] ?? ''), ctx).id } };
    },
  },
  'conversations.members': {
    needs: scopeFor('read'),
    run(args, ctx) {
      const { person } = conversationOf(args, ctx);
      const members = [...(person ? [person] : ctx.people.all).map(({ id }) => id), BOT.user];
      const { items, next } = page(members, args, { key: (id) => id, max: 1000 });
      return { members: items, response_metadata: { next_cursor: next } };
    },
  },
  'conversations.history': {
    needs: scopeFor('history'),
    run(args, ctx) {
      const where = conversationOf(args, ctx);
      const range = inRange(args);
      const newestFirst = ctx.conversations
        .messages(where)
        .filter((message) => message.thread === null && message.onlyFor === null && range(message))
        .toReversed();
      return messagePage(newestFirst, args, ctx, where);
    },
  },
  'conversations.replies': {
    needs: scopeFor('history'),
    run(args, ctx) {
      const where = conversationOf(args, ctx);
      const top = ctx.conversations.find(where, required(args, 'ts'));
      if (!top || top.onlyFor !== null) throw new SlackError('thread_not_found');
      const range = inRange(args);
      const root = top.thread ?? top.ts;
      const thread = ctx.conversations
        .messages(where)
        .filter(
          (message) =>
            message.onlyFor === null && (message.ts === root || (message.thread === root && range(message))),
        );
      return messagePage(thread, args, ctx, where);
    },
  },
};
