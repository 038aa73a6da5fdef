/** Channels and direct messages, and what stands in them. Everybody is in every channel. */
import type { Blocks, ConversationView, Handle, MessageView } from '../protocol.ts';
import { channelId, directId, timeOf } from './ids.ts';
import type { People, Person } from './people.ts';

export interface Message {
  readonly ts: string;
  /** The message that it answers, by `ts`. */
  readonly thread: string | null;
  readonly from: 'curfew' | Handle;
  /** Slack's mrkdwn, escaped. */
  readonly text: string;
  readonly blocks: Blocks;
  readonly editedTs: string | null;
  /** What was there before the last edit: a screen may be a moment behind. */
  readonly before: Blocks;
  /** Ephemeral: only this person sees it, and the Web API does not. */
  readonly onlyFor: Handle | null;
}

export interface Conversation {
  readonly id: string;
  readonly kind: 'channel' | 'dm';
  readonly name: string;
  /** Whose conversation with the bot it is. */
  readonly person: Person | null;
}

type NewMessage = Pick<Message, 'from' | 'text' | 'blocks'> & Partial<Pick<Message, 'thread' | 'onlyFor'>>;

/** Older ones are forgotten. */
const MAX_MESSAGES = 2000;
/** How many of them the page gets. */
const MAX_SHOWN = 200;

export function createConversations(options: {
  people: People;
  channels: readonly string[];
  timestamp: () => string;
}) {
  const { people, timestamp } = options;
  const all: readonly Conversation[] = [
    ...options.channels.map((name) => ({
      id: channelId(name),
      kind: 'channel' as const,
      name,
      person: null,
    })),
    ...people.all.map((person) => ({
      id: directId(person.handle),
      kind: 'dm' as const,
      name: 'Curfew',
      person,
    })),
  ];
  const messages = new Map<string, readonly Message[]>(all.map(({ id }) => [id, []]));
  const lastRead = new Map<string, string>();

  const of = (conversation: Conversation) => messages.get(conversation.id) ?? [];
  const readKey = (handle: Handle, conversation: Conversation) => `${handle} ${conversation.id}`;

  function seenBy(handle: Handle): Conversation[] {
    return all.filter(({ person }) => person === null || person.handle === handle);
  }

  function unread(handle: Handle, conversation: Conversation): number {
    const last = lastRead.get(readKey(handle, conversation)) ?? '';
    return of(conversation).filter(
      ({ ts, from, thread, onlyFor }) => ts > last && from !== handle && thread === null && onlyFor === null,
    ).length;
  }

  function replace(conversation: Conversation, ts: string, change: (message: Message) => Message | null) {
    const changed = of(conversation).flatMap((each) => (each.ts === ts ? (change(each) ?? []) : each));
    messages.set(conversation.id, changed);
  }

  function view(handle: Handle, conversation: Conversation): ConversationView {
    const visible = of(conversation).filter(({ onlyFor }) => onlyFor === null || onlyFor === handle);
    const threads = new Map<string | null, Message[]>();
    for (const message of visible) {
      const thread = threads.get(message.thread);
      if (thread) thread.push(message);
      else threads.set(message.thread, [message]);
    }
    const show = (message: Message): MessageView => ({
      ts: message.ts,
      from: message.from,
      at: timeOf(message.ts).toISOString(),
      text: message.text,
      blocks: message.blocks,
      edited: message.editedTs !== null,
      ephemeral: message.onlyFor !== null,
      replies: (threads.get(message.ts) ?? []).map(show),
    });
    return {
      id: conversation.id,
      kind: conversation.kind,
      name: conversation.name,
      unread: unread(handle, conversation),
      messages: (threads.get(null) ?? []).slice(-MAX_SHOWN).map(show),
    };
  }

  return {
    all,
    seenBy,
    view,
    byId: (id: string) => all.find((each) => each.id === id),
    channelByName: (name: string) => all.find((each) => each.kind === 'channel' && each.name === name),
    directWith: (person: Person) => all.find((each) => each.person?.id === person.id),
    /** Oldest first, replies and ephemeral ones among them. */
    messages: of,
    find: (conversation: Conversation, ts: string) => of(conversation).find((each) => each.ts === ts),
    add(conversation: Conversation, message: NewMessage): Message {
      const added: Message = {
        thread: null,
        onlyFor: null,
        editedTs: null,
        before: [],
        ...message,
        ts: timestamp(),
      };
      messages.set(conversation.id, [...of(conversation), added].slice(-MAX_MESSAGES));
      return added;
    },
    edit(conversation: Conversation, ts: string, over: Pick<Message, 'text' | 'blocks'>): void {
      const editedTs = timestamp();
      replace(conversation, ts, (message) => ({
        ...message,
        ...over,
        editedTs,
        before: message.blocks,
      }));
    },
    remove: (conversation: Conversation, ts: string) => replace(conversation, ts, () => null),
    markRead(handle: Handle, conversation: Conversation): void {
      const newest = of(conversation).at(-1);
      if (newest) lastRead.set(readKey(handle, conversation), newest.ts);
    },
    unreadIn: unread,
  };
}

export type Conversations = ReturnType<typeof createConversations>;
