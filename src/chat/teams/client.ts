/** Teams as a ChatPort: every call bounded, nothing retried in here, every error a ChatError. */
import type { Card, Line, PersonRef } from '../card.ts';
import { ChatError, type ChatPort, type MessageRef, type Profile } from '../port.ts';
import type { AddressBook, Addressee } from './address-book.ts';
import type { Connector } from './connector.ts';
import { ConnectorError } from './connector-error.ts';
import { type Call, createConversations } from './conversations.ts';
import { createDirectory } from './directory.ts';
import { notAdded, toChatError, unreachable } from './errors.ts';
import type { Household } from './household.ts';
import { createPeople } from './people.ts';
import { type AdaptiveCard, renderCard, renderLine, summaryOf, toPlainText } from './render.ts';
import { createTurns } from './turns.ts';

const PROFILE_MAX_AGE_MS = 60_000;
const MAX_REMEMBERED = 5000;
const MAX_SUMMARY = 300;
const NEVER_MET_WAIT_S = 60;
/** Only a team's channels have threads; chats between people do not. */
const HAS_THREADS = /^19:.*@thread\.(tacv2|skype)$/;

export interface TeamsPort extends ChatPort {
  readonly platform: 'teams';
  profileByEmail(email: string): Promise<Profile | null>;
  /** Drops what is remembered of a person: Teams said that they changed. */
  forget(userId: string): void;
  /** Answers what was said, where and to what it was said (`replyTo`, in a channel: the thread's first message). */
  answer(to: AnswerTo, card: AdaptiveCard, summary: string): Promise<void>;
}

export interface AnswerTo {
  /** As it came, `;messageid=` included. */
  readonly conversation: string;
  readonly serviceUrl: string;
  readonly replyTo?: string;
}

interface Place {
  readonly id: string;
  readonly serviceUrl: string;
}

/**
 * `find` always says null: Teams lets no bot read history.
 *
 * @param household who is looked up
 * @param dialogs false where the client opens no dialogs
 * @param realNow real milliseconds, for the age of what is remembered and for throttling
 */
