/** Who may speak to the playground, and what it says to them. */
import { request as httpRequest } from 'node:http';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createLive, type LiveOptions } from '../../src/playground/live.ts';
import type { PageFile } from '../../src/playground/page-files.ts';
import { createPageServer } from '../../src/playground/page-server.ts';
import type { Act, Handle, Snapshot } from '../../src/playground/protocol.ts';
import { silent } from '../support/house.ts';

const file = (body: string, type: string, immutable: boolean): PageFile => ({
  body: Buffer.from(body),
  type,
  immutable,
});
const files = new Map([
  ['/', file('<!doctype html>', 'text/html; charset=utf-8', false)],
  ['/assets/page-1a2b.js', file('go()', 'text/javascript; charset=utf-8', true)],
]);
const READ: Act = { do: 'read', conversation: 'C1' };

let port = 0;
let shown = 'first';
let acts: [Handle, Act][] = [];
let stop = async () => {};
let live: ReturnType<typeof createLive>;

async function start(options: Partial<LiveOptions> = {}): Promise<void> {
  live = createLive({
    snapshot: (you, version) => ({ you, version, shown }) as unknown as Snapshot,
    ...options,
  });
  const server = createPageServer({
    port: 0,
    files,
    live,
    refresh: async () => {},
    async act(handle, act) {
      acts.push([handle, act]);
      return { ok: true };
    },
    log: silent,
  });
  port = await server.start();
  stop = server.stop;
}
beforeEach(() => {
  shown = 'first';
  acts = [];
});
afterEach(() => stop());

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

/** `fetch` chooses Host and Origin by itself. */
function ask(
  method: string,
  path: string,
  headers: Readonly<Record<string, string>> = {},
  body = '',
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({ host: '127.0.0.1', port, method, path, headers }, (response) => {
      let text = '';
      response.on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }),
      );
    });
    request.once('error', reject);
    request.end(body);
  });
}

const here = () => `127.0.0.1:${port}`;
const post = (headers: Readonly<Record<string, string>>, body = JSON.stringify(READ), as = 'mia') =>
  ask('POST', `/act?as=${as}`, { 'content-type': 'application/json', ...headers }, body);
const own = () => ({ host: here(), origin: `http://${here()}`, 'sec-fetch-site': 'same-origin' });

describe('who may act', () => {
  beforeEach(() => start());

  it('is the page, by either name of this machine', async () => {
    expect(await post(own())).toMatchObject({ status: 200, body: '{"ok":true}\n' });
    const localhost = { host: `localhost:${port}`, origin: `http://localhost:${port}` };
    expect((await post(localhost)).status).toBe(200);
    expect(acts).toEqual([
      ['mia', READ],
      ['mia', READ],
    ]);
  });

  it.each<[string, (at: string) => Record<string, string>]>([
    ['another page', (at) => ({ host: at, origin: 'https://evil.example' })],
    ['another page with no origin to show', (at) => ({ host: at, origin: 'null' })],
    ['whoever hides where they come from', (at) => ({ host: at })],
    ['another port of this machine', (at) => ({ host: at, origin: 'http://127.0.0.1:1' })],
    [
      'the same place by another name',
      (at) => ({ host: at, origin: `http://${at.replace('127.0.0.1', 'localhost')}` }),
    ],
    ['the same place by https', (at) => ({ host: at, origin: `https://${at}` })],
    ['a name that was made to point here', () => ({ host: 'evil.example', origin: 'http://evil.example' })],
    [
      'that name with our port',
      (at) => ({ host: at.replace('127.0.0.1', 'evil.example'), origin: `http://${at}` }),
    ],
    ['our name without the port', (at) => ({ host: '127.0.0.1', origin: `http://${at}` })],
    [
      'a page of the same site',
      (at) => ({ host: at, origin: `http://${at}`, 'sec-fetch-site': 'same-site' }),
    ],
    ['a page elsewhere', (at) => ({ host: at, origin: `http://${at}`, 'sec-fetch-site': 'cross-site' })],
  ])('is not %s', async (_, headers) => {
    const answer = await post(headers(here()));
    expect(answer.status).toBe(403);
    expect(JSON.parse(answer.body)).toEqual({ ok: false, error: expect.stringMatching(/^[A-Z].*\.$/) });
    expect(acts).toEqual([]);
  });

  it.each<[string, (at: string) => Record<string, string>]>([
    ['another page', (at) => ({ host: at, origin: 'https://evil.example' })],
    ['a page elsewhere', (at) => ({ host: at, 'sec-fetch-site': 'cross-site' })],
    ['a name that was made to point here', () => ({ host: 'evil.example' })],
  ])('and what people see is not for %s', async (_, headers) => {
    expect((await ask('GET', '/live?as=mia', headers(here()))).status).toBe(403);
    expect((await ask('GET', '/act?as=mia', headers(here()))).status).toBe(403);
  });

  it('shows the page to who follows a link to it, but under no other name and in no frame', async () => {
    const linked = await ask('GET', '/', { host: here(), 'sec-fetch-site': 'cross-site' });
    expect(linked).toMatchObject({ status: 200, body: '<!doctype html>' });
    expect(linked.headers).toMatchObject({
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'content-security-policy': expect.stringContaining("frame-ancestors 'none'"),
    });
    expect(String(linked.headers['content-security-policy'])).not.toContain('unsafe');
    expect((await ask('GET', '/', { host: 'evil.example' })).status).toBe(403);
  });
});

