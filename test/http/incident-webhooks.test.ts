/** What sources of incidents send: taken once it is durable, refused without a trace. */
import { Agent } from 'node:http';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { type InboxEntry, putInbox } from '../../db/incidents.ts';
import { incidentInbox } from '../../db/schema-incidents.ts';
import { createIncidentWebhooks } from '../../src/http/incident-webhooks.ts';
import { createHttpServer, type HttpServer } from '../../src/http/server.ts';
import { createMetrics } from '../../src/observability/metrics.ts';
import { ledgerForFile } from '../support/empty-ledger.ts';
import { createGate } from '../support/gate.ts';
import { createRecordingLog } from '../support/recording-log.ts';
import {
  beginning,
  createStandInSource,
  nudgeBody,
  send,
  sendRaw,
  sendSigned,
  signed,
} from '../support/webhook-sender.ts';

const ledger = ledgerForFile();
const running: HttpServer[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((http) => http.stop()));
});

type Put = (entries: readonly InboxEntry[]) => Promise<void>;

/** A server whose one source is called `pager`. `around` stands between it and the real ledger. */
async function start({ around, withinMs }: { around?: (put: Put) => Put; withinMs?: number } = {}) {
  const standIn = createStandInSource();
  const recording = createRecordingLog();
  const log = { ...recording, child: () => log };
  const metrics = createMetrics({ readLedger: () => Promise.reject(new Error('not asked here')) });
  const put: Put = (entries) => putInbox(ledger().ledger.db, entries);
  const nudge = vi.fn();
  const webhooks = createIncidentWebhooks({
    sources: new Map([['pager', standIn.source]]),
    put: around ? around(put) : put,
    nudge,
    realNow: () => new Date(),
    metrics,
    log,
    ...(withinMs !== undefined && { withinMs }),
  });
  const health = {
    ready: async () => ({ ok: true, body: {} }),
    alive: async () => ({ ok: true, body: {} }),
  };
  const http = createHttpServer({
    port: 0,
    metricsPort: null,
    host: '127.0.0.1',
    routes: { webhooks },
    health,
    metrics,
    log,
    drainMs: 50,
  });
  running.push(http);
  const { port } = await http.start();
  return {
    ...standIn,
    recording,
    nudge,
    port,
    kept: () => ledger().ledger.db.select().from(incidentInbox).orderBy(incidentInbox.eventId),
    async counted(): Promise<Record<string, number>> {
      const { body } = await metrics.scrape();
      const lines = [...body.matchAll(/^curfew_webhooks_total\{(.*)\} (\d+)$/gm)];
      return Object.fromEntries(lines.map(([, labels = '', count]) => [labels, Number(count)]));
    },
  };
}

const count = (outcome: string) => `source="pager",outcome="${outcome}"`;
const soon = { timeout: 5_000, interval: 5 };

describe('what is signed', () => {
  test('stands in the ledger when it is answered, as it was read, and is applied at once', async () => {
    const { port, kept, nudge, counted } = await start();
    const sighting = { key: 'Q1', title: 'Database down', state: 'open', at: '2026-11-20T10:00:00.000Z' };
    const reading = { kind: 'sighting', eventId: 'e1', sighting };
    const answer = await sendSigned(port, JSON.stringify(reading));
    expect(answer.status).toBe(202);
    expect(await kept()).toMatchObject([{ source: 'pager', eventId: 'e1', appliedAt: null, reading }]);
    expect(nudge).toHaveBeenCalled();
    expect(await counted()).toEqual({ [count('accepted')]: 1 });
  });

  test('is answered like the first when it is repeated, at the same time or later, and kept once', async () => {
    const { port, kept } = await start();
    const body = nudgeBody('e1');
    const answers = await Promise.all(Array.from({ length: 20 }, () => sendSigned(port, body)));
    answers.push(await sendSigned(port, body));
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
    expect(answers[0]?.status).toBe(202);
    expect(await kept()).toHaveLength(1);
  });

  test('may come in pieces without a length, byte by byte, and holds up nobody meanwhile', async () => {
    const { port, kept } = await start();
    const gate = createGate();
    const body = nudgeBody('slow');
    async function* pieces() {
      const [first = '', ...rest] = body;
      yield first;
      await gate.pass();
      yield* rest;
    }
    const slow = send(port, { headers: signed(body), pieces: pieces() });
    await gate.arrived;
    expect((await sendSigned(port, nudgeBody('quick'))).status).toBe(202);
    gate.open();
    expect((await slow).status).toBe(202);
    expect((await kept()).map(({ eventId }) => eventId)).toEqual(['quick', 'slow']);
  });

  test('of a type that Curfew has no use for is taken, counted, and not kept', async () => {
    const { port, kept, counted, nudge } = await start();
    const answer = await sendSigned(port, JSON.stringify({ kind: 'unknown', eventId: 'e', type: 'x.y' }));
    expect(answer.status).toBe(202);
    expect(await counted()).toEqual({ [count('unknown-type')]: 1 });
    expect(await kept()).toEqual([]);
    expect(nudge).not.toHaveBeenCalled();
  });

  test('but makes no sense is refused, and leaves a line in the log without a word of it', async () => {
    const { port, kept, counted, recording } = await start();
    const answer = await sendSigned(port, '{"kind":"sighting", MARKER');
    expect(answer.status).toBe(400);
    expect(answer.text).not.toContain('MARKER');
    expect(await counted()).toEqual({ [count('malformed')]: 1 });
    expect(await kept()).toEqual([]);
    expect(recording.entries).toMatchObject([{ level: 'warn', fields: { source: 'pager' } }]);
    expect(recording.text()).not.toContain('MARKER');
  });
});

