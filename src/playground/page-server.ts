/** The playground over HTTP: the page, what it shows, and what is done in it. On 127.0.0.1 and nowhere else. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { ExpectedFailure } from '../expected-failure.ts';
import { answerJson } from '../http/answer.ts';
import { createListening } from '../http/listening.ts';
import { createRequestListener } from '../http/request-listener.ts';
import type { Route } from '../http/routes.ts';
import type { Log } from '../observability/log.ts';
import { silentMetrics } from '../observability/metrics.ts';
import { actSchema, handleOf } from './act-schema.ts';
import { refusal } from './gate.ts';
import type { Live } from './live.ts';
import type { PageFile } from './page-files.ts';
import type { Act, ActAnswer, Handle } from './protocol.ts';

export interface PageServerOptions {
  /** 0: any free one. */
  readonly port: number;
  readonly files: ReadonlyMap<string, PageFile>;
  readonly live: Live;
  readonly act: (handle: Handle, act: Act) => Promise<ActAnswer>;
  /** A page is about to be shown: resolves when what it will see is fresh. Never rejects. */
  readonly refresh: () => Promise<void>;
  readonly log: Log;
}

const MOST_BODY_BYTES = 64 * 1024;
const MOST_ACTS_AT_ONCE = 50;
const HEADERS = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; " +
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
};

export function createPageServer(options: PageServerOptions) {
  const { files, live, act, refresh, log } = options;
  let port = options.port;
  let acting = 0;

  const routes: Route[] = [
    { name: 'live', method: 'GET', path: '/live', handle: watch },
    { name: 'act', method: 'POST', path: '/act', handle: perform },
  ];
  for (const [path, file] of files) {
    routes.push({ name: 'page', method: 'GET', path, handle: (_, response) => sendFile(response, file) });
  }
  const answer = createRequestListener({ routes, metrics: silentMetrics, log });
  const http = createListening({
    port,
    host: '127.0.0.1',
    drainMs: 1_000,
    log,
    listener(request, response) {
      const open = files.has((request.url ?? '').split('?', 1)[0] ?? '');
      const no = refusal(request, port, { open });
      if (no === null) answer(request, response);
      else refuse(response, 403, no);
    },
  });

  async function watch(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const viewer = viewerOf(request);
    if (!viewer) return refuse(response, 400, 'Nobody of that name is here.');
    if (request.method === 'HEAD') return void response.writeHead(200).end();
    await refresh();
    if (!live.join(viewer, response)) refuse(response, 503, 'Too many pages are open. Close some of them.');
  }

  async function perform(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const actor = viewerOf(request);
    if (!actor) return refuse(response, 400, 'Nobody of that name is here.');
    if (!/^application\/json\b/i.test(request.headers['content-type'] ?? '')) {
      return refuse(response, 415, 'What is done here is said in JSON.');
    }
    if (acting >= MOST_ACTS_AT_ONCE) return refuse(response, 429, 'Too much is going on. Try again.');
    acting += 1;
    try {
      const body = await readBody(request);
      if (body === null) return refuse(response, 413, 'That is too long.');
      const parsed = actSchema.safeParse(jsonOf(body));
      if (!parsed.success) return refuse(response, 400, 'That is nothing that can be done here.');
      answerJson(response, 200, await act(actor, parsed.data));
    } finally {
      acting -= 1;
    }
  }

  return {
    /** Resolves with the port; throws an `ExpectedFailure` where somebody else has it. */
    async start(): Promise<number> {
      port = await http.start().catch((error: unknown) => {
        throw portFailure(error, options.port);
      });
      return port;
    },
    async stop(): Promise<void> {
      live.close();
      await http.stop();
    },
  };
}

function viewerOf(request: IncomingMessage): Handle | null {
  return handleOf(new URLSearchParams((request.url ?? '').split('?')[1]).get('as'));
}

function sendFile(response: ServerResponse, { body, type, immutable }: PageFile): void {
  const cache = immutable ? 'public, max-age=31536000, immutable' : 'no-store';
  response
    .writeHead(200, {
      ...HEADERS,
      'content-type': type,
      'content-length': body.length,
      'cache-control': cache,
    })
    .end(body);
}

function refuse(response: ServerResponse, status: number, error: string): void {
  // What was not read of the request cannot be told from the next one.
  answerJson(response, status, { ok: false, error }, { connection: 'close' });
}

/** Null: longer than anything that the page sends. */
async function readBody(request: IncomingMessage): Promise<string | null> {
  if (Number(request.headers['content-length'] ?? 0) > MOST_BODY_BYTES) return null;
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    length += (chunk as Buffer).length;
    if (length > MOST_BODY_BYTES) return null;
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function portFailure(error: unknown, port: number): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : null;
  if (code === 'EADDRINUSE') {
    const other = `PORT=${port + 1} npm run playground`;
    return new ExpectedFailure(
      `Port ${port} is in use by another program. Choose another one with PORT: ${other}`,
    );
  }
  if (code === 'EACCES') {
    return new ExpectedFailure(`Port ${port} may not be used by this user. Choose another one with PORT.`);
  }
  return error;
}