describe('what can be said', () => {
  beforeEach(() => start());

  it.each<[string, number, () => Promise<Answer>]>([
    ['nobody known', 400, () => post(own(), JSON.stringify(READ), 'eve')],
    ['no JSON', 400, () => post(own(), 'do=read')],
    ['an unknown act', 400, () => post(own(), '{"do":"approve-everything"}')],
    ['more than the act has', 400, () => post(own(), JSON.stringify({ ...READ, as: 'mia' }))],
    ['a clock moved back', 400, () => post(own(), '{"do":"advance","seconds":-3600}')],
    ['a form of another type', 415, () => post({ ...own(), 'content-type': 'text/plain' })],
    [
      'too much',
      413,
      () => post(own(), JSON.stringify({ do: 'say', conversation: 'C', text: 'x'.repeat(70_000) })),
    ],
    [
      'too much, in pieces',
      413,
      () => post({ ...own(), 'transfer-encoding': 'chunked' }, ' '.repeat(70_000)),
    ],
    ['nothing that is here', 404, () => ask('GET', '/assets/../../package.json', own())],
    ['the wrong verb', 405, () => ask('GET', '/act?as=mia', own())],
    ['the wrong verb for the page', 405, () => ask('POST', '/', own())],
  ])('is not %s: %i', async (_, status, say) => {
    const answer = await say();
    expect(answer.status).toBe(status);
    expect(JSON.parse(answer.body)).toMatchObject({ error: expect.any(String) });
    expect(acts).toEqual([]);
    expect((await post(own())).status).toBe(200);
  });

  it('keeps for good only what is named by its content', async () => {
    const { headers, body } = await ask('GET', '/assets/page-1a2b.js', own());
    expect(body).toBe('go()');
    expect(headers['cache-control']).toContain('immutable');
  });
});

describe('what is pushed', () => {
  /** Opens the page; what it has received so far. */
  function open(as: string) {
    const texts: string[] = [];
    let leave = () => {};
    let pause = () => {};
    let resume = () => {};
    const closed = new Promise<void>((resolve) => {
      const request = httpRequest({ host: '127.0.0.1', port, path: `/live?as=${as}` }, (response) => {
        response.on('data', (chunk) => texts.push(String(chunk)));
        response.on('close', resolve);
        pause = () => response.pause();
        resume = () => response.resume();
      });
      request.once('error', () => resolve());
      leave = () => request.destroy();
      request.end();
    });
    return { texts, closed, pause: () => pause(), resume: () => resume(), leave: () => leave() };
  }
  const seen = (texts: readonly string[]) =>
    texts
      .join('')
      .split('\n\n')
      .filter((text) => text.startsWith('data: '))
      .map((text) => JSON.parse(text.slice('data: '.length)) as { you: string; shown: string });

  it('is the whole of what each person sees, once for many changes', async () => {
    await start();
    const [mia, sam] = [open('mia'), open('sam')];
    await vi.waitFor(() => expect([...seen(mia.texts), ...seen(sam.texts)]).toHaveLength(2));
    for (shown of ['a', 'b', 'c']) live.changed();
    await vi.waitFor(() => expect(seen(sam.texts)).toHaveLength(2));
    expect(seen(mia.texts)).toMatchObject([
      { you: 'mia', shown: 'first' },
      { you: 'mia', shown: 'c' },
    ]);
    expect(seen(sam.texts).map(({ you }) => you)).toEqual(['sam', 'sam']);
  });

  it('goes to so many pages and no more, until one is closed', async () => {
    await start({ most: 2 });
    const pages = [open('mia'), open('ana')];
    await vi.waitFor(() => expect(live.pages()).toBe(2));
    expect(await ask('GET', '/live?as=omar')).toMatchObject({
      status: 503,
      body: expect.stringContaining('Close'),
    });
    pages[0]?.leave();
    await vi.waitFor(() => expect(live.pages()).toBe(1));
    const third = open('omar');
    await vi.waitFor(() => expect(seen(third.texts)).toHaveLength(1));
  });

  it('lets a page go that takes nothing any more', async () => {
    await start({ patienceMs: 2_000 });
    const [slow, quick] = [open('mia'), open('ana')];
    await vi.waitFor(() => expect([...seen(slow.texts), ...seen(quick.texts)]).toHaveLength(2));
    slow.pause();
    shown = 'x'.repeat(8_000_000);
    live.changed();
    await vi.waitFor(() => expect(live.pages()).toBe(1));
    await vi.waitFor(() => expect(seen(quick.texts).at(-1)?.shown).toHaveLength(8_000_000));
  });

  it('leaves out what a slow page missed, and gives it the newest', async () => {
    await start();
    const [slow, quick] = [open('mia'), open('ana')];
    await vi.waitFor(() => expect([...seen(slow.texts), ...seen(quick.texts)]).toHaveLength(2));
    slow.pause();
    for (const letter of 'abcd') {
      shown = letter.repeat(8_000_000);
      live.changed();
      await vi.waitFor(() => expect(seen(quick.texts).at(-1)?.shown[0]).toBe(letter));
    }
    slow.resume();
    await vi.waitFor(() => expect(seen(slow.texts).at(-1)?.shown[0]).toBe('d'));
    expect(seen(slow.texts).map((each) => each.shown[0])).toEqual(['f', 'a', 'd']);
  });

  it('shows that it is still there', async () => {
    await start({ heartbeatMs: 10 });
    const page = open('mia');
    await vi.waitFor(() => expect(page.texts.filter((text) => text === ':\n\n').length).toBeGreaterThan(2));
  });

  it('ends with the playground', async () => {
    await start();
    const page = open('mia');
    await vi.waitFor(() => expect(live.pages()).toBe(1));
    await stop();
    await page.closed;
  });
});