describe('what is refused leaves no trace:', () => {
  const body = nudgeBody('MARKER');
  const long = { headers: signed(body), pieces: Array(160).fill(Buffer.alloc(65_536, 'MARKER')) };
  const now = signed(body);
  test.each([
    ['forged', 401, { headers: { ...now, 'x-signature': 'f'.repeat(64) }, pieces: [body] }],
    ['unsigned', 401, { pieces: [body] }],
    ['signed for another body', 401, { headers: now, pieces: [`${body} `] }],
    ['old', 401, { headers: signed(body, new Date(Date.now() - 3_600_000)), pieces: [body] }],
    ['empty', 401, { headers: now, pieces: [] }],
    ['compressed', 415, { headers: { ...now, 'content-encoding': 'gzip' }, pieces: [gzipSync(body)] }],
    [
      'compressed beside',
      415,
      { headers: { ...now, 'content-encoding': ['identity', 'br'] }, pieces: [body] },
    ],
    ['10 MB', 413, { ...long, headers: { ...long.headers, 'content-length': String(160 * 65_536) } }],
    ['10 MB without a length', 413, long],
    ['of a source that is not there', 404, { path: '/webhooks/MARKER', headers: now, pieces: [body] }],
    ['of a name every object has', 404, { path: '/webhooks/__proto__', headers: now, pieces: [body] }],
    ['by another method', 405, { method: 'PUT', headers: now, pieces: [body] }],
  ])('%s → %d', async (_what, status, options) => {
    const { port, kept, read, nudge, recording, counted } = await start();
    const answer = await send(port, options);
    expect(answer.status).toBe(status);
    expect(answer.text).not.toContain('MARKER');
    expect(read).toEqual([]);
    expect(await kept()).toEqual([]);
    expect(nudge).not.toHaveBeenCalled();
    expect(recording.text()).not.toContain('MARKER');
    // What strangers make up names no series.
    expect(JSON.stringify(await counted())).not.toMatch(/MARKER|proto/);
    expect((await sendSigned(port, nudgeBody('next'))).status).toBe(202);
  });

  test('broken off half-way, by going or by an end too soon', async () => {
    const { port, kept, verified, counted } = await start();
    const headers = { ...now, 'content-length': String(body.length) };
    const gone = await sendRaw(port, beginning(headers, body.slice(0, -5)));
    gone.destroy();
    const short = await sendRaw(port, beginning(headers, body.slice(0, -5)));
    short.end();
    await vi.waitFor(async () => expect(await counted()).toEqual({ [count('broken-off')]: 2 }), soon);
    expect(verified).toEqual([]);
    expect(await kept()).toEqual([]);
  });

  test('endless: the connection is closed', async () => {
    const { port, verified, kept, counted } = await start();
    const socket = await sendRaw(port, beginning({ ...now, 'content-length': '10000000000' }, ''));
    const closed = new Promise((resolve) => socket.once('close', resolve));
    const piece = Buffer.alloc(65_536);
    const goOn = () => {
      while (!socket.destroyed && socket.write(piece));
    };
    socket.on('drain', goOn);
    goOn();
    await closed;
    expect(socket.bytesWritten).toBeLessThan(100_000_000);
    expect(await counted()).toEqual({ [count('too-large')]: 1 });
    expect(verified).toEqual([]);
    expect(await kept()).toEqual([]);
  });

  test('a signature that comes twice: both are seen, so neither counts', async () => {
    const { port, verified, kept } = await start();
    const headers = {
      ...now,
      'x-signature': [now['x-signature'] ?? '', 'f'],
      'content-type': ['a/b', 'c/d'],
    };
    const answer = await send(port, { headers, pieces: [body] });
    expect(answer.status).toBe(401);
    expect(verified[0]?.headers).toMatchObject({
      'x-signature': `${now['x-signature']}, f`,
      // Node itself would keep the first.
      'content-type': 'a/b, c/d',
    });
    expect(await kept()).toEqual([]);
  });
});

