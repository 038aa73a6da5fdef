/**
 * A whole Teams for flows: people, a team with channels, a group chat, a strict Bot Connector behind, and a
 * driver that sends the bot what Teams would, signed by a local issuer, so that the real checks run.
 *
 *     const teams = await startTeamsWorkspace();      // createTown({ teams }) gives the bot its settings
 *     await teams.say('ana', 'prod-dba 1h INC-1 why');
 *     const [card] = teams.messages('#access-approvals');
 *     await teams.close();                            // throws when Teams would have refused anything
 */
import type { TeamsSettings } from '../../src/config/environment.ts';
import { cardFaults, cardText, type Json } from './adaptive-cards.ts';
import { until } from './slack-workspace.ts';
import { BOT, mentionOf, TENANT } from './teams-activities.ts';
import { startTeamsConnector } from './teams-connector.ts';
import { startTeamsIssuer, type TokenParts } from './teams-issuer.ts';

export { TENANT };
export const BOT_TOKEN = 'token-of-the-tests';
export const OTHER_TENANT = '99999999-2222-4333-8444-555555555555';
const TEAM = { id: '19:general@thread.tacv2', name: 'Platform' };
const CHANNELS = ['access-approvals', 'security-alerts', 'dba'] as const;
const GROUP = '19:war-room@thread.v2';

const PEOPLE = ['ana', 'omar', 'lea', 'mia', 'sam', 'lin', 'eve'] as const;
export type TeamsHandle = (typeof PEOPLE)[number];
/** `#channel`, a group chat, or somebody's personal chat with Curfew. */
export type TeamsPlace = `#${string}` | 'group' | TeamsHandle;

const GUESTS: readonly TeamsHandle[] = ['sam', 'lin'];
/** What Teams lists of a member. Ana, Omar, Lea and Mia are full members, Sam and Lin guests, Eve of another tenant. */
const member = (handle: TeamsHandle) => ({
  id: addressOf(handle),
  objectId: objectIdOf(handle),
  name: handle,
  email: `${handle}@acme.test`,
  userPrincipalName: `${handle}@acme.test`,
  tenantId: TENANT,
  userRole: 'user',
  ...(GUESTS.includes(handle) && { userRole: 'guest', userPrincipalName: `${handle}_x.test#EXT#@acme.test` }),
  ...(handle === 'eve' && { tenantId: OTHER_TENANT }),
});
const addressOf = (handle: TeamsHandle) => `29:${handle}`;
export const objectIdOf = (handle: TeamsHandle) =>
  `aaaaaaaa-0000-4000-8000-00000000000${PEOPLE.indexOf(handle) + 1}`;
const channelId = (name: string) => `19:${name}@thread.tacv2`;
const conversationOf = (place: TeamsPlace) => {
  if (place === 'group') return GROUP;
  return place.startsWith('#') ? channelId(place.slice(1)) : `a:${addressOf(place as TeamsHandle)}`;
};

/** One of the bot's messages, as it is now. */
export interface TeamsMessage {
  readonly id: string;
  readonly conversation: string;
  /** The message that it answers. */
  readonly thread: string | null;
  readonly card: Json;
  /** What Curfew marks its own cards and lines with; '' on an answer. */
  readonly marker: string;
  readonly text: string;
}

/** One HTTP request to the bot and its answer. */
export interface TeamsDelivery {
  readonly status: number;
  readonly answer: Json | null;
  /** The same activity once more, as Teams repeats it. */
  again(): Promise<TeamsDelivery>;
}

