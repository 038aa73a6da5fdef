import { content, required, text } from './arguments.ts';
import type { Conversation, Message } from './conversations.ts';
import { BOT } from './ids.ts';
import type { Json } from './json.ts';
import type { ApiContext, Method } from './method.ts';
import { conversationOf, messageObject } from './methods-conversations.ts';
import { SlackError } from './slack-error.ts';

/** `channel` may be a channel's id or name, or a person, who is written to directly. */
function placeOf(args: Json, ctx: ApiContext): Conversation {
  const named = required(args, 'channel');
  const person = ctx.people.byId(named);
  if (person && ctx.people.isDeactivated(person)) throw new SlackError('user_disabled');
  const place = person
    ? ctx.conversations.directWith(person)
    : (ctx.conversations.byId(named) ?? ctx.conversations.channelByName(named.replace(/^#/, '')));
  if (!place) throw new SlackError('channel_not_found');
  return place;
}

/** The message that a reply belongs to; a reply to a reply joins its thread. */
function threadOf(args: Json, place: Conversation, ctx: ApiContext): string | null {
  const ts = text(args, 'thread_ts');
  if (ts === '') return null;
  const top = ctx.conversations.find(place, ts);
  if (!top || top.onlyFor !== null) throw new SlackError('thread_not_found');
  return top.thread ?? top.ts;
}

/** A message of the bot's own. */
function ownMessage(args: Json, place: Conversation, ctx: ApiContext, otherwise: string): Message {
  const found = ctx.conversations.find(place, required(args, 'ts'));
  if (!found || found.onlyFor !== null) throw new SlackError('message_not_found');
  if (found.from !== 'curfew') throw new SlackError(otherwise);
  return found;
}

const noting = (method: string, ctx: ApiContext) => (fault: string) => ctx.note(`${method}: ${fault}`);

/** https://docs.slack.dev/reference/methods?family=chat */
export const chatMethods: Readonly<Record<string, Method>> = {
  'chat.postMessage': {
    needs: () => 'chat:write',
    run(args, ctx) {
      const place = placeOf(args, ctx);
      const said = content(args, noting('chat.postMessage', ctx));
      const thread = threadOf(args, place, ctx);
      const message = ctx.conversations.add(place, { from: 'curfew', ...said, thread });
      ctx.changed();
      return { channel: place.id, ts: message.ts, message: messageObject(message, ctx, place) };
    },
  },
  'chat.update': {
    needs: () => 'chat:write',
    run(args, ctx) {
      const place = conversationOf(args, ctx);
      const { ts, blocks } = ownMessage(args, place, ctx, 'cant_update_message');
      const said = content(args, noting('chat.update', ctx));
      // What is not sent stays as it is.
      ctx.conversations.edit(place, ts, args.blocks === undefined ? { ...said, blocks } : said);
      ctx.changed();
      return { channel: place.id, ts, text: said.text, message: { user: BOT.user, ...said } };
    },
  },
  'chat.postEphemeral': {
    needs: () => 'chat:write',
    run(args, ctx) {
      const place = conversationOf(args, ctx);
      const person = ctx.people.byId(required(args, 'user'));
      if (!person || (place.person && place.person.id !== person.id))
        throw new SlackError('user_not_in_channel');
      const said = content(args, noting('chat.postEphemeral', ctx));
      const thread = threadOf(args, place, ctx);
      const shown = ctx.conversations.add(place, {
        from: 'curfew',
        ...said,
        thread,
        onlyFor: person.handle,
      });
      ctx.changed();
      return { message_ts: shown.ts };
    },
  },
  'chat.delete': {
    needs: () => 'chat:write',
    run(args, ctx) {
      const place = conversationOf(args, ctx);
      const { ts } = ownMessage(args, place, ctx, 'cant_delete_message');
      const replies = ctx.conversations.messages(place).some(({ thread }) => thread === ts);
      // A thread does not go with the message above it.
      if (replies) ctx.conversations.edit(place, ts, { text: 'This message was deleted.', blocks: [] });
      else ctx.conversations.remove(place, ts);
      ctx.changed();
      return { channel: place.id, ts };
    },
  },
};
