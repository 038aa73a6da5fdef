import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { createConnector } from '../../../src/chat/teams/connector.ts';
import { type ConnectorError, TokenRefused } from '../../../src/chat/teams/connector-error.ts';
import { startTeamsConnector, type TeamsConnector } from '../../support/teams-connector.ts';

const CHAT = '19:a/b c@thread.v2';
const settings = {
  credentials: { appId: 'app-1', appPassword: 'hush', appType: 'MultiTenant', issuer: null },
  tenantId: '11111111-2222-3333-4444-555555555555',
  dialogs: true,
} as const;
const activity = {
  type: 'message',
  summary: 's',
  attachments: [
    { contentType: 'application/vnd.microsoft.card.adaptive', content: { type: 'AdaptiveCard' } },
  ],
};
const token = async () => 'the-token';

let teams: TeamsConnector;
beforeAll(async () => {
  teams = await startTeamsConnector({ pageSize: 1 });
  teams.roster(CHAT, [{ id: '29:ana' }, { id: '29:omar' }]);
});
afterEach(() => teams.heal());
afterAll(() => teams.close());

const failure = (work: Promise<unknown>) =>
  work.then(
    () => expect.unreachable('it should have failed'),
    (error: unknown) => error as ConnectorError,
  );
const forever = new Promise<never>(() => {});

test('calls carry the bot’s token, and the playground’s carry none', async () => {
  await createConnector({ settings, token }).send(teams.serviceUrl, CHAT, activity);
  expect(teams.calls.at(-1)?.authorization).toBe('Bearer the-token');
  const playground = createConnector({ settings: { ...settings, credentials: null } });
  await playground.send(teams.serviceUrl, CHAT, activity);
  expect(teams.calls.at(-1)?.authorization).toBeNull();
});

test('a chat is opened in the bot’s name, in the person’s tenant', async () => {
  await createConnector({ settings, token }).createDirect(teams.serviceUrl, {
    tenant: 't1',
    address: '29:ana',
  });
  expect(teams.calls.at(-1)?.body).toEqual({
    bot: { id: '28:app-1' },
    isGroup: false,
    members: [{ id: '29:ana' }],
    tenantId: 't1',
    channelData: { tenant: { id: 't1' } },
  });
});

test('all pages are read', async () => {
  const members = await createConnector({ settings, token }).members(teams.serviceUrl, CHAT);
  expect(members.map(({ address }) => address)).toEqual(['29:ana', '29:omar']);
});

test('a list without an end is not read to the end', async () => {
  const many = Array.from({ length: 30 }, (_, n) => ({ id: `29:${n}` }));
  teams.roster('19:many@thread.v2', many);
  const connector = createConnector({ settings, token });
  const error = await failure(connector.members(teams.serviceUrl, '19:many@thread.v2'));
  expect(error.code).toBe('too_many_members');
});

test.each([
  'http://example.test/',
  'ftp://127.0.0.1/',
  'https://example.test/?to=',
  'https://user:pass@example.test/',
  'nonsense',
])('the token is not sent to %s', async (serviceUrl) => {
  let asked = false;
  const watched = async () => {
    asked = true;
    return 'the-token';
  };
  const error = await failure(createConnector({ settings, token: watched }).send(serviceUrl, CHAT, activity));
  expect(error).toMatchObject({ code: 'bad_service_url', sent: false });
  expect(asked).toBe(false);
});

test('a redirect is not followed with the token', async () => {
  const before = teams.calls.length;
  const location = `${teams.serviceUrl}elsewhere`;
  teams.fail('send', { kind: 'answer', status: 307, headers: { location } });
  const error = await failure(createConnector({ settings, token }).send(teams.serviceUrl, CHAT, activity));
  expect(error.status).toBe(307);
  expect(teams.calls.length - before).toBe(1);
});

