/** People at work in Slack, as the bot sees them: signed requests of the shapes that Slack sends. */
import { createHmac, randomBytes } from 'node:crypto';
import { optionsFaults, viewAnswerFaults } from '../../src/playground/workspace/block-kit.ts';
import { isRecord } from './slack-web-api.ts';

export interface Person {
  readonly id: string;
  /** The handle, such as `ana`. */
  readonly handle: string;
  readonly email: string;
}
interface Block {
  readonly type: string;
  readonly block_id?: string;
  readonly elements?: readonly Element[];
  readonly element?: Element;
  readonly optional?: boolean;
}
interface Element {
  readonly type: string;
  readonly action_id?: string;
  readonly value?: string;
  readonly initial_value?: string;
  readonly initial_option?: unknown;
  readonly options?: readonly { readonly value: string }[];
}
export interface Message {
  readonly channel: string;
  readonly ts: string;
  readonly text: string;
  readonly thread_ts?: string;
  readonly blocks: readonly Block[];
}
export interface View {
  readonly id: string;
  readonly hash: string;
  readonly type: string;
  readonly callback_id: string;
  readonly private_metadata: string;
  readonly title: { readonly text: string } | null;
  readonly blocks: readonly Block[];
}
/** One HTTP request to the bot and its answer. */
export interface Delivery {
  readonly status: number;
  /** Parsed where it is JSON, else the text. */
  readonly answer: unknown;
  /** The same bytes once more, as Slack repeats them. */
  again(): Promise<Delivery>;
}

interface Raw {
  readonly body: string | Buffer;
  readonly contentType: string;
  /** Real seconds added to the clock of the signature. */
  readonly skewS?: number;
  readonly secret?: string;
  readonly headers?: Record<string, string>;
}

export interface SlackDriverOptions {
  readonly workspace: string;
  readonly signingSecret: string;
  /** Where the bot listens now, without a path. */
  readonly botUrl: () => string;
  readonly person: (handle: string) => Person;
  readonly trigger: (person: Person) => Promise<string>;
  readonly responseUrl: (id: string) => string;
  readonly noteViolations: (found: readonly string[]) => void;
}

