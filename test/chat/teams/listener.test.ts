/** Nothing gets in that Teams did not sign, and nothing that Teams could have signed brings the bot down. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { SERVICE_URL, words } from '../../support/teams-activities.ts';
import { startTeamsIssuer, type TeamsIssuer, type TokenParts } from '../../support/teams-issuer.ts';
import { type Bot, startBot } from './bot.ts';

let issuer: TeamsIssuer;
let bot: Bot;

beforeAll(async () => {
  issuer = await startTeamsIssuer();
});
beforeEach(async () => {
  bot = await startBot(issuer);
});
afterEach(async () => {
  issuer.behave('well');
  issuer.endorse([]);
  await bot.close();
});
afterAll(() => issuer.close());

const JSON_TYPE = 'application/json';
const nowS = Math.floor(Date.now() / 1000);

async function post(
  body: string | Buffer<ArrayBuffer>,
  { authorization = issuer.authorize(SERVICE_URL), contentType = JSON_TYPE, url = bot.url } = {},
): Promise<number> {
  const response = await fetch(`${url}/api/messages`, {
    method: 'POST',
    headers: { 'content-type': contentType, ...(authorization ? { authorization } : {}) },
    body,
  });
  return response.status;
}

test('a request that Teams signed is taken', async () => {
  expect(await post(JSON.stringify(words('mine')))).toBe(200);
  expect(bot.seen).toHaveLength(1);
});

test.each<[string, TokenParts]>([
  ['signed with another key', { forged: true }],
  ['signed with the public key as a password', { header: { alg: 'HS256' }, signature: 'hmac' }],
  ['signed so, but named RS256', { signature: 'hmac' }],
  ['with alg none', { header: { alg: 'none' }, signature: 'none' }],
  ['with alg none and some signature', { header: { alg: 'none' } }],
  ['without a signature', { signature: 'none' }],
  ['whose key nobody knows', { header: { kid: 'key-of-nobody' } }],
  ['whose key has no name', { header: { kid: undefined } }],
  ['whose key is named after no RSA key', { header: { kid: 'odd' } }],
  ['that demands what we do not know', { header: { crit: ['b64'], b64: false } }],
  ['that has expired', { claims: { exp: nowS - 600 } }],
  ['that never expires', { claims: { exp: undefined } }],
  ['that is not valid yet', { claims: { nbf: nowS + 600 } }],
  ['for another bot', { claims: { aud: '99999999-1111-4222-8333-444444444444' } }],
  ['for no bot', { claims: { aud: undefined } }],
  ['of another issuer', { claims: { iss: 'https://sts.windows.net/d6d49420-f39b-4df7-a1dc-d59a935871db/' } }],
  ['of an emulator', { claims: { iss: 'https://login.microsoftonline.com/botframework.com/v2.0' } }],
  ['for another service', { claims: { serviceurl: 'https://evil.test/' } }],
  ['for no service', { claims: { serviceurl: undefined } }],
])('a token %s gets 401, and nothing is done or printed', async (_name, parts) => {
  const printed = (['log', 'warn', 'error', 'info'] as const).map((level) =>
    vi.spyOn(console, level).mockImplementation(() => {}),
  );
  const { status } = await bot.send(words('prod-dba 1h very private words'), parts);
  expect(status).toBe(401);
  expect(bot.seen).toEqual([]);
  expect(bot.met).toEqual([]);
  expect(bot.log.text()).toContain('Refused a request');
  expect(bot.log.text()).not.toMatch(/private words|eyJ/);
  for (const spy of printed) {
    expect(spy).not.toHaveBeenCalled();
    spy.mockRestore();
  }
});

test.each([
  ['nothing', ''],
  ['half of one', 'Bearer eyJhbGciOiJSUzI1NiJ9'],
  ['another scheme', 'Basic dXNlcjpwYXNz'],
  ['a token of no JSON', 'Bearer aGk.aGk.aGk'],
  ['a token too long', `Bearer ${'a'.repeat(12_000)}.${'a'.repeat(5_000)}.a`],
])('%s in place of a token gets 401', async (_name, authorization) => {
  const status = await post(JSON.stringify(words('mine')), { authorization });
  // 431 where Node itself does not read headers that long.
  expect(authorization.length > 16_000 ? [401, 431] : [401]).toContain(status);
  expect(bot.seen).toEqual([]);
});

test('a token of another channel of the Bot Connector gets 401', async () => {
  expect((await bot.send({ ...words('mine'), channelId: 'webchat' })).status).toBe(401);
  expect((await bot.send({ ...words('mine'), channelId: 'emulator' })).status).toBe(401);
  expect(bot.seen).toEqual([]);
});

test('a key that Teams may not sign with gets 401, one that it may is taken', async () => {
  issuer.endorse(['webchat']);
  expect((await bot.send(words('mine'))).status).toBe(401);
  issuer.endorse(['webchat', 'msteams']);
  const another = await startBot(issuer);
  expect((await another.send(words('mine'))).status).toBe(200);
  await another.close();
});

test.each([
  ['no token', { authorization: '' }],
  ['a forged token', { authorization: 'forged' }],
])('with %s not even the shape is looked at', async (_name, { authorization }) => {
  const token = authorization === 'forged' ? issuer.authorize(SERVICE_URL, { forged: true }) : '';
  expect(await post('{"type":', { authorization: token })).toBe(401);
});

test.each(['fails', 'babbles', 'huge', 'hangs'] as const)(
  'while the place of the keys %s, requests get 503 in bounded time and are never taken',
  async (how) => {
    const impatient = await startBot(issuer, { metadataWithinMs: 200 });
    issuer.behave(how);
    expect((await impatient.send(words('mine'))).status).toBe(503);
    expect((await impatient.send(words('mine'), { forged: true })).status).toBe(503);
    expect(impatient.seen).toEqual([]);
    issuer.behave('well');
    expect((await impatient.send(words('mine'))).status).toBe(200);
    await impatient.close();
  },
);

test('a body over 1 MB gets 413, whether it says its length or not', async () => {
  const body = Buffer.alloc(1024 * 1024 + 1, 'x');
  expect(await post(body)).toBe(413);
  const streamed = await fetch(`${bot.url}/api/messages`, {
    method: 'POST',
    body: new Blob([body]).stream(),
    duplex: 'half',
  } as RequestInit);
  expect(streamed.status).toBe(413);
});

const nested = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
const genuine = words('mine');
const without = (field: keyof typeof genuine) => JSON.stringify({ ...genuine, [field]: undefined });
test.each([
  ['nothing', ''],
  ['broken JSON', '{"type":'],
  ['null', 'null'],
  ['a number', '7'],
  ['a list', '[1,2]'],
  ['deep nesting', nested],
  ['an empty object', '{}'],
  ['an activity without an id', without('id')],
  ['an activity of nobody', without('from')],
  ['an activity for nobody', without('recipient')],
  ['an activity from nowhere', without('conversation')],
  ['an activity without a type', without('type')],
  ['words that are no text', JSON.stringify({ ...genuine, text: { a: 1 } })],
  ['too many words', JSON.stringify({ ...genuine, text: 'x'.repeat(200_000) })],
  ['bytes', Buffer.from([0xff, 0xfe, 0x00, 0x80])],
])('%s, properly signed, gets 400 and changes nothing', async (_name, body) => {
  expect(await post(body)).toBe(400);
  expect(bot.seen).toEqual([]);
  expect((await bot.send(words('mine'))).status).toBe(200);
});

test('other paths, methods and types are not ours', async () => {
  expect((await fetch(`${bot.url}/api/other`, { method: 'POST' })).status).toBe(404);
  expect((await fetch(`${bot.url}/api/messages`)).status).toBe(405);
  expect(await post(JSON.stringify(genuine), { contentType: 'text/plain' })).toBe(415);
  expect(bot.seen).toEqual([]);
});

test('nobody hears of a sender who goes away half-way', async () => {
  const stop = new AbortController();
  const endless = new ReadableStream({
    pull: (controller) => {
      controller.enqueue(new Uint8Array(1000));
      if (!stop.signal.aborted) stop.abort();
    },
  });
  const gone = fetch(`${bot.url}/api/messages`, {
    method: 'POST',
    body: endless,
    duplex: 'half',
    signal: stop.signal,
  } as RequestInit);
  await expect(gone).rejects.toThrow();
  expect((await bot.send(words('mine'))).status).toBe(200);
});

test('in the playground nobody is asked for a token, on this machine', async () => {
  const open = await startBot(issuer, { credentials: null });
  const status = await post(JSON.stringify(words('mine')), { authorization: '', url: open.url });
  expect(status).toBe(200);
  expect(open.seen).toHaveLength(1);
  await open.close();
});
