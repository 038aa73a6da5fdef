/** Bodies of strangers: each is bounded, and all of them together. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { type Body, createBodyReader } from '../../src/net/body-reader.ts';
import { createGate } from '../support/gate.ts';
import { send } from '../support/webhook-sender.ts';

let server: Server | undefined;
afterEach(() => server?.close());

/** A server that answers with what became of the body. */
async function start(limits: { most: number; mostAtOnce: number }): Promise<number> {
  const read = createBodyReader(limits);
  const words = (body: Body) => (body.kind === 'read' ? body.bytes.toString() : body.kind);
  const listening = createServer((request, response) => {
    void read(request).then((body) => response.end(words(body)));
  });
  server = listening;
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
  return (listening.address() as AddressInfo).port;
}

test('a body of just the size is read, one byte more is not', async () => {
  const port = await start({ most: 8, mostAtOnce: 10_000 });
  expect((await send(port, { pieces: ['1234', '5678'] })).text).toBe('12345678');
  expect((await send(port, { pieces: ['12345678', '9'] })).text).toBe('too-large');
  expect((await send(port, { pieces: [] })).text).toBe('');
});

test('of those together too large the oldest that is not finished makes room for what is sent in earnest', async () => {
  const port = await start({ most: 1_000, mostAtOnce: 2_000 });
  const gate = createGate();
  async function* held() {
    yield 'x'.repeat(900);
    await gate.pass();
    yield 'y';
  }
  const stalled = [send(port, { pieces: held() }), send(port, { pieces: held() })];
  await gate.arrived;
  for (let n = 0; n < 20; n += 1)
    expect((await send(port, { pieces: ['x'.repeat(900)] })).text).toHaveLength(900);
  gate.open();
  // Whichever of them were read that far.
  expect((await Promise.all(stalled)).map(({ text }) => text)).toContain('busy');
});

test('a body byte by byte costs what it takes, not what it says', async () => {
  const port = await start({ most: 1_000, mostAtOnce: 20_000 });
  const crumbs = send(port, { pieces: Array(900).fill('x') });
  expect((await crumbs).text).toBe('busy');
  expect((await send(port, { pieces: ['x'.repeat(900)] })).text).toHaveLength(900);
});