export function createTeamsPort(options: {
  connector: Connector;
  book: AddressBook;
  household: Household;
  dialogs: boolean;
  realNow?: () => number;
}): TeamsPort {
  const { connector, book, household, dialogs } = options;
  const realNow = options.realNow ?? Date.now;
  const profiles = new Map<string, { profile: Profile; at: number }>();
  /** Whose personal chat it is, for those that were asked for here. */
  const chatOf = new Map<string, Addressee>();
  const turns = createTurns({ realNow });
  /** Where something was last said, or tried to be. */
  let lastPlace: Place | null = null;
  const call = <T>(method: string, run: () => Promise<T>, person?: { name: string }): Promise<T> =>
    run().catch((error: unknown) => {
      throw toChatError(error, { method, person, now: realNow() });
    });
  const conversations = createConversations({ connector, book, call, realNow });
  const people = createPeople({ connector, book, household, call });
  const directory = createDirectory({ connector, book, home: household.tenants, call, realNow });

  function remember<T>(map: Map<string, T>, key: string, value: T): void {
    if (map.size >= MAX_REMEMBERED) map.clear();
    map.set(key, value);
  }

  /** The renderers ask for addresses one by one and at once, so they are looked up before. */
  async function addressesOf(persons: readonly PersonRef[]) {
    const addresses = new Map<string, string | null>();
    for (const { platform, userId } of persons) {
      if (platform !== 'teams' || addresses.has(userId)) continue;
      addresses.set(userId, (await people.addressee(userId))?.address ?? null);
    }
    return (person: PersonRef) =>
      (person.platform === 'teams' ? addresses.get(person.userId) : undefined) ?? null;
  }

  /** Everything that a message needs happens in its turn, or a slow look-up would change the order. */
  function inTurn<T>(
    method: string,
    conversation: string,
    run: (serviceUrl: string) => Promise<T>,
    knownServiceUrl?: string,
  ): Promise<T> {
    const chat = withoutThread(conversation);
    return turns.inTurn(chat, async () => {
      const serviceUrl = knownServiceUrl ?? (await book.serviceUrlOf(chat));
      if (serviceUrl === null) throw neverMet();
      lastPlace = { id: chat, serviceUrl };
      const owner = chatOf.get(chat);
      const person = owner ?? (chat.startsWith('19:') ? undefined : { name: 'This person' });
      try {
        return await run(serviceUrl);
      } catch (error) {
        const told = toChatError(error, { method, person, now: realNow() });
        if (error instanceof ConnectorError && error.status === 429) turns.rest(chat, told.retryAfterS);
        if (
          owner &&
          (told.kind === 'unreachable' || (told.kind === 'gone' && told.code === 'ConversationNotFound'))
        ) {
          chatOf.delete(chat);
          await book.lose(owner.tenant, owner.userId);
        }
        throw told;
      }
    });
  }

  return {
    platform: 'teams',

    async probe() {
      await call('token', connector.renewToken);
      const place = lastPlace ?? (await book.teams())[0];
      if (place) await askAt(place, call, connector);
    },

    async profile(userId, { fresh = false } = {}) {
      const id = userId.toLowerCase();
      const known = fresh ? undefined : profiles.get(id);
      if (known && realNow() - known.at < PROFILE_MAX_AGE_MS) return known.profile;
      const profile = await people.read(id);
      if (profile) remember(profiles, id, { profile, at: realNow() });
      return profile;
    },

    // All members of all teams are read for it, so also who asks for a fresh answer gets one of a minute's age.
    profileByEmail: (email) => directory.byMail(email),

    forget(userId) {
      profiles.delete(userId.toLowerCase());
      directory.forget();
    },

    conversation: (nameOrId) => conversations.find(nameOrId),

    async direct(userId) {
      const person = await people.addressee(userId.toLowerCase());
      if (!person) throw unreachable('never_met', 'They have to add Curfew in Teams first.');
      const chat = person.direct ?? (await openChat(person));
      remember(chatOf, chat, { ...person, direct: chat });
      return chat;
    },

    post: (conversation, card, { marker, thread }) =>
      inTurn('post', conversation, async (serviceUrl) => {
        const place = inThread(conversation, thread);
        const activity = await cardActivity(card, marker);
        return { conversation: place, message: await connector.send(serviceUrl, place, activity) };
      }),

    update: (ref, card, { marker }) =>
      inTurn('update', ref.conversation, async (serviceUrl) => {
        const activity = await cardActivity(card, marker);
        await connector.update(serviceUrl, ref.conversation, ref.message, activity);
      }),

    say: (conversation, line, { marker, thread }) =>
      inTurn('say', conversation, async (serviceUrl): Promise<MessageRef> => {
        const addressOf = await addressesOf(peopleInLine(line));
        const activity = toActivity(renderLine(line, { addressOf, marker }), toPlainText(line));
        const message = await connector.send(serviceUrl, inThread(conversation, thread), activity);
        return { conversation, message };
      }),

    find: async () => null,

    answer: (to, card, summary) =>
      inTurn(
        'answer',
        to.conversation,
        async (serviceUrl) => {
          const conversation = inThread(to.conversation, to.replyTo);
          await connector.send(serviceUrl, conversation, toActivity(card, summary));
        },
        to.serviceUrl,
      ),
  };

  async function openChat(person: Addressee): Promise<string> {
    const { address, tenant, serviceUrl } = person;
    if (address === null) throw unreachable('never_met', notAdded(person.name));
    const open = () => connector.createDirect(serviceUrl, { tenant, address });
    const chat = await call('createDirect', open, person);
    await book.meet({ ...person, direct: chat });
    await book.visit({ id: chat, tenant, serviceUrl });
    return chat;
  }

  async function cardActivity(card: Card, marker: string): Promise<object> {
    const addressOf = await addressesOf(peopleIn(card));
    return toActivity(renderCard(card, { marker, addressOf, dialogs }), summaryOf(card));
  }
}

/** A person that no tenant has. */
const NOBODY = '00000000-0000-0000-0000-000000000000';

/** Asks Teams for next to nothing. Whatever it says of that, a bot that it does not let in gets another answer. */
async function askAt({ id, serviceUrl }: Place, call: Call, connector: Connector): Promise<void> {
  try {
    await call('member', () => connector.member(serviceUrl, id, NOBODY));
  } catch (error) {
    if (!(error instanceof ChatError) || error.kind === 'retry' || error.kind === 'app-refused') throw error;
  }
}

function toActivity(content: AdaptiveCard, summary: string): object {
  return {
    type: 'message',
    summary: summary.slice(0, MAX_SUMMARY),
    attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', content }],
  };
}

/** https://learn.microsoft.com/microsoftteams/platform/bots/how-to/conversations/channel-and-group-conversations */
function inThread(conversation: string, thread: string | undefined): string {
  if (thread === undefined || !HAS_THREADS.test(conversation)) return conversation;
  return `${conversation};messageid=${thread}`;
}

function withoutThread(conversation: string): string {
  return conversation.split(';', 1)[0] ?? conversation;
}

function peopleIn(card: Card): PersonRef[] {
  const lines = card.body.flatMap((element): readonly Line[] => {
    if (element.kind === 'line') return [element.line];
    return element.kind === 'facts' ? element.facts.map(({ value }) => value) : [];
  });
  return [...[...lines, card.footer].flatMap(peopleInLine), ...(card.reserved?.people ?? [])];
}

function peopleInLine(line: Line): PersonRef[] {
  return line.flatMap((span) => (typeof span !== 'string' && 'person' in span ? [span.person] : []));
}

function neverMet(): ChatError {
  return new ChatError('retry', 'never_met', 'Curfew was never in this conversation of Teams.', {
    retryAfterS: NEVER_MET_WAIT_S,
    outcomeKnown: true,
  });
}
