/** What the doubles of vendors' REST APIs have in common: their moods, and who may ask at all. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { Mood, VendorApi } from './incident-vendor.ts';

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: unknown;
}

export interface Answered {
  readonly status: number;
  readonly body: unknown;
}

export type VendorServer = Pick<VendorApi, 'url' | 'token' | 'be' | 'asked' | 'untilAsked' | 'close'> & {
  /** Answers every request like this from now on. */
  answer(status: number, headers: Readonly<Record<string, string>>, body: string): void;
  /** Of each request: `GET /v2/incidents?…`, decoded. */
  lines(): readonly string[];
};

export async function startVendorServer(vendor: {
  token: string;
  mediaType: string;
  /** In the vendor's own form. */
  refusal: (status: number, words: string) => Answered;
  wrongShape: unknown;
  handle: (asked: Asked) => Answered;
}): Promise<VendorServer> {
  const { token, mediaType, refusal } = vendor;
  let mood: Mood = 'well';
  let canned: { status: number; headers: Readonly<Record<string, string>>; body: string } | null = null;
  const lines: string[] = [];
  const held: (() => void)[] = [];
  const waiting: { count: number; go: () => void }[] = [];

  const server = createServer((request, response) => {
    lines.push(decodeURIComponent(`${request.method} ${request.url}`));
    for (const { go } of waiting.filter(({ count }) => count <= lines.length)) go();
    const go = () => void answer(request, response);
    if (mood === 'slow') held.push(go);
    else go();
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const type = { 'content-type': mediaType };
    const reply = ({ status, body }: Answered, headers = {}) =>
      response.writeHead(status, { ...type, ...headers }).end(JSON.stringify(body));
    if (canned) return void response.writeHead(canned.status, canned.headers).end(canned.body);
    switch (mood) {
      case 'rate-limited':
        return void reply(refusal(429, `too many by ${token}`), { 'retry-after': '17' });
      case 'failing':
        return void response.writeHead(500).end(`<html>authorization: Bearer ${token}</html>`);
      case 'broken JSON':
        return void response.writeHead(200, type).end(`{"incident": {"id": "${token}`);
      case 'wrong shape':
        return void reply({ status: 200, body: vendor.wrongShape });
      case 'unauthorised':
        return void reply(refusal(401, `not known: ${token}`));
      case 'forbidden':
        return void reply(refusal(403, `not allowed: ${token}`));
      case 'endless':
        return stream(response);
    }
    const { authorization, accept, 'content-type': sent } = request.headers;
    const said = await text(request);
    if (authorization !== `Bearer ${token}`) return void reply(refusal(401, 'who are you?'));
    if (accept !== mediaType) return void reply(refusal(406, 'cannot answer in that form'));
    if (said !== '' && sent !== mediaType) return void reply(refusal(415, 'cannot read that form'));
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://vendor');
    const body: unknown = said === '' ? undefined : JSON.parse(said);
    reply(vendor.handle({ method: request.method ?? '', path: pathname, query: searchParams, body }));
  }

  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    token,
    be(next) {
      mood = next;
      if (next !== 'slow') for (const go of held.splice(0)) go();
    },
    answer: (status, headers, body) => {
      canned = { status, headers, body };
    },
    asked: () => lines.length,
    lines: () => lines,
    untilAsked: (count) =>
      lines.length >= count
        ? Promise.resolve()
        : new Promise<void>((go) => {
            waiting.push({ count, go });
          }),
    async close() {
      server.closeAllConnections();
      if (server.listening) await new Promise((done) => server.close(done));
    },
  };
}

function stream(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/json' });
  const chunk = Buffer.alloc(256 * 1024, ' ');
  const more = () => {
    while (!response.destroyed && response.write(chunk));
  };
  response.on('drain', more);
  more();
}
