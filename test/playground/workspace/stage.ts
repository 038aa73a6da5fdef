/** A workspace with a clock that stands still and a bot that answers as the test says. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { webApi } from '@slack/bolt';
import type { Handle, MessageView, ModalView } from '../../../src/playground/protocol.ts';
import type { Json } from '../../../src/playground/workspace/json.ts';
import { createWorkspace } from '../../../src/playground/workspace/workspace.ts';

export const BOT_TOKEN = 'xoxb-of-the-stage';
export const SIGNING_SECRET = 'signing-secret-of-the-stage';
export const MANIFEST = JSON.parse(readFileSync(new URL('../../../manifest.json', import.meta.url), 'utf8'));

/** What reached the bot: the fields of a command, the payload of a click, or an event. */
interface Heard {
  readonly headers: IncomingHttpHeaders;
  readonly raw: string;
  readonly payload: Json;
}
type Answer = { readonly status?: number; readonly json?: unknown } | 'nothing';

async function startBot() {
  const heard: Heard[] = [];
  let answer: (payload: Json) => Answer = () => ({});
  const waiting: (() => void)[] = [];
  const server = createServer(async (request, response) => {
    let raw = '';
    for await (const chunk of request) raw += chunk;
    const payload = parsed(raw, request.headers['content-type'] ?? '');
    const given = answer(payload);
    heard.push({ headers: request.headers, raw, payload });
    for (const wake of waiting.splice(0)) wake();
    if (given === 'nothing') return;
    const body = given.json === undefined ? '' : JSON.stringify(given.json);
    response.writeHead(given.status ?? 200, { 'content-type': 'application/json' }).end(body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    heard: heard as readonly Heard[],
    /** From now on. `nothing`: it hears, and is silent. */
    answers(give: (payload: Json) => Answer): void {
      answer = give;
    },
    /** Resolves when that many requests have come. */
    async hears(count: number): Promise<void> {
      while (heard.length < count) await new Promise<void>((resolve) => waiting.push(resolve));
    },
    async close(): Promise<void> {
      server.close();
      server.closeAllConnections();
    },
  };
}

function parsed(raw: string, type: string): Json {
  if (type.startsWith('application/json')) return JSON.parse(raw);
  const fields = Object.fromEntries(new URLSearchParams(raw));
  return fields.payload ? JSON.parse(fields.payload) : fields;
}

/** Timers that run when the test says so. */
function createTimers() {
  const timers = new Set<{ ms: number; run: () => void }>();
  return {
    schedule(ms: number, run: () => void): () => void {
      const timer = { ms, run };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    waiting: () => [...timers].map(({ ms }) => ms),
    /** Runs what waits for this long. */
    ring(ms: number): void {
      for (const timer of [...timers].filter((each) => each.ms === ms)) {
        timers.delete(timer);
        timer.run();
      }
    },
  };
}

export async function createStage(options: { manifest?: unknown; seed?: number } = {}) {
  let now = Date.parse('2026-11-20T14:00:00.000Z');
  const timers = createTimers();
  const bot = await startBot();
  const workspace = createWorkspace({
    people: [
      { handle: 'ana', name: 'Ana', part: 'on call', standing: 'full' },
      { handle: 'omar', name: 'Omar', part: 'owner', standing: 'full' },
      { handle: 'sam', name: 'Sam', part: 'guest', standing: 'guest' },
    ],
    channels: ['access-approvals', 'dba'],
    botToken: BOT_TOKEN,
    signingSecret: SIGNING_SECRET,
    now: () => new Date(now),
    manifest: options.manifest ?? MANIFEST,
    schedule: timers.schedule,
    seed: options.seed,
  });
  const { apiUrl } = await workspace.start();
  workspace.talkTo(bot.url);
  const clientWith = (token: string) =>
    new webApi.WebClient(token, {
      slackApiUrl: apiUrl,
      retryConfig: { retries: 0 },
      rejectRateLimitedCalls: true,
      logLevel: webApi.LogLevel.ERROR,
      logger: QUIET,
    });
  const client = clientWith(BOT_TOKEN);

  const conversation = (handle: Handle, name: string) => {
    const found = workspace.view(handle).conversations.find((each) => each.name === name);
    if (!found) throw new Error(`${handle} sees no ${name}`);
    return found;
  };
  const stage = {
    workspace,
    bot,
    timers,
    client,
    clientWith,
    apiUrl,
    pass(seconds: number): void {
      now += seconds * 1000;
    },
    conversation,
    id: (name: string) => conversation('ana', name).id,
    person: (handle: Handle) =>
      workspace.view(handle).people.find((each) => each.handle === handle)?.id ?? '',
    says: (handle: Handle, text: string, where = 'dba') =>
      workspace.act(handle, { do: 'say', conversation: conversation(handle, where).id, text }),
    read: (handle: Handle, where = 'dba'): readonly MessageView[] => conversation(handle, where).messages,
    modal(handle: Handle): ModalView {
      const found = workspace.view(handle).modals.at(-1);
      if (!found) throw new Error(`no form is open for ${handle}`);
      return found;
    },
    /** Has somebody say /elevate; the trigger that the bot got. */
    async trigger(handle: Handle = 'ana'): Promise<string> {
      await stage.says(handle, '/elevate');
      return String(bot.heard.at(-1)?.payload.trigger_id);
    },
    async close(): Promise<void> {
      await workspace.stop();
      await bot.close();
    },
  };
  return stage;
}

export type Stage = Awaited<ReturnType<typeof createStage>>;

export const QUIET = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  setLevel() {},
  getLevel: () => webApi.LogLevel.ERROR,
  setName() {},
};

export const plain = (text: string) => ({ type: 'plain_text' as const, text });

export function header(text: string, blockId?: string) {
  return { type: 'header' as const, text: plain(text), ...(blockId ? { block_id: blockId } : {}) };
}

/** A message with one button, `go`, in a block called `buttons`. */
export function withButton(text: string) {
  const button = { type: 'button' as const, action_id: 'go', value: 'R-1', text: plain('Go') };
  return {
    text,
    blocks: [header(text), { type: 'actions' as const, block_id: 'buttons', elements: [button] }],
  };
}

/** A form with a role to find and a reason to give. */
export function form(title: string, over: Json = {}) {
  return {
    type: 'modal' as const,
    callback_id: 'form',
    private_metadata: 'meta',
    title: plain(title),
    submit: plain('Send'),
    blocks: [
      {
        type: 'input' as const,
        block_id: 'role',
        label: plain('Role'),
        optional: true,
        element: { type: 'external_select' as const, action_id: 'find', min_query_length: 0 },
      },
      {
        type: 'input' as const,
        block_id: 'reason',
        label: plain('Why'),
        element: { type: 'plain_text_input' as const, action_id: 'words', max_length: 20 },
      },
    ],
    ...over,
  };
}