test.each([
  ['send', 429],
  ['send', 503],
  ['send', 500],
  ['channels', 429],
  ['channels', 503],
  ['channels', 307],
] as const)('a %s that is answered with %d is not made again', async (method, status) => {
  const before = teams.calls.length;
  const headers = { 'retry-after': '0', location: `${teams.serviceUrl}elsewhere` };
  for (let n = 0; n < 5; n += 1) teams.fail(method, { kind: 'answer', status, headers });
  const connector = createConnector({ settings, token });
  const call =
    method === 'send'
      ? connector.send(teams.serviceUrl, CHAT, activity)
      : connector.channels(teams.serviceUrl, '19:general@thread.tacv2');
  expect((await failure(call)).status).toBe(status);
  expect(teams.calls.length - before).toBe(1);
});

test('a Teams that says nothing is given up on, and may have done it', async () => {
  teams.fail('send', { kind: 'held', until: forever });
  const connector = createConnector({ settings, token, timeoutMs: 50 });
  const error = await failure(connector.send(teams.serviceUrl, CHAT, activity));
  expect(error).toMatchObject({ code: 'no_answer', sent: true });
});

test('waiting for a token ends as well, and nothing was sent', async () => {
  const before = teams.calls.length;
  const connector = createConnector({ settings, token: () => forever, timeoutMs: 50 });
  const error = await failure(connector.send(teams.serviceUrl, CHAT, activity));
  expect(error).toMatchObject({ code: 'no_answer', sent: false });
  expect(teams.calls.length).toBe(before);
});

test('what Entra said in anger stays out of the error', async () => {
  const angry = async () => {
    throw new Error('client_secret=hush is wrong');
  };
  const error = await failure(
    createConnector({ settings, token: angry }).send(teams.serviceUrl, CHAT, activity),
  );
  expect(error.code).toBe('no_answer');
  expect(`${String(error)} ${error.stack} ${String(error.cause)}`).not.toContain('hush');
});

test('Entra’s own no is told from a token that did not come', async () => {
  const refused = async () => {
    throw new TokenRefused('invalid_client');
  };
  const connector = createConnector({ settings, token: refused });
  expect(await failure(connector.send(teams.serviceUrl, CHAT, activity))).toMatchObject({
    code: 'no_token',
    sent: false,
  });
  expect(await failure(connector.renewToken())).toMatchObject({ code: 'no_token' });
  const silent = createConnector({ settings, token: () => forever, timeoutMs: 50 });
  expect(await failure(silent.renewToken())).toMatchObject({ code: 'no_answer' });
});

test('no connection means that nothing happened', async () => {
  const closed = createServer().listen(0, '127.0.0.1');
  await once(closed, 'listening');
  const { port } = closed.address() as AddressInfo;
  closed.close();
  await once(closed, 'close');
  const connector = createConnector({ settings, token });
  const error = await failure(connector.send(`http://127.0.0.1:${port}/`, CHAT, activity));
  expect(error).toMatchObject({ code: 'no_answer', sent: false });
});

test.each([
  ['is no JSON', 200, '<html>'],
  ['names no message', 200, {}],
])('an answer that %s is not believed', async (_name, status, body) => {
  teams.fail('send', { kind: 'answer', status, body });
  const error = await failure(createConnector({ settings, token }).send(teams.serviceUrl, CHAT, activity));
  expect(error).toMatchObject({ code: 'odd_answer', sent: true });
});

test('an endless answer is not read', async () => {
  teams.fail('send', { kind: 'answer', status: 200, body: `{"id":"1","pad":"${'x'.repeat(3_000_000)}"}` });
  const error = await failure(createConnector({ settings, token }).send(teams.serviceUrl, CHAT, activity));
  expect(error.code).toBe('answer_too_long');
});

test('an error’s words never pass, only a plain code does', async () => {
  const connector = createConnector({ settings, token });
  teams.fail('send', { kind: 'answer', status: 403, body: { error: { code: 'Bearer: the-token\n' } } });
  expect((await failure(connector.send(teams.serviceUrl, CHAT, activity))).code).toBe('http_403');
});