/** @param installed who has added Curfew for themselves; everybody at home, unless said otherwise */
export async function startTeamsWorkspace(options: { installed?: readonly TeamsHandle[] } = {}) {
  const [issuer, connector] = await Promise.all([startTeamsIssuer(), startTeamsConnector()]);
  const violations: string[] = [];
  let botUrl = '';
  let activities = 0;
  let arrived = false;
  const greeted = new Set<TeamsHandle>();

  const everybody = PEOPLE.filter((handle) => handle !== 'eve').map(member);
  connector.roster(TEAM.id, everybody);
  for (const name of CHANNELS) connector.roster(channelId(name), everybody);
  connector.roster(GROUP, PEOPLE.map(member));
  connector.channels(TEAM.id, [
    { id: TEAM.id, name: null },
    ...CHANNELS.map((name) => ({ id: channelId(name), name, type: 'standard' })),
  ]);
  for (const handle of PEOPLE) connector.block(conversationOf(handle));

  /** What every activity has. Eve's own chats are her tenant's. */
  function activityOf(handle: TeamsHandle, place: TeamsPlace, thread: string | null = null) {
    activities += 1;
    const isChannel = place.startsWith('#');
    const tenant = handle === 'eve' && place === 'eve' ? OTHER_TENANT : TENANT;
    return {
      id: `f:${activities}`,
      channelId: 'msteams',
      serviceUrl: connector.serviceUrl,
      from: { id: addressOf(handle), name: handle, aadObjectId: objectIdOf(handle).toUpperCase() },
      recipient: BOT,
      conversation: {
        id: `${conversationOf(place)}${isChannel && thread ? `;messageid=${thread}` : ''}`,
        conversationType: isChannel ? 'channel' : place === 'group' ? 'groupChat' : 'personal',
        tenantId: tenant,
      },
      channelData: {
        tenant: { id: tenant },
        ...(isChannel && { team: TEAM, channel: { id: conversationOf(place) } }),
      },
      locale: 'en-US',
      localTimezone: 'Europe/Berlin',
      entities: [] as object[],
    };
  }

  async function deliver(activity: object, parts?: TokenParts): Promise<TeamsDelivery> {
    const response = await fetch(`${botUrl}/api/messages`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json; charset=utf-8',
        authorization: issuer.authorize(connector.serviceUrl, parts),
      },
      body: JSON.stringify(activity),
    });
    const text = await response.text();
    const answer = text === '' ? null : (JSON.parse(text) as Json);
    for (const card of cardsIn(answer)) note(card);
    return { status: response.status, answer, again: () => deliver(activity, parts) };
  }

  function note(card: Json): void {
    violations.push(...cardFaults(card).map((fault) => `${fault}, in: ${cardText(card).slice(0, 200)}`));
  }

  /** What the bot said somewhere, threads included, oldest first, as it is now. */
  function messages(place: TeamsPlace): TeamsMessage[] {
    const conversation = conversationOf(place);
    return [...connector.messages].flatMap(([id, message]) => {
      const card = cardsIn(message.activity)[0];
      if (!card || message.conversation !== conversation) return [];
      const [first] = card.body as readonly Json[];
      const { thread } = message;
      return [{ id, conversation, thread, card, marker: String(first?.id ?? ''), text: teamsText(card) }];
    });
  }
  const answers = (place: TeamsPlace) => messages(place).filter(({ marker }) => marker === '');

  /** Words to the bot, after its name where there are others. Not waited for: the answer is a message. */
  function say(handle: TeamsHandle, words: string, place: TeamsPlace = handle): Promise<TeamsDelivery> {
    const text = place === handle ? words : `<at>${BOT.name}</at>&nbsp;${words}\n`;
    const id = connector.said(conversationOf(place), { type: 'message', text });
    const base = activityOf(handle, place, id);
    const entities = place === handle ? [] : [mentionOf(BOT)];
    return deliver({ ...base, id, type: 'message', textFormat: 'plain', text, entities });
  }

  const teams = {
    settings: {
      credentials: issuer.credentials,
      tenantId: TENANT,
      dialogs: true,
    } satisfies TeamsSettings,
    connector,
    issuer,
    conversationOf,
    addressOf,
    talkTo(url: string): void {
      botUrl = url;
    },

    deliver,
    say,
    messages,
    answers,

    invoke(
      handle: TeamsHandle,
      name: string,
      value: unknown,
      on: { readonly place: TeamsPlace; readonly message: Pick<TeamsMessage, 'id' | 'thread'> | null },
    ): Promise<TeamsDelivery> {
      const { place, message } = on;
      const base = activityOf(handle, place, message && (message.thread ?? message.id));
      return deliver({ ...base, type: 'invoke', name, value, ...(message && { replyToId: message.id }) });
    },
    activityOf,

    /** Somebody adds Curfew for themselves, and is greeted; once. */
    async installs(handle: TeamsHandle): Promise<void> {
      if (greeted.has(handle)) return;
      greeted.add(handle);
      const conversation = conversationOf(handle);
      connector.unblock(conversation);
      connector.roster(conversation, [member(handle)]);
      const before = answers(handle).length;
      await deliver({ ...activityOf(handle, handle), type: 'installationUpdate', action: 'add' });
      await until(() => answers(handle).length > before, `${handle} to be greeted`);
    },
    /** Somebody removes Curfew for themselves, and Teams says so. */
    async uninstalls(handle: TeamsHandle): Promise<void> {
      greeted.delete(handle);
      connector.block(conversationOf(handle));
      const removed = { ...activityOf(handle, handle), type: 'installationUpdate', action: 'remove' };
      const { status } = await deliver(removed);
      if (status !== 200) throw new Error(`the removal was answered with ${status}`);
    },
    /** Somebody removes Curfew, or blocks it, and Teams tells nobody. */
    blocks: (handle: TeamsHandle) => connector.block(conversationOf(handle)),
    unblocks: (handle: TeamsHandle) => connector.unblock(conversationOf(handle)),

    /** Mia adds Curfew to the team, and people add it for themselves: once, however many Curfews there are. */
    async arrive(): Promise<void> {
      if (arrived) return;
      arrived = true;
      const { conversation, channelData, ...base } = activityOf('mia', '#dba');
      await deliver({
        ...base,
        conversation: { ...conversation, id: TEAM.id },
        channelData: { ...channelData, channel: { id: TEAM.id } },
        type: 'installationUpdate',
        action: 'add',
      });
      const welcome = () => [...connector.messages.values()].some((said) => said.conversation === TEAM.id);
      await until(welcome, 'the team to be greeted');
      const installed = options.installed ?? (['ana', 'omar', 'lea', 'mia'] as const);
      await Promise.all(installed.map((handle) => teams.installs(handle)));
    },

    /** They are no members of the tenant any more: nobody finds them. */
    leaves(handle: TeamsHandle): void {
      const rest = everybody.filter(({ id }) => id !== addressOf(handle));
      connector.roster(TEAM.id, rest);
      for (const name of CHANNELS) connector.roster(channelId(name), rest);
      connector.roster(GROUP, rest);
      connector.roster(conversationOf(handle), []);
    },

    until,
    async close(): Promise<void> {
      for (const { authorization, path, body } of connector.calls) {
        cardsIn(body).forEach(note);
        if (authorization !== `Bearer ${BOT_TOKEN}`) violations.push(`a call without the token: ${path}`);
      }
      await Promise.all([connector.close(), issuer.close()]);
      if (violations.length > 0) throw new Error(`Teams would refuse:\n${violations.join('\n')}`);
    },
  };
  return teams;
}

export type TeamsWorkspace = Awaited<ReturnType<typeof startTeamsWorkspace>>;

/** Every Adaptive Card in a message or in the answer to an invoke. */
export function cardsIn(node: unknown): Json[] {
  if (Array.isArray(node)) return node.flatMap(cardsIn);
  if (typeof node !== 'object' || node === null) return [];
  if ('type' in node && node.type === 'AdaptiveCard') return [node as Json];
  return Object.values(node).flatMap(cardsIn);
}

/** What people read on a card, dates as everywhere in the tests: `2026-11-20 15:00 UTC`. */
export function teamsText(card: Json): string {
  return cardText(card)
    .replace(/\{\{TIME\((\S{10})T(\S{5}):\S+\)\}\} on \{\{DATE\([^)]*\)\}\}/g, '$1 $2 UTC')
    .replace(/\{\{DATE\((\S{10})T[^)]*\)\}\}/g, '$1')
    .replace(/<\/?at>/g, '');
}
