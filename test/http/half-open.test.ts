/** Connections that ask nothing, or never finish asking, do not close the door to others. */
import { createServer, get, type Server } from 'node:http';
import { connect, type Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { boundConnections } from '../../src/http/bound-connections.ts';
import { createHttpServer, type HttpServer } from '../../src/http/server.ts';
import { silent } from '../support/house.ts';

const sockets: Socket[] = [];
const servers: HttpServer[] = [];

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await Promise.all(servers.splice(0).map((server) => server.stop()));
});

async function start(slack = (_: unknown, response: { end(text: string): void }) => response.end('taken')) {
  const server = createHttpServer({
    port: 0,
    metricsPort: 0,
    host: '127.0.0.1',
    routes: { slack },
    health: {
      ready: async () => ({ ok: true, body: {} }),
      alive: async () => ({ ok: true, body: { status: 'ok' } }),
    },
    metrics: { responded() {}, scrape: async () => ({ contentType: 'text/plain', body: '' }) },
    log: silent,
  });
  servers.push(server);
  return server.start();
}

async function open(port: number, text: string): Promise<Socket> {
  const socket = connect(port, '127.0.0.1').on('error', () => {});
  sockets.push(socket);
  await new Promise<void>((resolve) => {
    socket.once('connect', resolve);
    socket.once('close', () => resolve());
  });
  if (text !== '') socket.write(text);
  return socket;
}

/** Each on a connection of its own. Rejects where it is cut off. */
function probe(port: number): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    get({ host: '127.0.0.1', port, path: '/healthz', agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode);
    }).on('error', reject);
  });
}

test.each([
  ['that say nothing', ''],
  ['that stop in the middle of their headers', 'POST /slack/events HTTP/1.1\r\nhost: x\r\n'],
  [
    'that stop in the middle of their body',
    'POST /none HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\nhalf',
  ],
  ['that were answered and stay', 'GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n'],
])('with 1,010 connections %s, all of 30 probes are answered, on both ports', async (_, text) => {
  const { port, metricsPort } = await start();
  await Promise.all(Array.from({ length: 1_010 }, () => open(port, text)));
  const probes = Array.from({ length: 30 }, () => probe(port));
  expect(new Set(await Promise.all(probes))).toEqual(new Set([200]));
  expect(await probe(metricsPort ?? 0)).toBe(200);
});

test('a request that is being answered is not cut off for those that never asked', async () => {
  const waiting: { end(text: string): void }[] = [];
  const { port } = await start((_, response) => void waiting.push(response));
  const answer = fetch(`http://127.0.0.1:${port}/slack/events`, { method: 'POST', body: 'whole' });
  while (waiting.length === 0) await sleep(5);
  await Promise.all(Array.from({ length: 1_010 }, () => open(port, '')));
  expect(await probe(port)).toBe(200);
  waiting[0]?.end('done');
  expect(await (await answer).text()).toBe('done');
});

/** A connection as it would come from that address. */
function arrive(server: Server, remoteAddress: string): Duplex {
  const socket = new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() });
  server.emit('connection', Object.assign(socket, { remoteAddress }));
  return socket;
}

test('an address that floods loses its own connections, and nobody else theirs', () => {
  const server = createServer();
  boundConnections(server, { unproven: 5, most: 10 });
  const quiet = arrive(server, '203.0.113.7');
  const flood = Array.from({ length: 20 }, () => arrive(server, '198.51.100.1'));
  expect(quiet.destroyed).toBe(false);
  expect(flood.map(({ destroyed }) => destroyed)).toEqual([...Array(16).fill(true), ...Array(4).fill(false)]);
});
