/** What sources of incidents send: taken once it is durable, refused without a trace. */
import { gzipSync } from 'node:zlib';
import { describe, expect, test, vi } from 'vitest';
import { createGate } from '../support/gate.ts';
import { webhookCount as count, soon, webhookDoor } from '../support/webhook-door.ts';
import { beginning, nudgeBody, send, sendRaw, sendSigned, signed } from '../support/webhook-sender.ts';

const start = webhookDoor();

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
