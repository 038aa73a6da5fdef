/** What Slack reports: people who open the home page, people who leave. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type SlackWorkspace, startSlackWorkspace } from '../../support/slack-workspace.ts';
import { visibleText } from '../../support/visible-text.ts';
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
test('opening the home page publishes it', async () => {
  await slack.event('app_home_opened', { user: slack.person('ana').id, tab: 'home' });
  await slack.until(() => visibleText(slack.home('ana')).includes('My live access'));
});

test('a home page that cannot be published is no reason to fail', async () => {
  slack.api.fail('views.publish', { kind: 'error', code: 'internal_error' });
  const { status } = await slack.event('app_home_opened', { user: slack.person('ana').id, tab: 'home' });
  expect(status).toBe(200);
  await slack.until(() => bot.log.entries.some(({ level }) => level === 'error'));
});

test('a deactivated person is passed on, once recorded; repeated with the same key', async () => {
  const user = { id: slack.person('lea').id, team_id: slack.workspace, deleted: true };
  const delivery = await slack.event('user_change', { user });
  await delivery.again();
  expect(delivery.status).toBe(200);
  expect(bot.changes).toMatchObject([
    { speaker: { userId: user.id, workspace: slack.workspace }, left: 'deactivated' },
    { left: 'deactivated' },
  ]);
  expect(bot.changes[0]?.deliveryKey).toMatch(/^slack:Ev/);
  expect(bot.changes[1]?.deliveryKey).toBe(bot.changes[0]?.deliveryKey);
});

test('while a leaver is not recorded Slack is not told so, and sends it again', async () => {
  bot.memberChanged = () => Promise.reject(new Error('the ledger is down'));
  const user = { id: slack.person('lea').id, team_id: slack.workspace, deleted: true };
  const failed = await slack.event('user_change', { user });
  expect(failed.status).toBe(503);
  bot.memberChanged = async () => {};
  expect((await failed.again()).status).toBe(200);
});

test('after any change of a person, what was remembered of them is asked anew', async () => {
  const mia = slack.person('mia').id;
  expect((await bot.port.profile(mia))?.standing).toBe('full');
  slack.api.patchUser(mia, { is_restricted: true });
  await slack.event('user_change', { user: { id: mia, team_id: slack.workspace, deleted: false } });
  expect((await bot.port.profile(mia))?.standing).toBe('guest');
  expect(bot.changes).toEqual([]);
});

test('an event that nobody asked for is taken without a word', async () => {
  expect((await slack.event('reaction_added', { user: 'U1' })).status).toBe(200);
});

test('Slack’s question whether the address is ours is answered', async () => {
  const { answer } = await slack.send({
    body: JSON.stringify({ type: 'url_verification', challenge: 'c-1' }),
    contentType: 'application/json',
  });
  expect(answer).toEqual({ challenge: 'c-1' });
});

test.each([
  ['app_uninstalled', {}],
  ['tokens_revoked', { tokens: { oauth: [], bot: ['U0CURFEW'] } }],
])('%s is taken and acted on, also without a workspace', async (type, fields) => {
  const { status } = await slack.event(type, fields, { team_id: undefined });
  expect(status).toBe(200);
  expect(bot.refusals).toEqual([type]);
});

test('tokens of people that are revoked change nothing', async () => {
  const tokens = { oauth: ['U1'] };
  expect((await slack.event('tokens_revoked', { tokens }, { team_id: undefined })).status).toBe(200);
  expect(bot.refusals).toEqual([]);
});
