/**
 * The playground's Slack under the driver that flows know from emulate's: what people do here goes through
 * the workspace's own acts, so that its limits and checks are in the way.
 */
import { readFileSync } from 'node:fs';
import type {
  ConversationView,
  FieldValue,
  MessageView,
  Handle as Resident,
} from '../../src/playground/protocol.ts';
import { TEAM } from '../../src/playground/workspace/ids.ts';
import { MAIL_DOMAIN } from '../../src/playground/workspace/people.ts';
import { createWorkspace } from '../../src/playground/workspace/workspace.ts';
import { PATIENCE_MS } from './patience.ts';
import { createSlackDriver, type Delivery, findButton, type Message, type View } from './slack-driver.ts';
import { startSlackWebApi } from './slack-web-api.ts';
import { type Handle, type SlackWorkspace, until } from './slack-workspace.ts';
import { visibleText } from './visible-text.ts';

const RESIDENTS = ['ana', 'omar', 'lea', 'mia', 'sam'] as const;
const BOT_TOKEN = 'xoxb-of-the-playground';
const SIGNING_SECRET = 'signing-secret-of-the-playground';

export interface PlaygroundSlack extends SlackWorkspace {
  /** Switches the playground's own faults on and off. */
  setFaults(faults: { slackDown: boolean; flakyNetwork: boolean }): void;
}

/**
 * Ana, Omar, Lea and Mia are full members, Sam a guest. Dee and Zoe do not live here.
 *
 * @param options.direct the bot calls the playground itself; otherwise through the gateway, by which tests
 * put faults of their own in the way. Then too a busy machine is no bot that does not answer.
 */
