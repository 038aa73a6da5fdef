/** What stands between the command line and a running Curfew: an owner-only socket that cannot be worn out. */
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createControlClient } from '../../src/control/client.ts';
import { connectControl } from '../../src/control/connect.ts';
import type { LedgerService } from '../../src/control/ledger-service.ts';
import { createControlServer } from '../../src/control/server.ts';
import { socketPath } from '../../src/control/socket-path.ts';
import { PATIENCE_MS } from '../support/patience.ts';
import { createRecordingLog } from '../support/recording-log.ts';

const PATIENCE = { timeout: PATIENCE_MS };
const HEAD = { seq: 1, hash: 'a'.repeat(64), signature: null };

/** Answers nothing but what a test gives it. */
function fakeService(given: Partial<LedgerService>): LedgerService {
  const unasked = () => Promise.reject(new Error('password=hunter2 was in here'));
  return {
    grants: unasked,
    revoke: unasked,
    freeze: unasked,
    freeze_status: unasked,
    verify: unasked,
    accounts: unasked,
    unlink: unasked,
    head: async () => HEAD,
    async *exportLines() {},
    ...given,
  };
}

let folder = '';
let at = '';
const log = createRecordingLog();
const stops: (() => Promise<void> | void)[] = [];
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'curfew-control-'));
  at = path.join(folder, 'control.sock');
});
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
  await rm(folder, { recursive: true, force: true });
});

async function serve(given: Partial<LedgerService> = {}, options: { unreadMs?: number } = {}) {
  const server = createControlServer({ path: at, service: fakeService(given), log, ...options });
  await server.start();
  stops.push(server.stop);
  return server;
}

async function reach(): Promise<Socket> {
  const socket = await connectControl(at);
  if (!socket) throw new Error('nobody listens');
  return socket;
}

const client = (silenceMs?: number) => createControlClient({ connect: reach, silenceMs });

/** What comes back to these bytes, until the other side closes. */
async function say(text: string): Promise<string> {
  const socket = connect(at);
  let heard = '';
  socket.setEncoding('utf8').on('data', (chunk: string) => {
    heard += chunk;
  });
  socket.on('error', () => {});
  socket.write(text);
  await once(socket, 'close');
  return heard;
}

