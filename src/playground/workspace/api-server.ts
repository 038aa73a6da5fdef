/**
 * The Web API's and the response addresses' HTTP side: bodies, the token, and what an unlucky network does
 * to calls and answers.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readBounded } from './body.ts';
import { isRecord, type Json, parseJson } from './json.ts';
import type { Luck } from './luck.ts';
import { isMethod } from './web-api.ts';

const MAX_BODY_BYTES = 1024 * 1024;
const FORM = /^application\/x-www-form-urlencoded\s*(;|$)/i;
const JSON_TYPE = /^application\/json\s*(;|$)/i;

/** How often, on a flaky network, a call is put off, and an answer lost after its effect. */
const RATE_LIMITED = 0.08;
const RETRY_AFTER_S = 1;
const ANSWER_LOST = 0.12;
/** How often running the same call can have bad luck: who waits longer after each failure would wait for minutes. */
const MOST_RUNNING = 2;
const MOST_REMEMBERED = 5_000;

/** What became of a `response_url`: `ok`, or a code of Slack's with its HTTP status. */
export type Responded = { readonly status: number; readonly code: 'ok' | string };

export function createApiServer(options: {
  botToken: string;
  luck: Luck;
  faults: () => { readonly slackDown: boolean; readonly flakyNetwork: boolean };
  call: (method: string, args: Json) => Json;
  respond: (id: string, payload: Json) => Responded;
}) {
  const { luck, faults } = options;
  const digest = (secret: string) => createHash('sha256').update(secret).digest();
  const expected = digest(options.botToken);
  const unluckyRuns = new Map<string, number>();

  /** What the network does to this call. */
  function mischief(call: string): 'put-off' | 'lost' | null {
    if (!faults().flakyNetwork) return null;
    const run = unluckyRuns.get(call) ?? 0;
    if (unluckyRuns.size >= MOST_REMEMBERED) unluckyRuns.clear();
    const [isPutOff, isLost] = [luck(RATE_LIMITED), luck(ANSWER_LOST)];
    const bad = run < MOST_RUNNING && (isPutOff || isLost);
    unluckyRuns.set(call, bad ? run + 1 : 0);
    if (!bad) return null;
    return isPutOff ? 'put-off' : 'lost';
  }

  /** Null: there is nothing wrong with the token. */
  function tokenFault(request: IncomingMessage, args: Json): string | null {
    const [scheme, bearer] = (request.headers.authorization ?? '').split(' ');
    const given = /^bearer$/i.test(scheme ?? '') ? bearer : args.token;
    if (typeof given !== 'string' || given === '') return 'not_authed';
    return timingSafeEqual(digest(given), expected) ? null : 'invalid_auth';
  }

  function callAnswer(method: string, request: IncomingMessage, args: Json | string): Json {
    if (!isMethod(method)) return { ok: false, error: 'unknown_method', req_method: method.slice(0, 100) };
    if (typeof args === 'string') return { ok: false, error: args };
    const fault = tokenFault(request, args);
    return fault ? { ok: false, error: fault } : options.call(method, args);
  }

  function serveCall(method: string, request: IncomingMessage, response: ServerResponse, body: string): void {
    const trouble = mischief(`${method} ${body}`);
    if (trouble === 'put-off') {
      return void send(
        response,
        429,
        { ok: false, error: 'ratelimited' },
        { 'retry-after': `${RETRY_AFTER_S}` },
      );
    }
    const answer = callAnswer(method, request, readArguments(request, body));
    if (trouble === 'lost') return void response.destroy();
    send(response, 200, answer);
  }

  function serveResponse(id: string, response: ServerResponse, body: string): void {
    const payload = parseJson(body);
    if (!isRecord(payload)) return void send(response, 400, { ok: false, error: 'invalid_payload' });
    const { status, code } = options.respond(id, payload);
    send(response, status, status === 200 ? { ok: true } : { ok: false, error: code });
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [, root, name = ''] = (request.url ?? '').split('?')[0]?.split('/') ?? [];
    if (root !== 'api' && root !== 'response') return send(response, 404, { ok: false, error: 'not_found' });
    if (request.method !== 'POST' && request.method !== 'GET')
      return send(response, 405, { ok: false, error: 'invalid_post_type' });
    const body = await readBounded(request, MAX_BODY_BYTES);
    if (body === null)
      return send(response, 413, { ok: false, error: 'request_too_large' }, { connection: 'close' });
    if (faults().slackDown) {
      if (luck(0.5)) return void response.destroy();
      return send(response, 503, { ok: false, error: 'service_unavailable' });
    }
    if (root === 'api') serveCall(name, request, response, body);
    else serveResponse(name, response, body);
  }

  const server = createServer((request, response) => {
    serve(request, response).catch(() => response.destroy());
  });

  return {
    /** The port on 127.0.0.1. */
    async start(): Promise<number> {
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      return (server.address() as AddressInfo).port;
    },
    async stop(): Promise<void> {
      if (!server.listening) return;
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

/** A code of Slack's where there are none. */
function readArguments(request: IncomingMessage, body: string): Json | string {
  const type = request.headers['content-type'] ?? '';
  if (JSON_TYPE.test(type)) {
    const parsed = parseJson(body);
    return isRecord(parsed) ? parsed : 'invalid_json';
  }
  if (body !== '' && !FORM.test(type)) return 'invalid_post_type';
  const query = new URL(request.url ?? '', 'http://localhost').searchParams;
  return Object.fromEntries([...query, ...new URLSearchParams(body)]);
}

function send(response: ServerResponse, status: number, answer: Json, headers: Record<string, string> = {}) {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers });
  response.end(JSON.stringify(answer));
}
