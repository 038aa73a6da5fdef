/**
 * Between the bot and an instance of Microsoft's playground: keeps what the bot posted, which the playground
 * itself shows to nobody but its page, and lets a test put faults in the way.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface TeamsMessage {
  /** Without the thread. */
  readonly conversation: string;
  /** The thread's first message; null: it begins one, or there are none here. */
  readonly thread: string | null;
  readonly id: string;
  readonly text: string;
  readonly summary: string;
  /** The Adaptive Card as it is now. */
  readonly card: unknown;
  /** How often it was updated. */
  readonly updates: number;
}

export interface ConnectorCall {
  readonly method: string;
  /** Decoded, such as `/v3/conversations/a:chat-of-ana/activities`. */
  readonly path: string;
  readonly body: string;
}
export interface Fault {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: object;
}

export interface TeamsGateway {
  /** What the bot is told as serviceUrl. */
  readonly serviceUrl: string;
  /** In the order in which they came. */
  readonly messages: ReadonlyMap<string, TeamsMessage>;
  /** What Teams would have refused, or taken in another way than was meant. */
  readonly violations: readonly string[];
  leadTo(instanceUrl: string): void;
  /** Null, or no answer for this call: it goes through. */
  setFault(fault: ((call: ConnectorCall) => Fault | null) | null): void;
  stop(): Promise<void>;
}

const MAX_MESSAGE_BYTES = 28 * 1024;
const ONE = /^\/v3\/conversations\/([^/]+)\/activities(?:\/([^/]+))?$/;

/** @param changed a message was posted or updated */
export async function startTeamsGateway(changed: () => void): Promise<TeamsGateway> {
  const messages = new Map<string, TeamsMessage>();
  const violations: string[] = [];
  let upstream = '';
  let fault: ((call: ConnectorCall) => Fault | null) | null = null;

  const server = createServer(async (request, response) => {
    const body = await read(request);
    const call = { method: request.method ?? '', path: decodeURIComponent(request.url ?? ''), body };
    const no = fault?.(call);
    if (no) {
      response.writeHead(no.status, { 'content-type': 'application/json', ...no.headers });
      return response.end(no.body && JSON.stringify(no.body));
    }
    const answer = await fetch(`${upstream}/_connector${request.url}`, {
      method: call.method,
      headers: { 'content-type': 'application/json' },
      ...(body === '' ? {} : { body }),
    });
    const text = await answer.text();
    if (answer.ok) note(call, text);
    response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? 'text/plain' });
    response.end(text);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  function note({ method, path, body }: ConnectorCall, text: string): void {
    const [, where, updated] = ONE.exec(path) ?? [];
    if (where === undefined || (method !== 'POST' && method !== 'PUT')) return;
    const sent = JSON.parse(body) as Sent;
    if (body.length > MAX_MESSAGE_BYTES) violations.push(`a message of ${body.length} bytes`);
    if (sent.text && sent.attachments?.length) violations.push('text beside a card: two messages, no id');
    const { id = '' } = (text === '' ? {} : JSON.parse(text)) as { id?: string };
    const [conversation = '', thread] = where.split(';messageid=');
    const key = `${conversation} ${method === 'PUT' ? updated : id}`;
    const known = messages.get(key);
    messages.set(key, {
      conversation,
      thread: known ? known.thread : (thread ?? null),
      id: known ? known.id : id,
      text: sent.text ?? '',
      summary: sent.summary ?? '',
      card: sent.attachments?.[0]?.content ?? null,
      updates: known ? known.updates + 1 : 0,
    });
    changed();
  }

  return {
    serviceUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    messages,
    violations,
    leadTo(instanceUrl) {
      upstream = instanceUrl;
    },
    setFault(next) {
      fault = next;
    },
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

interface Sent {
  readonly text?: string;
  readonly summary?: string;
  readonly attachments?: readonly { readonly content?: unknown }[];
}

async function read(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
