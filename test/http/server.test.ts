/** What the outside of the house answers, to whom, and how it closes. */
import { createServer, get, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, createServer as createTcpServer, type Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { createRequestListener } from '../../src/http/request-listener.ts';
import type { Handler } from '../../src/http/routes.ts';
import {
  createHttpServer,
  type HttpServer,
  type HttpServerOptions,
  mainRoutes,
} from '../../src/http/server.ts';
import type { Log } from '../../src/observability/log.ts';
import { createRecordingLog } from '../support/recording-log.ts';

const answered: string[] = [];
const recording = createRecordingLog();
const log: Log = { ...recording, child: () => log };
const fixed = {
  health: {
    ready: async () => ({ ok: false, body: { ready: false, reasons: ['Chat cannot be used.'] } }),
    alive: async () => ({ ok: true, body: { status: 'ok' } }),
  },
  metrics: {
    responded: ({ route, status }: { route: string; status: string }) =>
      void answered.push(`${route} ${status}`),
    scrape: async () => ({ contentType: 'text/plain; version=0.0.4', body: 'curfew_ledger_up 1\n' }),
  },
  log,
} satisfies Partial<HttpServerOptions>;

const hello: Handler = (_request, response) => void response.end('taken');
const running: HttpServer[] = [];

async function start(options: Partial<HttpServerOptions> = {}) {
  const http = createHttpServer({
    port: 0,
    metricsPort: null,
    host: '127.0.0.1',
    routes: { slack: hello },
    ...fixed,
    ...options,
  });
  running.push(http);
  const { port, metricsPort } = await http.start();
  return { http, port, base: `http://127.0.0.1:${port}`, metrics: `http://127.0.0.1:${metricsPort}` };
}

/** Bounded by the test's own time limit. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await sleep(5);
}

afterEach(async () => {
  await Promise.all(running.splice(0).map((http) => http.stop()));
  answered.length = 0;
  recording.entries.length = 0;
});

describe('paths and methods', () => {
  test('Slack’s requests reach Slack’s handler, query or not', async () => {
    const { base } = await start();
    const response = await fetch(`${base}/slack/events?x=1`, { method: 'POST', body: 'a=b' });
    expect([response.status, await response.text()]).toEqual([200, 'taken']);
    await until(() => answered.length > 0);
    expect(answered).toEqual(['slack 200']);
  });

  test('a wrong method gets 405 and is told the right one', async () => {
    const { base } = await start();
    const slack = await fetch(`${base}/slack/events`);
    expect([slack.status, slack.headers.get('allow')]).toEqual([405, 'POST']);
    const probe = await fetch(`${base}/healthz`, { method: 'DELETE' });
    expect([probe.status, probe.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  });

  test.each([
    '/',
    '/slack',
    '/slack/events/',
    '/SLACK/events',
    '//healthz',
    '/healthz%2f',
    '/metrics/x',
    '/%',
    '/*',
  ])('%s is nothing of ours: 404 in JSON', async (path) => {
    const { port } = await start();
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      // Unlike fetch, it sends the path as it is.
      get({ host: '127.0.0.1', port, path, agent: false }, resolve).on('error', reject);
    });
    expect(response.statusCode).toBe(404);
    expect(JSON.parse(await text(response))).toEqual({ error: expect.any(String) });
  });

  test('without Slack there is no path for it', async () => {
    const { base } = await start({ routes: {} });
    expect((await fetch(`${base}/slack/events`, { method: 'POST' })).status).toBe(404);
  });

  test('probes answer 200 or 503 with their reasons, HEAD included, and nobody keeps them', async () => {
    const { base } = await start();
    const ready = await fetch(`${base}/readyz`);
    expect([ready.status, await ready.json()]).toEqual([
      503,
      { ready: false, reasons: ['Chat cannot be used.'] },
    ]);
    const alive = await fetch(`${base}/healthz`, { method: 'HEAD' });
    expect([alive.status, await alive.text(), alive.headers.get('cache-control')]).toEqual([
      200,
      '',
      'no-store',
    ]);
  });

  test('headers over 16 KB are refused', async () => {
    const { base } = await start();
    const response = await fetch(`${base}/healthz`, { headers: { 'x-long': 'x'.repeat(17 * 1024) } });
    expect(response.status).toBe(431);
  });
});

describe('metrics', () => {
  test('are on the main port for callers on this machine', async () => {
    const { base } = await start();
    const response = await fetch(`${base}/metrics`);
    expect(response.headers.get('content-type')).toContain('version=0.0.4');
    expect(await response.text()).toBe('curfew_ledger_up 1\n');
  });

  test('are on their own port only, when they have one, and there beside the probes', async () => {
    const { base, metrics } = await start({ metricsPort: 0 });
    expect((await fetch(`${base}/metrics`)).status).toBe(404);
    expect((await fetch(`${metrics}/metrics`)).status).toBe(200);
    for (const at of [base, metrics]) {
      expect((await fetch(`${at}/healthz`)).status).toBe(200);
      expect((await fetch(`${at}/readyz`)).status).toBe(503);
    }
    expect((await fetch(`${metrics}/slack/events`, { method: 'POST' })).status).toBe(404);
  });

  test.each([
    ['203.0.113.7', 403],
    ['::ffff:203.0.113.7', 403],
    ['10.0.0.1', 403],
    ['fe80::1', 403],
    ['2001:db8::7f00:1', 403],
    [undefined, 403],
    ['127.0.0.1', 200],
    ['127.8.9.10', 200],
    ['::1', 200],
    ['::ffff:127.0.0.1', 200],
  ])('asked for from %s, whatever its headers claim, answer %d', async (remoteAddress, status) => {
    const routes = mainRoutes({ ...fixed, routes: {}, metricsPort: null });
    const server = createServer(createRequestListener({ routes, ...fixed }));
    const forged = 'x-forwarded-for: 127.0.0.1\r\nforwarded: for=127.0.0.1\r\nx-real-ip: 127.0.0.1\r\n';
    const { socket, received } = socketFrom(remoteAddress);
    server.emit('connection', socket);
    socket.push(`GET /metrics HTTP/1.1\r\nhost: localhost\r\n${forged}connection: close\r\n\r\n`);
    await until(() => received().includes('\r\n\r\n'));
    expect(received().split('\r\n')[0]).toContain(` ${status} `);
    expect(received().includes('curfew_ledger_up')).toBe(status === 200);
  });
});

/** A connection as it would come from that address. */
function socketFrom(remoteAddress: string | undefined) {
  let received = '';
  const socket = new Duplex({
    read() {},
    write(chunk, _encoding, done) {
      received += chunk;
      done();
    },
  });
  return { socket: Object.assign(socket, { remoteAddress }), received: () => received };
}

describe('a route that fails', () => {
  test.each([
    [
      'throws',
      () => {
        throw new Error('boom');
      },
    ],
    ['rejects', () => Promise.reject(new Error('boom'))],
  ] as [string, Handler][])(
    'because it %s gets 500, is logged, and the next request is served',
    async (_how, slack) => {
      const { base } = await start({ routes: { slack } });
      const response = await fetch(`${base}/slack/events`, { method: 'POST' });
      expect(response.status).toBe(500);
      expect(await response.text()).not.toContain('boom');
      expect(recording.entries).toMatchObject([{ level: 'error', fields: { route: 'slack' } }]);
      expect((await fetch(`${base}/healthz`)).status).toBe(200);
    },
  );

  test('half-way through its answer is cut off, not passed off as whole', async () => {
    const slack: Handler = (_request, response) => {
      response.writeHead(200, { 'content-length': '10' }).write('half');
      throw new Error('boom');
    };
    const { base } = await start({ routes: { slack } });
    await expect(fetch(`${base}/slack/events`, { method: 'POST' }).then((r) => r.text())).rejects.toThrow();
    expect((await fetch(`${base}/healthz`)).status).toBe(200);
    expect(answered).toContain('slack aborted');
  });

  test('to start because its port is taken says so, and leaves no port open', async () => {
    const taken = createTcpServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => taken.once('listening', resolve));
    const { port } = taken.address() as AddressInfo;
    // The port of the metrics is had first, then the other one is not.
    const free = await start();
    await free.http.stop();
    await expect(start({ port, metricsPort: free.port })).rejects.toThrow('EADDRINUSE');
    await expect(fetch(`http://127.0.0.1:${free.port}/metrics`)).rejects.toThrow();
    taken.close();
  });
});

