/**
 * A gateway before emulate's Slack Web API. It adds what emulate lacks (standing, time zones, shared
 * and archived channels, `oldest`), refuses every message and view that breaks Block Kit's limits, takes what goes to
 * `response_url`, and can put faults in the way.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { messageFaults, viewFaults } from '../../src/playground/workspace/block-kit.ts';

interface ApiCall {
  readonly method: string;
  readonly body: Readonly<Record<string, string>>;
  readonly answer: Answer;
}
export type Answer = Record<string, unknown>;

/** What happens instead of, or after, the call. `times`: how often; default once. */
export type Fault = { readonly times?: number } & (
  | { readonly kind: 'rate-limited'; readonly retryAfterS: number }
  | { readonly kind: 'status'; readonly status: number }
  | { readonly kind: 'error'; readonly code: string; readonly extra?: Readonly<Record<string, string>> }
  /** Slack does it, and the answer never arrives. */
  | { readonly kind: 'answer-lost' }
  /** The connection breaks before Slack sees anything. */
  | { readonly kind: 'down' }
  /** Slack says nothing until `release`. */
  | { readonly kind: 'held'; readonly until: Promise<unknown> }
);

/** `id` is of the form `command-ana-1a2b`: what it answers, and to whom. */
interface ResponseUse {
  readonly id: string;
  readonly payload: Answer;
}

/** Slack's own: five answers in 30 minutes. */
const RESPONSE_URL_USES = 5;

