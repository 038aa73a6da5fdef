/** The workspace that other tests stand on says what Slack would say. */
import { webApi } from '@slack/bolt';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type SlackWorkspace, startSlackWorkspace } from '../../support/slack-workspace.ts';
import { visibleText } from '../../support/visible-text.ts';

let slack: SlackWorkspace;
let client: webApi.WebClient;
const hello = [{ type: 'header', text: { type: 'plain_text' as const, text: 'a &lt; b' } }];

beforeAll(async () => {
  slack = await startSlackWorkspace();
  client = new webApi.WebClient(slack.botToken, {
    slackApiUrl: slack.apiUrl,
    retryConfig: { retries: 0 },
    logLevel: webApi.LogLevel.ERROR,
    rejectRateLimitedCalls: true,
  });
});
afterAll(() => slack.close());

test('the bot is itself, in its own workspace', async () => {
  expect(await client.auth.test()).toMatchObject({
    user_id: slack.botUser,
    team_id: slack.workspace,
    bot_id: 'B0CURFEW',
  });
});

test('people stand as they should', async () => {
  const of = async (handle: 'ana' | 'sam' | 'dee' | 'zoe') =>
    (await client.users.info({ user: slack.person(handle).id })).user;
  expect(await of('ana')).toMatchObject({ is_restricted: false, deleted: false, tz: 'Europe/Berlin' });
  expect(await of('sam')).toMatchObject({ is_restricted: true });
  expect(await of('dee')).toMatchObject({ deleted: true });
  expect(await of('zoe')).toMatchObject({ is_stranger: true, team_id: 'T0OUTSIDE' });
});

test('a message can be posted, found and read as people see it', async () => {
  await client.chat.postMessage({ channel: slack.channel('dba'), text: 'x', blocks: hello });
  const message = await slack.waitForMessage('dba', ({ text }) => text === 'x');
  expect(visibleText(message)).toBe('a < b');
});

test('the manifest’s scopes are all that the bot has', async () => {
  await expect(client.reactions.add({ channel: 'C1', timestamp: '1.1', name: 'x' })).rejects.toThrow(
    'missing_scope',
  );
});

test('what breaks a limit is refused as by Slack, and remembered', async () => {
  const other = await startSlackWorkspace();
  const its = new webApi.WebClient(other.botToken, {
    slackApiUrl: other.apiUrl,
    logLevel: webApi.LogLevel.ERROR,
  });
  const blocks = [{ type: 'header', text: { type: 'plain_text' as const, text: 'x'.repeat(151) } }];
  await expect(its.chat.postMessage({ channel: other.channel('dba'), text: 'x', blocks })).rejects.toThrow(
    'invalid_blocks',
  );
  await expect(other.close()).rejects.toThrow('Slack would refuse');
});

test('faults come once, in the order in which they were asked for', async () => {
  const post = () => client.chat.postMessage({ channel: slack.channel('dba'), text: 'f', blocks: hello });
  slack.api.fail('chat.postMessage', { kind: 'rate-limited', retryAfterS: 7 });
  slack.api.fail('chat.postMessage', { kind: 'answer-lost' });
  await expect(post()).rejects.toMatchObject({ retryAfter: 7 });
  await expect(post()).rejects.toMatchObject({ code: webApi.ErrorCode.RequestError });
  await post();
  // The answer was lost, the message was not.
  expect((await slack.messages('dba')).filter(({ text }) => text === 'f')).toHaveLength(2);
});