describe('a stop', () => {
  /** A handler whose answer waits for the test. */
  function held() {
    const waiting: ServerResponse[] = [];
    const slack: Handler = (_request, response) => void waiting.push(response);
    return { slack, waiting };
  }

  test('lets the request under way finish, and takes no new ones', async () => {
    const { slack, waiting } = held();
    const { http, base } = await start({ routes: { slack } });
    const underWay = fetch(`${base}/slack/events`, { method: 'POST' });
    await until(() => waiting.length > 0);
    let stopped = false;
    const stop = http.stop().then(() => {
      stopped = true;
    });
    await expect(fetch(`${base}/healthz`)).rejects.toThrow();
    expect(stopped).toBe(false);
    waiting[0]?.end('done');
    const response = await underWay;
    expect([await response.text(), response.headers.get('connection')]).toEqual(['done', 'close']);
    await stop;
  });

  test('waits neither for idle connections nor for those that never asked', async () => {
    const { http, port } = await start({ drainMs: 60_000 });
    const silent = await open(port);
    const idle = await open(port);
    idle.socket.write('GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n');
    await until(() => idle.received().includes('"status"'));
    await http.stop();
    await until(() => silent.socket.closed && idle.socket.closed);
  });

  test('cuts off what does not finish in time, and says how many', async () => {
    const { slack, waiting } = held();
    const { http, base } = await start({ routes: { slack }, drainMs: 50 });
    const underWay = fetch(`${base}/slack/events`, { method: 'POST' });
    underWay.catch(() => {});
    await until(() => waiting.length > 0);
    await http.stop();
    await expect(underWay).rejects.toThrow();
    expect(recording.entries).toMatchObject([{ level: 'warn', fields: { requests: 1 } }]);
  });

  test('before any start, or twice, is fine', async () => {
    await createHttpServer({ port: 0, metricsPort: 0, routes: {}, ...fixed }).stop();
    const { http } = await start();
    await http.stop();
    await http.stop();
  });
});

async function open(port: number): Promise<{ socket: Socket; received: () => string }> {
  let received = '';
  const socket = connect(port, '127.0.0.1').on('error', () => {});
  socket.on('data', (chunk: Buffer) => {
    received += chunk.toString();
  });
  await new Promise((resolve) => socket.once('connect', resolve));
  return { socket, received: () => received };
}