export async function startPlaygroundSlack(options: { direct?: boolean } = {}): Promise<PlaygroundSlack> {
  const playground = createWorkspace({
    people: RESIDENTS.map((handle) => ({
      handle,
      name: handle,
      part: '',
      standing: handle === 'sam' ? 'guest' : 'full',
    })),
    channels: ['access-approvals', 'security-alerts', 'dba'],
    botToken: BOT_TOKEN,
    signingSecret: SIGNING_SECRET,
    now: () => new Date(),
    ...(!options.direct && { answerWithinMs: PATIENCE_MS }),
    manifest: JSON.parse(readFileSync(new URL('../../manifest.json', import.meta.url), 'utf8')),
  });
  const { apiUrl } = await playground.start();
  // Passes everything on, and lets a test put faults in the way.
  const api = await startSlackWebApi({ upstream: apiUrl.replace(/\/api\/$/, '') });
  let botUrl = '';

  function person(handle: string) {
    const found = playground.view('ana').people.find((each) => each.handle === handle);
    if (!found) throw new Error(`nobody is called ${handle} here`);
    return { id: found.id, handle, email: `${handle}@${MAIL_DOMAIN}` };
  }
  const raw = createSlackDriver({
    workspace: TEAM.id,
    signingSecret: SIGNING_SECRET,
    botUrl: () => botUrl,
    person,
    trigger: async () => 'no.such.trigger',
    responseUrl: api.responseUrl,
    noteViolations: api.noteViolations,
  });

  const perform = (handle: string, ...[act]: Tail<Parameters<typeof playground.perform>>) =>
    playground.perform(handle as Resident, act);
  const conversations = (handle: string) => playground.view(handle as Resident).conversations;
  function channel(name: string): ConversationView {
    const found = conversations('ana').find((each) => `#${each.name}` === `#${name.replace(/^#/, '')}`);
    if (!found) throw new Error(`there is no channel ${name}`);
    return found;
  }
  const messages = async (name: string) => publicMessages(channel(name));
  const dms = async (handle: Handle) => {
    const direct = conversations(handle).find(({ kind }) => kind === 'dm');
    return direct ? publicMessages(direct) : [];
  };
  const openViews = (handle: Handle): View[] =>
    playground
      .view(handle as Resident)
      .modals.map(({ id, title, blocks }) => view('modal', id, title, blocks));

  async function findOptions(handle: Handle, viewId: string, typed: string) {
    const open = openViews(handle).find(({ id }) => id === viewId);
    const block = open?.blocks.find(({ element }) => element?.type === 'external_select');
    const { block_id: blockId = '', element } = block ?? {};
    const { answer } = await perform(handle, {
      do: 'options',
      view: viewId,
      blockId,
      actionId: element?.action_id ?? '',
      typed,
    });
    if (!answer.ok) throw new Error(answer.error);
    return answer.options ?? [];
  }

  async function fieldValue(
    handle: Handle,
    viewId: string,
    type: string,
    value: string,
  ): Promise<FieldValue> {
    if (type !== 'external_select') return { type: 'plain_text_input', value };
    const offered = await findOptions(handle, viewId, value);
    const chosen = offered.find((option) => option.value === value);
    if (!chosen) throw new Error(`${value} is not among the options`);
    return { type, selected_option: chosen };
  }

  const workspace: PlaygroundSlack = {
    setFaults: playground.setFaults,
    ownTeam: () => {},
    workspace: TEAM.id,
    botUser: 'U0CURFEWBOT',
    botToken: BOT_TOKEN,
    signingSecret: SIGNING_SECRET,
    apiUrl: options.direct ? apiUrl : api.apiUrl,
    api,
    person,
    channel: (name) => channel(name).id,
    talkTo(url) {
      botUrl = url.replace(/\/$/, '');
      playground.talkTo(botUrl);
    },
    send: raw.send,
    interactive: raw.interactive,
    event: async (type, fields) => delivered(await playground.event(type, { ...fields })),

    async options(handle, typed) {
      const asker = handle as Handle;
      const isRoleForm = ({ blocks }: View) =>
        blocks.some(({ element }) => element?.type === 'external_select');
      let open = openViews(asker).findLast(isRoleForm);
      const opened = !open;
      if (!open) await workspace.command(asker, '');
      open ??= openViews(asker).at(-1);
      const found = await findOptions(asker, open?.id ?? '', typed);
      if (opened && open) await perform(handle, { do: 'close-modal', view: open.id });
      return found.map(({ text, value }) => ({ label: text.text, value }));
    },

    async click(handle, on, verb, choose = {}) {
      const { block_id: blockId, action_id: actionId } = findButton(on.blocks, verb, choose.id);
      const where =
        'ts' in on ? { conversation: on.channel, ts: on.ts } : { conversation: 'home' as const, ts: null };
      const { delivery, answer } = await perform(handle, { do: 'click', ...where, blockId, actionId });
      return delivered(delivery, answer);
    },

    async command(handle, text) {
      const said = { do: 'say', conversation: channel('dba').id, text: `/elevate ${text}` } as const;
      const { delivery, answer } = await perform(handle, said);
      return delivered(delivery, answer);
    },

    async submit(handle, form, values = {}) {
      const filled: Record<string, Record<string, FieldValue>> = {};
      for (const { block_id: id, element } of form.blocks) {
        const value = id === undefined ? undefined : values[id];
        if (!id || !element?.action_id || value === undefined) continue;
        filled[id] = { [element.action_id]: await fieldValue(handle, form.id, element.type, value) };
      }
      const { delivery, answer } = await perform(handle, { do: 'submit', view: form.id, values: filled });
      const faults =
        playground.view(handle as Resident).modals.find(({ id }) => id === form.id)?.errors ?? {};
      if (!delivery && Object.keys(faults).length > 0)
        throw new Error(`Slack does not send the form: ${Object.keys(faults).join(', ')} is empty`);
      return delivered(delivery, answer);
    },

    messages,
    dms,
    openViews,
    async thread(message) {
      const top = conversations('ana')
        .concat(conversations('omar'), conversations('lea'), conversations('mia'), conversations('sam'))
        .find(({ id }) => id === message.channel)
        ?.messages.find(({ ts }) => ts === message.ts);
      return (top?.replies ?? []).map((reply) => toMessage(message.channel, reply));
    },
    ephemerals: (handle) =>
      conversations(handle)
        .flatMap(({ id, messages: top }) =>
          top.flatMap((each) => [each, ...each.replies]).map((each) => ({ id, each })),
        )
        .filter(({ each }) => each.ephemeral)
        .sort((a, b) => Number(a.each.ts) - Number(b.each.ts))
        .map(({ id, each }) => ({ user: handle, text: each.text, blocks: toMessage(id, each).blocks })),
    home(handle) {
      const { home } = playground.view(handle as Resident);
      return home && view('home', `home-of-${handle}`, '', home);
    },

    until,
    waitForMessage: (name, match) =>
      until(async () => (await messages(name)).find(match), `a message in #${name}`),
    waitForDm: (handle, match) =>
      until(async () => (await dms(handle)).find(match), `a message to ${handle}`),
    waitForView: (handle) => until(() => openViews(handle).at(-1), `a form for ${handle}`),
    waitForEphemeral: (handle, words) =>
      until(
        () => workspace.ephemerals(handle).find((shown) => new RegExp(words).test(visibleText(shown))),
        `${handle} being told ${words}`,
      ),

    check() {
      const refused = [...playground.violations(), ...api.violations];
      if (refused.length > 0) throw new Error(`Slack would refuse:\n${refused.join('\n')}`);
    },
    async close() {
      await Promise.all([api.close(), playground.stop()]);
      workspace.check();
    },
  };
  return workspace;
}

type Tail<T extends readonly unknown[]> = T extends readonly [unknown, ...infer Rest] ? Rest : never;

function delivered(
  delivery: (Omit<Delivery, 'again'> & { again(): Promise<Omit<Delivery, 'again'>> }) | null,
  told?: { readonly ok: boolean; readonly error?: string },
): Delivery {
  if (!delivery) throw new Error(`Slack sent nothing to the bot: ${told?.error ?? 'it is not subscribed'}`);
  return delivery as Delivery;
}

function publicMessages({ id, messages }: ConversationView): Message[] {
  return messages.filter(({ ephemeral }) => !ephemeral).map((message) => toMessage(id, message));
}

function toMessage(channel: string, { ts, text, blocks }: MessageView): Message {
  return { channel, ts, text, blocks: blocks as unknown as Message['blocks'] };
}

function view(type: string, id: string, title: string, blocks: readonly unknown[]): View {
  const untold = { hash: '', callback_id: '', private_metadata: '' };
  return { ...untold, id, type, title: title ? { text: title } : null, blocks: blocks as View['blocks'] };
}