describe('the control socket', () => {
  it('is for its owner alone, and gone when the server stops', async () => {
    const server = await serve();
    expect((await stat(at)).mode & 0o777).toBe(0o600);
    expect(await client().head({})).toEqual(HEAD);
    await server.stop();
    expect(await connectControl(at)).toBeNull();
  });

  it('is not opened in a directory that others can enter', async () => {
    await chmod(folder, 0o755);
    await expect(serve()).rejects.toThrow(/chmod 700/);
  });

  it('takes the place of nothing that is not a socket', async () => {
    await writeFile(at, 'notes');
    await expect(serve()).rejects.toThrow(/not a socket/);
    await expect(connectControl(at)).rejects.toThrow(/not a socket/);
    expect(await readFile(at, 'utf8')).toBe('notes');
  });

  it.each([
    'no json\n',
    '{"v":1,"method":"drop"}\n',
    '{"v":2,"method":"head","asked":{}}\n',
    '{"v":1,"method":"head","asked":{"more":1}}\n',
    '{"v":1,"method":"revoke","asked":{"selection":{},"actor":"slack:U1","by":"x","note":null,"dry_run":false}}\n',
    `${'x'.repeat(70_000)}\n`,
    'x'.repeat(200_000),
  ])('answers what it does not understand with a sentence, and goes on (%#)', async (text) => {
    await serve();
    expect(JSON.parse(await say(text))).toEqual({ failure: expect.stringContaining('same version') });
    expect(await client().head({})).toEqual(HEAD);
  });

  it('keeps what went wrong inside for its log', async () => {
    await serve();
    await expect(client().freeze_status({})).rejects.toThrow(/its log says why/);
    await expect(client().freeze_status({})).rejects.not.toThrow(/hunter2/);
    expect(
      log.entries.some(({ level, message }) => level === 'error' && message.includes('control request')),
    ).toBe(true);
  });

  it('says within bounds when a running Curfew has stopped answering', async () => {
    const mute = createServer((socket) => socket.resume()).listen(at);
    await once(mute, 'listening');
    stops.push(() => void mute.close());
    await expect(client(50).head({})).rejects.toThrow(/did not answer/);
  });

  it.each(['', '{"ans', '{"answer":{"seq":"one"}}\n', '{"wait":true}\n'])(
    'takes no part of an answer for the whole (%s)',
    async (text) => {
      const broken = createServer((socket) => socket.resume().end(text)).listen(at);
      await once(broken, 'listening');
      stops.push(() => void broken.close());
      await expect(client().head({})).rejects.toThrow(/broke off|does not understand/);
    },
  );

  it('never takes a part of an export for the whole', async () => {
    const broken = createServer((socket) => socket.resume().end('{"line":"one"}\n{"line":"two"}\n')).listen(
      at,
    );
    await once(broken, 'listening');
    stops.push(() => void broken.close());
    const read: string[] = [];
    const reading = (async () => {
      for await (const line of client().exportLines(0)) read.push(line);
    })();
    await expect(reading).rejects.toThrow(/broke off/);
    expect(read).toEqual(['one', 'two']);
  });

  it('can be asked again and again, also by those who leave before the answer', async () => {
    await serve({ freeze_status: () => new Promise(() => {}) });
    for (let asked = 0; asked < 50; asked += 1) {
      const socket = await reach();
      socket.write('{"v":1,"method":"freeze_status","asked":{}}\n', () => socket.destroy());
      await once(socket, 'close');
    }
    for (let asked = 0; asked < 50; asked += 1) expect(await client().head({})).toEqual(HEAD);
  });

  it('waits with an export for its reader, and stops reading the ledger when the reader goes', async () => {
    let made = 0;
    let over = false;
    const line = 'x'.repeat(10_000);
    await serve({
      async *exportLines() {
        try {
          for (;;) {
            made += 1;
            yield line;
          }
        } finally {
          over = true;
        }
      },
    });
    const lines = client().exportLines(0)[Symbol.asyncIterator]();
    for (let read = 0; read < 100; read += 1) expect((await lines.next()).value).toBe(line);
    // The socket's buffers fill, and then nothing more is made.
    await vi.waitFor(async () => {
      const before = made;
      await new Promise((resolve) => setTimeout(resolve, 50));
      expect(made).toBe(before);
    }, PATIENCE);
    expect(made).toBeLessThan(2_000);
    await lines.return?.(undefined);
    await vi.waitFor(() => expect(over).toBe(true), PATIENCE);
  });

  it('cuts off who asks for an export and never reads it', async () => {
    let over = false;
    await serve(
      {
        async *exportLines() {
          try {
            for (;;) yield 'x'.repeat(10_000);
          } finally {
            over = true;
          }
        },
      },
      { unreadMs: 50 },
    );
    const socket = await reach();
    socket.on('error', () => {});
    socket.write('{"v":1,"method":"export","asked":{"after":0}}\n');
    await vi.waitFor(() => expect(over).toBe(true), PATIENCE);
    socket.destroy();
  });

  it('says what to do about a path that is too long for a socket, and shortens it where it can', () => {
    const near = path.join(process.cwd(), 'control.sock');
    expect(socketPath(near)).toBe(near);
    const deep = path.join(process.cwd(), 'd'.repeat(80), 'control.sock');
    expect(socketPath(deep)).toBe(path.join('d'.repeat(80), 'control.sock'));
    expect(() => socketPath(path.join('/', 'd'.repeat(120), 'control.sock'))).toThrow(/too long/);
  });
});