export async function startSlackWebApi(options: { upstream: string }) {
  const faults = new Map<string, Fault[]>();
  const users = new Map<string, Answer>();
  const channels = new Map<string, Answer>();
  const calls: ApiCall[] = [];
  const responses: ResponseUse[] = [];
  const shown: ResponseUse[] = [];
  const violations: string[] = [];
  let port = 0;

  function takeFault(method: string): Fault | undefined {
    for (const key of [method, '*']) {
      const [first, ...rest] = faults.get(key) ?? [];
      if (!first) continue;
      const left = (first.times ?? 1) - 1;
      faults.set(key, left > 0 ? [{ ...first, times: left }, ...rest] : rest);
      return first;
    }
    return undefined;
  }

  async function forward(method: string, body: Record<string, string>, token: string): Promise<Answer> {
    const answer = await fetch(`${options.upstream}/api/${method}`, {
      method: 'POST',
      headers: { authorization: token, 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams(body),
    });
    return patch(method, body, (await answer.json()) as Answer);
  }

  function patch(method: string, body: Record<string, string>, answer: Answer): Answer {
    if (method === 'conversations.open' && users.get(body.users ?? '')?.deleted === true) {
      return { ok: false, error: 'user_disabled' };
    }
    if (isRecord(answer.user) && method.startsWith('users.')) answer.user = withUser(answer.user);
    if (isRecord(answer.channel)) answer.channel = withChannel(answer.channel);
    if (Array.isArray(answer.channels)) answer.channels = answer.channels.map(withChannel);
    if (Array.isArray(answer.messages) && body.oldest) {
      const oldest = Number(body.oldest);
      answer.messages = answer.messages.filter((message: Answer) => Number(message.ts) > oldest);
    }
    return answer;
  }

  function withUser(user: Answer): Answer {
    return { ...FULL_MEMBER, ...user, ...users.get(String(user.id)) };
  }

  function withChannel(channel: unknown): unknown {
    if (!isRecord(channel) || channel.name === undefined) return channel;
    return { ...OWN_CHANNEL, ...channel, ...channels.get(String(channel.id)) };
  }

  /** Slack's answer to a message or view that it does not take; null when it takes it. */
  function refusal(method: string, body: Record<string, string>): Answer | null {
    if (method.startsWith('chat.') && channels.get(body.channel ?? '')?.is_archived === true)
      return { ok: false, error: 'is_archived' };
    const found =
      method === 'chat.postMessage' || method === 'chat.update'
        ? messageFaults({ ...body, ...(body.blocks ? { blocks: parse(body.blocks) } : {}) })
        : /^views\.(open|push|update|publish)$/.test(method)
          ? viewFaults(parse(body.view ?? ''))
          : [];
    if (found.length === 0) return null;
    violations.push(...found.map((fault) => `${method}: ${fault}`));
    return { ok: false, error: 'invalid_blocks', response_metadata: { messages: found } };
  }

  async function call(method: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = Object.fromEntries(new URLSearchParams(await read(request)));
    const fault = takeFault(method);
    if (fault?.kind === 'down') return void response.destroy();
    if (fault?.kind === 'held') await fault.until;
    if (fault?.kind === 'status') return void response.writeHead(fault.status).end('upstream trouble');
    if (fault?.kind === 'rate-limited') {
      return void response.writeHead(429, { 'retry-after': String(fault.retryAfterS) }).end();
    }
    const answer =
      fault?.kind === 'error'
        ? { ok: false, error: fault.code, ...fault.extra }
        : (refusal(method, body) ?? (await forward(method, body, request.headers.authorization ?? '')));
    calls.push({ method, body, answer });
    if (fault?.kind === 'answer-lost') return void response.destroy();
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
  }

  async function respond(id: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const payload = parse(await read(request));
    const used = responses.filter((use) => use.id === id).length;
    const fault = takeFault('response_url');
    if (fault?.kind === 'down') return void response.destroy();
    if (fault?.kind === 'status') return void response.writeHead(fault.status).end('{"ok":false}');
    if (used >= RESPONSE_URL_USES || !isRecord(payload)) {
      return void response.writeHead(404).end('{"ok":false,"error":"expired_url"}');
    }
    violations.push(...messageFaults(payload).map((found) => `response_url: ${found}`));
    responses.push({ id, payload });
    shown.push({ id, payload });
    response.writeHead(200).end('ok');
  }

  const server = createServer((request, response) => {
    const [, root, name = ''] = (request.url ?? '').split('?')[0]?.split('/') ?? [];
    const done = root === 'api' ? call(name, request, response) : respond(name, request, response);
    done.catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  port = (server.address() as AddressInfo).port;

  return {
    /** With its last slash, as Slack's client wants it. */
    apiUrl: `http://127.0.0.1:${port}/api/`,
    calls: calls as readonly ApiCall[],
    responses: responses as readonly ResponseUse[],
    /** What single people were shown, in order: by `response_url`, and what `noteShown` added. */
    shown: shown as readonly ResponseUse[],
    noteShown: (id: string, payload: Answer) => void shown.push({ id, payload }),
    violations: violations as readonly string[],
    responseUrl: (id: string) => `http://127.0.0.1:${port}/response/${id}`,
    noteViolations: (found: readonly string[]) => void violations.push(...found),
    /** `method`: such as `chat.postMessage`, `response_url`, or `*` for any call. */
    fail(method: string, fault: Fault): void {
      faults.set(method, [...(faults.get(method) ?? []), fault]);
    },
    heal(): void {
      faults.clear();
    },
    /** Changes what Slack says of a person or channel, over what emulate has. */
    patchUser: (id: string, over: Answer) => void users.set(id, { ...users.get(id), ...over }),
    patchChannel: (id: string, over: Answer) => void channels.set(id, { ...channels.get(id), ...over }),
    async close(): Promise<void> {
      server.close();
      server.closeAllConnections();
    },
  };
}

const FULL_MEMBER = {
  tz: 'Europe/Berlin',
  is_restricted: false,
  is_ultra_restricted: false,
  is_stranger: false,
  is_app_user: false,
};
const OWN_CHANNEL = {
  is_shared: false,
  is_ext_shared: false,
  is_org_shared: false,
  is_pending_ext_shared: false,
};

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

async function read(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of request) body += chunk;
  return body;
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return null;
  }
}
