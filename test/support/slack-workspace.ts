/**
 * A whole Slack workspace for tests: people, channels, emulate's Web API behind a strict gateway, and a
 * driver that speaks to the bot as Slack would.
 *
 *     const slack = await startSlackWorkspace();      // give the bot slack.apiUrl, botToken, signingSecret
 *     slack.talkTo(botUrl);                           // again after a restart of the bot
 *     await slack.command('ana', 'prod-dba 1h INC-1 why');
 *     const card = await slack.waitForMessage('access-approvals', (m) => visibleText(m).includes('Ana asks'));
 *     await slack.click('omar', card, 'approve');
 *     await slack.close();                            // throws when Slack would have refused anything
 */

import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { createEmulator } from 'emulate';
import { messageFaults } from '../../src/playground/workspace/block-kit.ts';
import { PATIENCE_MS } from './patience.ts';
import { createSlackDriver, type Delivery, type Message, type Person, type View } from './slack-driver.ts';
import { isRecord, startSlackWebApi } from './slack-web-api.ts';
import { visibleText } from './visible-text.ts';

const WORKSPACE = 'T000000001';
const BOT_USER = 'U0CURFEWBOT';
const BOT_TOKEN = 'xoxb-of-the-tests';
const OBSERVER_TOKEN = 'xoxb-observer';
const SIGNING_SECRET = 'signing-secret-of-the-tests';

const PEOPLE = ['ana', 'omar', 'lea', 'mia', 'sam', 'dee', 'zoe'] as const;
export type Handle = (typeof PEOPLE)[number];
/** What emulate cannot say of people. */
const STANDING: Partial<Record<Handle, object>> = {
  sam: { is_restricted: true },
  dee: { deleted: true },
  zoe: { is_stranger: true, team_id: 'T0OUTSIDE', tz: undefined },
};
const CHANNELS = ['access-approvals', 'security-alerts', 'dba'] as const;

export interface Ephemeral {
  readonly user: string;
  readonly text: string;
  readonly blocks: Message['blocks'];
}

