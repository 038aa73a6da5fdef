/** Nothing gets in that Slack did not sign, and nothing that Slack could have signed brings the bot down. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type SlackWorkspace, startSlackWorkspace } from '../../support/slack-workspace.ts';
import { type Bot, startBot } from './bot.ts';

let slack: SlackWorkspace;
let bot: Bot;

beforeAll(async () => {
  slack = await startSlackWorkspace();
});
beforeEach(async () => {
  bot = await startBot(slack);
});
afterEach(async () => {
  slack.api.heal();
  await bot.close();
});
afterAll(() => slack.close());
const FORM = 'application/x-www-form-urlencoded';
const JSON_TYPE = 'application/json';
const genuine = `command=%2Felevate&team_id=T1&user_id=U1&trigger_id=t&text=mine`;

test.each([
  ['with another secret', { secret: 'wrong' }],
  ['400 s old', { skewS: -400 }],
  ['400 s ahead', { skewS: 400 }],
  ['without a signature', { headers: { 'x-slack-signature': '' } }],
  ['with half a signature', { headers: { 'x-slack-signature': 'v0' } }],
  ['of another scheme', { headers: { 'x-slack-signature': 'v1=00' } }],
  ['without a time', { headers: { 'x-slack-request-timestamp': '' } }],
  ['with a time that is none', { headers: { 'x-slack-request-timestamp': 'NaN' } }],
])('a request signed %s gets 401', async (_name, forgery) => {
  const { status } = await slack.send({ body: genuine, contentType: FORM, ...forgery });
  expect(status).toBe(401);
  expect(bot.seen).toEqual([]);
});

test('a body over 1 MB gets 413, whether it says its length or not', async () => {
  const body = Buffer.alloc(1024 * 1024 + 1, 'x');
  expect((await slack.send({ body, contentType: FORM })).status).toBe(413);
  const url = `${bot.url}/slack/events`;
  const stream = new Blob([body]).stream();
  const streamed = await fetch(url, { method: 'POST', body: stream, duplex: 'half' } as RequestInit);
  expect(streamed.status).toBe(413);
});

const nested = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
const payload = (value: string) => `payload=${encodeURIComponent(value)}`;
const clicked = {
  type: 'block_actions',
  user: { id: 'U1', team_id: 'T1' },
  trigger_id: 't',
  actions: [{ action_id: 'curfew:approve:0', value: 'R-1' }],
};
test.each([
  ['nothing', '', FORM],
  ['nothing as JSON', '', JSON_TYPE],
  ['broken JSON', '{"type":', JSON_TYPE],
  ['null', 'null', JSON_TYPE],
  ['a number', '7', JSON_TYPE],
  ['a list', '[1,2]', JSON_TYPE],
  ['deep nesting', nested, JSON_TYPE],
  ['an unknown type', '{"type":"surprise"}', JSON_TYPE],
  ['the wrong content type', genuine, 'text/plain'],
  ['no form at all', '{"type":"block_actions"}', FORM],
  ['JSON as text', '{"type":"event_callback"}', 'text/plain'],
  ['payload=null', 'payload=null', FORM],
  ['payload=7', 'payload=7', FORM],
  ['payload="x"', payload('"x"'), FORM],
  ['payload=[]', payload('[]'), FORM],
  ['payload={}', payload('{}'), FORM],
  ['a broken payload', 'payload=%7B', FORM],
  ['two payloads', `${payload('{}')}&${payload('{}')}`, FORM],
  ['a deep payload', payload(nested.slice(0, 100_000)), FORM],
  ['two commands', `${genuine}&command=%2Fother`, FORM],
  ['a command by nobody', genuine.replace('user_id=U1', 'user_id='), FORM],
  ['a click by nobody', payload(JSON.stringify({ ...clicked, user: null })), FORM],
  ['a click on nothing', payload(JSON.stringify({ ...clicked, actions: [] })), FORM],
  ['a click that trips Bolt', payload(JSON.stringify({ ...clicked, channel: null })), FORM],
  ['another one', payload(JSON.stringify({ ...clicked, response_urls: null })), FORM],
  ['a click that is an event too', payload(JSON.stringify({ ...clicked, event: 'x' })), FORM],
  ['an event without content', '{"type":"event_callback","team_id":"T1","event_id":"E1"}', JSON_TYPE],
  ['bytes', Buffer.from([0xff, 0xfe, 0x00, 0x80]), JSON_TYPE],
])('%s, properly signed, gets 400 at once and changes nothing', async (_name, body, contentType) => {
  const { status } = await slack.send({ body, contentType });
  // 401 where the bytes are no text: then no signature over text can fit.
  expect([400, 401]).toContain(status);
  if (typeof body === 'string') expect(status).toBe(400);
  expect(bot.seen).toEqual([]);
  expect((await slack.command('ana', 'mine')).status).toBe(200);
});

test('other paths and methods are not ours', async () => {
  const base = bot.url;
  expect((await fetch(`${base}/slack/other`, { method: 'POST' })).status).toBe(404);
  expect((await fetch(`${base}/slack/events`)).status).toBe(405);
});

test('nobody hears of a sender who goes away half-way', async () => {
  const url = `${bot.url}/slack/events`;
  const stop = new AbortController();
  const endless = new ReadableStream({
    pull: (controller) => {
      controller.enqueue(new Uint8Array(1000));
      if (!stop.signal.aborted) stop.abort();
    },
  });
  const gone = fetch(url, {
    method: 'POST',
    body: endless,
    duplex: 'half',
    signal: stop.signal,
  } as RequestInit);
  await expect(gone).rejects.toThrow();
  expect((await slack.command('ana', 'mine')).status).toBe(200);
});