export function createSlackDriver(options: SlackDriverOptions) {
  const { workspace, person } = options;
  const ownTeams = new Map<string, string>();

  async function send(raw: Raw): Promise<Delivery> {
    const timestamp = String(Math.floor(Date.now() / 1000) + (raw.skewS ?? 0));
    const mac = createHmac('sha256', raw.secret ?? options.signingSecret);
    const signature = mac.update(`v0:${timestamp}:`).update(raw.body).digest('hex');
    const response = await fetch(`${options.botUrl()}/slack/events`, {
      method: 'POST',
      headers: {
        'content-type': raw.contentType,
        'x-slack-request-timestamp': timestamp,
        'x-slack-signature': `v0=${signature}`,
        ...raw.headers,
      },
      body: typeof raw.body === 'string' ? raw.body : new Uint8Array(raw.body),
    });
    const text = await response.text();
    return { status: response.status, answer: jsonOrText(text), again: () => send(raw) };
  }

  const form = (fields: Record<string, string>) =>
    send({ body: String(new URLSearchParams(fields)), contentType: 'application/x-www-form-urlencoded' });
  const interactive = (payload: object) => form({ payload: JSON.stringify(payload) });

  async function envelope(who: Person) {
    const own = ownTeams.get(who.handle) ?? workspace;
    const user = { id: who.id, username: who.handle, name: who.handle, team_id: own };
    const team = { id: workspace, domain: 'acme' };
    return { team, user, api_app_id: 'A0CURFEW', token: 'legacy', trigger_id: await options.trigger(who) };
  }

  return {
    /** Any request, signed unless the headers say otherwise. */
    send,
    interactive,

    /** From now on their clicks and forms name this team as their own; commands name where they were said. */
    ownTeam: (handle: string, team: string) => void ownTeams.set(handle, team),

    /** `text` as typed; `@ana`, `#dba` and web addresses are escaped as Slack does for `should_escape`. */
    async command(handle: string, text: string, over: Record<string, string> = {}): Promise<Delivery> {
      const who = person(handle);
      return form({
        token: 'legacy',
        team_id: workspace,
        team_domain: 'acme',
        channel_id: 'C0WHERE',
        channel_name: 'somewhere',
        user_id: who.id,
        user_name: who.handle,
        command: '/elevate',
        text: escapeAsSlack(text, person),
        api_app_id: 'A0CURFEW',
        is_enterprise_install: 'false',
        response_url: options.responseUrl(`command-${handle}-${randomBytes(4).toString('hex')}`),
        trigger_id: await options.trigger(who),
        ...over,
      });
    },

    /** Presses the button for `verb`, on a message or on the home page; `id` where there are several. */
    async click(handle: string, on: Message | View, verb: string, choose: { id?: string } = {}) {
      const found = findButton(on.blocks, verb, choose.id);
      const where =
        'ts' in on
          ? {
              container: { type: 'message', message_ts: on.ts, channel_id: on.channel, is_ephemeral: false },
              channel: { id: on.channel, name: 'somewhere' },
              message: { type: 'message', ts: on.ts, text: on.text, blocks: on.blocks },
              response_url: options.responseUrl(`click-${handle}-${randomBytes(4).toString('hex')}`),
            }
          : { container: { type: 'view', view_id: on.id }, view: on };
      return interactive({
        type: 'block_actions',
        ...(await envelope(person(handle))),
        ...where,
        actions: [{ ...found, action_ts: String(Date.now() / 1000) }],
      });
    },

    /** Fills the form in and sends it; what is not in `values` stays as it was opened. */
    async submit(handle: string, view: View, values: Record<string, string> = {}): Promise<Delivery> {
      const state: Record<string, Record<string, unknown>> = {};
      for (const block of view.blocks) {
        if (block.type !== 'input' || !block.block_id || !block.element?.action_id) continue;
        const filled = fill(block.element, values[block.block_id]);
        const empty = !(filled.value ?? filled.selected_option);
        if (empty && !block.optional)
          throw new Error(`Slack does not send the form: ${block.block_id} is empty`);
        state[block.block_id] = { [block.element.action_id]: filled };
      }
      const delivery = await interactive({
        type: 'view_submission',
        ...(await envelope(person(handle))),
        view: { ...view, team_id: workspace, state: { values: state } },
        response_urls: [],
      });
      if (delivery.answer !== '') options.noteViolations(viewAnswerFaults(delivery.answer));
      return delivery;
    },

    /** What the role field offers while `typed` stands in it. */
    async options(handle: string, typed: string): Promise<{ label: string; value: string }[]> {
      const { trigger_id: _none, ...rest } = await envelope(person(handle));
      const delivery = await interactive({
        type: 'block_suggestion',
        ...rest,
        action_id: 'curfew:role',
        block_id: 'role',
        value: typed,
        container: { type: 'view', view_id: 'V0FORM' },
      });
      options.noteViolations(optionsFaults(delivery.answer));
      const list =
        isRecord(delivery.answer) && Array.isArray(delivery.answer.options) ? delivery.answer.options : [];
      return list.map((option) => ({ label: option.text.text, value: option.value }));
    },

    async event(type: string, fields: object, envelopeOver: object = {}): Promise<Delivery> {
      const body = JSON.stringify({
        token: 'legacy',
        team_id: workspace,
        api_app_id: 'A0CURFEW',
        type: 'event_callback',
        event_id: `Ev${randomBytes(5).toString('hex').toUpperCase()}`,
        event_time: Math.floor(Date.now() / 1000),
        event: { type, event_ts: '1700000000.000100', ...fields },
        ...envelopeOver,
      });
      return send({ body, contentType: 'application/json' });
    },
  };
}

/** The button for `verb`; of several, the one for `id`. */
export function findButton(blocks: readonly Block[], verb: string, id?: string) {
  for (const block of blocks) {
    for (const element of block.elements ?? []) {
      const [, its] = (element.action_id ?? '').split(':');
      if (element.type === 'button' && its === verb && (id === undefined || element.value === id)) {
        return { ...element, action_id: element.action_id ?? '', block_id: block.block_id ?? 'b0' };
      }
    }
  }
  throw new Error(`There is no button "${verb}" here`);
}

/** A value typed or chosen; null, as Slack sends it, when there is none. */
function fill(
  element: Element,
  value: string | undefined,
): { type: string; value?: unknown; selected_option?: unknown } {
  if (element.type === 'static_select') {
    const chosen = value ? element.options?.find((option) => option.value === value) : element.initial_option;
    if (value && !chosen) throw new Error(`${value} is not offered`);
    return { type: element.type, selected_option: chosen ?? null };
  }
  if (element.type !== 'external_select') {
    return { type: element.type, value: (value ?? element.initial_value) || null };
  }
  const chosen = value ? { text: { type: 'plain_text', text: value }, value } : element.initial_option;
  return { type: element.type, selected_option: chosen ?? null };
}

function escapeAsSlack(text: string, person: (handle: string) => Person): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replace(/https?:\/\/\S+/g, (url) => `<${url}>`)
    .replace(/(?<=^|\s)@([a-z]+)/g, (_all, handle: string) => `<@${person(handle).id}|${handle}>`)
    .replace(
      /(?<=^|\s)#([a-z-]+)/g,
      (_all, name: string) => `<#C0${name.toUpperCase().replaceAll('-', '')}|${name}>`,
    );
}

function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