describe('a ledger', () => {
  test('that is down: the sender is to try again, and that helps once it is back', async () => {
    let down = true;
    const { port, kept, nudge, recording, counted } = await start({
      around: (put) => (entries) => (down ? Promise.reject(new Error('params: MARKER')) : put(entries)),
    });
    const body = nudgeBody('e1');
    for (let n = 0; n < 3; n += 1) {
      const answer = await sendSigned(port, body);
      expect([answer.status, Number(answer.headers['retry-after']) > 0]).toEqual([503, true]);
    }
    expect(nudge).not.toHaveBeenCalled();
    // Once for the outage, and nothing of what was sent.
    expect(recording.entries).toMatchObject([{ level: 'error' }]);
    expect(recording.text()).not.toContain('MARKER');
    down = false;
    expect((await sendSigned(port, body)).status).toBe(202);
    expect(await kept()).toHaveLength(1);
    expect(await counted()).toEqual({ [count('ledger-down')]: 3, [count('accepted')]: 1 });
  });

  test('that is slow: no answer waits for it too long, and what it keeps late is kept once', async () => {
    const gate = createGate();
    const { port, kept, nudge } = await start({
      around: (put) => async (entries) => {
        await gate.pass();
        await put(entries);
      },
      withinMs: 20,
    });
    const body = nudgeBody('e1');
    expect((await sendSigned(port, body)).status).toBe(503);
    gate.open();
    await vi.waitFor(() => expect(nudge).toHaveBeenCalled(), soon);
    expect(await kept()).toHaveLength(1);
    await vi.waitFor(async () => expect((await sendSigned(port, body)).status).toBe(202), soon);
    expect(await kept()).toHaveLength(1);
  });

  test('that will not have one of them gets the others', async () => {
    const gate = createGate();
    let writes = 0;
    const { port, kept, verified } = await start({
      around: (put) => async (entries) => {
        writes += 1;
        if (writes === 1) await gate.pass();
        if (entries.some(({ eventId }) => eventId === 'bad')) throw new Error('not this one');
        await put(entries);
      },
      withinMs: 30_000,
    });
    const first = sendSigned(port, nudgeBody('first'));
    await gate.arrived;
    const rest = ['bad', 'good', 'well'].map((id) => sendSigned(port, nudgeBody(id)));
    await vi.waitFor(() => expect(verified).toHaveLength(4), soon);
    gate.open();
    const statuses = (await Promise.all([first, ...rest])).map(({ status }) => status);
    expect(statuses).toEqual([202, 503, 202, 202]);
    expect((await kept()).map(({ eventId }) => eventId)).toEqual(['first', 'good', 'well']);
  });
});

describe('a storm', () => {
  test('is kept whole, one write at a time and many webhooks in each', async () => {
    const sizes: number[] = [];
    let writing = 0;
    const { port, kept, counted } = await start({
      around: (put) => async (entries) => {
        writing += 1;
        expect(writing).toBe(1);
        sizes.push(entries.length);
        await put(entries);
        writing -= 1;
      },
      withinMs: 30_000,
    });
    const agent = new Agent({ keepAlive: true, maxSockets: 100 });
    const answers = await Promise.all(
      Array.from({ length: 2_000 }, (_, n) => sendSigned(port, nudgeBody(`e${n}`), agent)),
    );
    agent.destroy();
    expect(answers.filter(({ status }) => status !== 202)).toEqual([]);
    expect(await kept()).toHaveLength(2_000);
    expect(await counted()).toEqual({ [count('accepted')]: 2_000 });
    expect(sizes.length).toBeLessThan(1_000);
  });

  test('of senders who never finish: 500 at once, the next is told to come back, and can once they go', async () => {
    const { port, kept, counted } = await start();
    const headers = { ...signed('x'), 'content-length': '100' };
    const silent = await Promise.all(
      Array.from({ length: 500 }, () => sendRaw(port, beginning(headers, 'x'))),
    );
    // Those that came before all of the 500 were read count among the taken.
    await vi.waitFor(async () => {
      const answer = await sendSigned(port, nudgeBody('e1'));
      expect([answer.status, answer.headers['retry-after']]).toEqual([503, '5']);
    }, soon);
    for (const socket of silent) socket.destroy();
    await vi.waitFor(async () => expect((await sendSigned(port, nudgeBody('e2'))).status).toBe(202), soon);
    expect((await kept()).map(({ eventId }) => eventId)).toContain('e2');
    await vi.waitFor(async () => expect((await counted())[count('broken-off')]).toBe(500), soon);
  });
});