/** Ana, Omar, Lea and Mia are full members, Sam a guest, Dee deactivated, Zoe from another workspace. */
export async function startSlackWorkspace() {
  const upstream = await startEmulator();
  const api = await startSlackWebApi({ upstream: upstream.url });
  const ask = (method: string, body: Record<string, string> = {}) => askSlack(upstream.url, method, body);

  const people = new Map<string, Person>();
  for (const member of list((await ask('users.list', { limit: '1000' })).members)) {
    const [handle, id] = [String(member.name), String(member.id)];
    people.set(handle, { id, handle, email: `${handle}@acme.test` });
  }
  const person = (handle: string) => known(people.get(handle), `nobody is called ${handle}`);
  for (const handle of PEOPLE)
    if (STANDING[handle]) api.patchUser(person(handle).id, { ...STANDING[handle] });

  const channelIds = new Map<string, string>();
  for (const channel of list((await ask('conversations.list', { limit: '1000' })).channels)) {
    channelIds.set(String(channel.name), String(channel.id));
  }
  const channel = (name: string) =>
    known(channelIds.get(name.replace(/^#/, '')), `there is no channel ${name}`);

  let botUrl = '';
  const triggers = new Map<string, string>();
  const answeredViews = new Map<string, 'closed' | View>();

  async function trigger(who: Person): Promise<string> {
    const answer = await ask('views.generateTriggerId', { user_id: who.id });
    triggers.set(String(answer.trigger_id), who.handle);
    return String(answer.trigger_id);
  }

  const driver = createSlackDriver({
    workspace: WORKSPACE,
    signingSecret: SIGNING_SECRET,
    botUrl: () => botUrl,
    person,
    trigger,
    responseUrl: api.responseUrl,
    noteViolations: api.noteViolations,
  });

  /** The modals that `handle` has open, the latest last. */
  function openViews(handle: Handle): View[] {
    const views = new Map<string, View>();
    for (const { method, body, answer } of api.calls) {
      if (!isRecord(answer.view) || answer.view.type !== 'modal') continue;
      const view = answer.view as unknown as View;
      if (method === 'views.update' && views.has(view.id)) views.set(view.id, view);
      if (method === 'views.open' && triggers.get(body.trigger_id ?? '') === handle) views.set(view.id, view);
    }
    return [...views.values()].flatMap((view) => {
      const answered = answeredViews.get(view.id);
      return answered === 'closed' ? [] : [answered ?? view];
    });
  }

  async function history(id: string): Promise<Message[]> {
    const messages = list((await ask('conversations.history', { channel: id, limit: '1000' })).messages);
    return messages.reverse().map((message) => toMessage(id, message));
  }

  async function dms(handle: Handle): Promise<Message[]> {
    const opened = await ask('conversations.open', { users: person(handle).id });
    return isRecord(opened.channel) ? history(String(opened.channel.id)) : [];
  }

  const workspace = {
    workspace: WORKSPACE,
    botUser: BOT_USER,
    botToken: BOT_TOKEN,
    signingSecret: SIGNING_SECRET,
    apiUrl: api.apiUrl,
    api,
    person: (handle: Handle) => person(handle),
    channel,
    talkTo(url: string): void {
      botUrl = url.replace(/\/$/, '');
    },

    send: driver.send,
    interactive: driver.interactive,
    options: driver.options,
    event: driver.event,
    click: driver.click,
    ownTeam: driver.ownTeam,

    async command(handle: Handle, text: string, over: Record<string, string> = {}): Promise<Delivery> {
      const delivery = await driver.command(handle, text, over);
      if (isRecord(delivery.answer)) {
        api.noteViolations(messageFaults(delivery.answer).map((fault) => `answer to a command: ${fault}`));
        api.noteShown(`command-${handle}`, delivery.answer);
      }
      return delivery;
    },

    async submit(handle: Handle, view: View, values: Record<string, string> = {}): Promise<Delivery> {
      const delivery = await driver.submit(handle, view, values);
      const answer = isRecord(delivery.answer) ? delivery.answer : {};
      if (answer.response_action === 'update')
        answeredViews.set(view.id, { ...view, ...(answer.view as View) });
      else if (answer.response_action !== 'errors' && delivery.status === 200)
        answeredViews.set(view.id, 'closed');
      return delivery;
    },

    /** Top-level messages, oldest first. */
    messages: (name: string) => history(channel(name)),
    dms,
    openViews,
    /** A card's thread, oldest first, without the card. */
    async thread(message: Message): Promise<Message[]> {
      const answer = await ask('conversations.replies', { channel: message.channel, ts: message.ts });
      return list(answer.messages)
        .map((reply) => toMessage(message.channel, reply))
        .filter(({ ts }) => ts !== message.ts);
    },
    /** What only `handle` was shown, in order. */
    ephemerals: (handle: Handle): Ephemeral[] =>
      api.shown
        .filter(({ id }) => id.split('-')[1] === handle)
        .map(({ payload }) => toEphemeral(handle, payload)),
    /** The home page as last published; null before. */
    home(handle: Handle): View | null {
      const published = api.calls.findLast(
        ({ method, body }) => method === 'views.publish' && body.user_id === person(handle).id,
      );
      return isRecord(published?.answer.view) ? (published.answer.view as unknown as View) : null;
    },

    until,
    waitForMessage: (name: string, match: (message: Message) => boolean) =>
      until(async () => (await history(channel(name))).find(match), `a message in #${name}`),
    waitForDm: (handle: Handle, match: (message: Message) => boolean) =>
      until(async () => (await dms(handle)).find(match), `a message to ${handle}`),
    waitForView: (handle: Handle) => until(() => openViews(handle).at(-1), `a form for ${handle}`),
    waitForEphemeral: (handle: Handle, words: string | RegExp) =>
      until(
        () => workspace.ephemerals(handle).find((shown) => new RegExp(words).test(visibleText(shown))),
        `${handle} being told ${words}`,
      ),

    /** Throws when Slack would have refused a message, view or answer. */
    check(): void {
      if (api.violations.length > 0) throw new Error(`Slack would refuse:\n${api.violations.join('\n')}`);
    },
    async close(): Promise<void> {
      await Promise.all([api.close(), upstream.close()]);
      workspace.check();
    },
  };
  return workspace;
}

export type SlackWorkspace = Awaited<ReturnType<typeof startSlackWorkspace>>;

/** What takes long is asked for less often: the emulated workspace counts what it is asked in an hour. */
const LONGEST_PAUSE_MS = 250;

/** Asks again until there is an answer; the bound only says when to call it a failure. */
export async function until<T>(
  look: () => Promise<T | undefined | null | false> | T | undefined | null | false,
  what = 'a condition',
  boundMs = PATIENCE_MS,
): Promise<T> {
  const end = Date.now() + boundMs;
  for (let waitMs = 15; ; waitMs = Math.min(waitMs * 1.1, LONGEST_PAUSE_MS)) {
    const found = await look();
    if (found) return found;
    if (Date.now() > end) throw new Error(`Waited ${boundMs} ms in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, waitMs));
  }
}

async function startEmulator() {
  const manifest = JSON.parse(readFileSync(new URL('../../manifest.json', import.meta.url), 'utf8'));
  const app = { app_id: 'A0CURFEW', client_id: '1.1', bot_id: 'B0CURFEW', bot_user_id: BOT_USER };
  const slack = {
    // The bot gets the scopes of the manifest and not one more.
    strict_scopes: true,
    users: PEOPLE.map((name) => ({ name, real_name: title(name), email: `${name}@acme.test` })),
    oauth_apps: [{ ...app, client_secret: 'x', name: 'Curfew', bot_name: 'curfew', redirect_uris: [] }],
    tokens: [
      { token: BOT_TOKEN, user: BOT_USER, ...app, scopes: manifest.oauth_config.scopes.bot },
      { token: OBSERVER_TOKEN, user: BOT_USER, ...app },
    ],
    channels: CHANNELS.map((name) => ({ name })),
  };
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  const emulator = await createEmulator({ service: 'slack', port, seed: { slack } });
  const url = `http://127.0.0.1:${port}`;
  await until(
    () =>
      askSlack(url, 'auth.test', {}).then(
        ({ ok }) => ok === true,
        () => false,
      ),
    'emulate',
  );
  return { url, close: () => emulator.close() };
}

async function askSlack(url: string, method: string, body: Record<string, string>) {
  const response = await fetch(`${url}/api/${method}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${OBSERVER_TOKEN}` },
    body: new URLSearchParams(body),
  });
  return (await response.json()) as Record<string, unknown>;
}

function toMessage(channel: string, message: Record<string, unknown>): Message {
  return { blocks: [], ...message, channel } as unknown as Message;
}

function toEphemeral(user: string, payload: Record<string, unknown>): Ephemeral {
  return { user, text: String(payload.text ?? ''), blocks: (payload.blocks ?? []) as Message['blocks'] };
}

function list(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}

function known<T>(value: T | undefined, otherwise: string): T {
  if (value === undefined) throw new Error(otherwise);
  return value;
}

function title(name: string): string {
  return `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
}
