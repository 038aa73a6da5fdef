/** What people get to hear when they say, press or send something: in time, to them alone, and to the end. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Form } from '../../../src/chat/card.ts';
import { type SlackWorkspace, startSlackWorkspace } from '../../support/slack-workspace.ts';
import { visibleText } from '../../support/visible-text.ts';
import { type Bot, card, say, startBot } from './bot.ts';

const form: Form = {
  id: 'request',
  title: 'Ask for access',
  submit: 'Ask',
  about: null,
  intro: [],
  fields: [
    { id: 'role', kind: 'role', label: 'Role' },
    { id: 'reason', kind: 'text', label: 'Why', maxLength: 500, error: 'Say why.' },
  ],
};
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
const told = (handle: 'ana' | 'omar') => slack.ephemerals(handle).map(visibleText);
const lastTold = (handle: 'ana' | 'omar') => told(handle).at(-1);

async function postedCard() {
  await bot.port.post(slack.channel('access-approvals'), card, { marker: `curfew:${Math.random()}` });
  const message = (await slack.messages('access-approvals')).at(-1);
  if (!message) throw new Error('no card');
  return message;
}

async function openForm() {
  bot.dispatch = () => ({ kind: 'form', form });
  await slack.command('ana', '');
  const view = await slack.waitForView('ana');
  bot.seen.length = 0;
  return view;
}

describe('a command', () => {
  test('is understood as typed, and answered to the speaker alone', async () => {
    const { status, answer } = await slack.command(
      'ana',
      'prod-dba 1h a <b> & *c* for @omar see https://x.test/?a=1&b=2',
    );
    expect(status).toBe(200);
    expect(answer).toMatchObject({ response_type: 'ephemeral' });
    expect(lastTold('ana')).toBe('Noted.');
    expect(bot.seen).toMatchObject([
      {
        kind: 'words',
        speaker: { platform: 'slack', workspace: slack.workspace, userId: slack.person('ana').id },
        text: `prod-dba 1h a <b> & *c* for <@${slack.person('omar').id}> see https://x.test/?a=1&b=2`,
      },
    ]);
  });

  test('sent again by Slack has the same key', async () => {
    const delivery = await slack.command('ana', 'mine');
    await delivery.again();
    await slack.command('ana', 'mine');
    const keys = bot.seen.map(({ key }) => key);
    expect(keys[0]).toMatch(/^slack:/);
    expect(keys[1]).toBe(keys[0]);
    expect(keys[2]).not.toBe(keys[0]);
  });

  test('that asks for a form gets it at once, and nothing else', async () => {
    bot.dispatch = () => ({ kind: 'form', form });
    const { answer } = await slack.command('ana', '');
    expect(answer).toBe('');
    expect(visibleText(await slack.waitForView('ana'))).toBe('Role\nWhy\n⚠ Say why.');
  });

  test.each(['expired_trigger_id', 'exchanged_trigger_id', 'internal_error'])(
    'whose form Slack does not open (%s) says what to do instead',
    async (code) => {
      slack.api.fail('views.open', { kind: 'error', code });
      bot.dispatch = () => ({ kind: 'form', form });
      const { status } = await slack.command('ana', '');
      expect(status).toBe(200);
      expect(lastTold('ana')).toMatch(
        /within three seconds.*say it in one line: \/elevate ROLE DURATION REASON/,
      );
    },
  );

  test('that takes too long is answered in time, and its outcome follows', async () => {
    await bot.outOfTime();
    const release = bot.hold();
    await slack.command('ana', 'prod-dba 1h why');
    expect(lastTold('ana')).toMatch(/^Not recorded yet, checking/);
    release(say('Recorded as R-7K3M.'));
    await slack.waitForEphemeral('ana', 'Recorded as R-7K3M');
  });

  test('that took too long and has nothing to say still says that it is recorded', async () => {
    await bot.outOfTime();
    const release = bot.hold();
    await slack.command('ana', 'prod-dba 1h why');
    release({ kind: 'none' });
    await slack.waitForEphemeral('ana', 'It is recorded now');
  });

  test('whose outcome cannot go where it was said goes by direct message', async () => {
    await bot.outOfTime();
    const release = bot.hold();
    await slack.command('omar', 'approve R-1');
    slack.api.fail('response_url', { kind: 'status', status: 404 });
    release(say('Approved R-1.'));
    await slack.waitForDm('omar', (message) => visibleText(message).includes('Approved R-1.'));
  });

  test('that fails gets a sentence with a number, which stands in the log without what was typed', async () => {
    bot.dispatch = () => Promise.reject(new Error('duplicate key: reason "very private words"'));
    await slack.command('ana', 'prod-dba 1h very private words');
    const [, number = 'none'] = /error number ([0-9a-f]{8})/.exec(lastTold('ana') ?? '') ?? [];
    expect(bot.log.text()).toContain(number);
    expect(bot.log.text()).not.toContain('very private words');
    expect(bot.log.text()).not.toContain('/response/');
    expect(bot.log.text()).not.toContain(slack.botToken);
  });
});

describe('a click', () => {
  test('carries the verb and the id, and is answered beside the card, which stays', async () => {
    const message = await postedCard();
    const { status, answer } = await slack.click('omar', message, 'approve');
    expect([status, answer]).toEqual([200, '']);
    await slack.waitForEphemeral('omar', 'Noted');
    expect(bot.seen).toMatchObject([{ kind: 'action', verb: 'approve', id: 'R-7K3M' }]);
    expect(slack.api.responses.at(-1)?.payload).toMatchObject({
      replace_original: false,
      response_type: 'ephemeral',
    });
  });

  test('with nothing to say leaves it to the card', async () => {
    bot.dispatch = () => ({ kind: 'none' });
    const before = slack.api.responses.length;
    await slack.click('omar', await postedCard(), 'approve');
    await bot.app.stop();
    expect(slack.api.responses.length).toBe(before);
  });

  test('that takes too long says so, then how it ended', async () => {
    const message = await postedCard();
    await bot.outOfTime();
    const release = bot.hold();
    const before = told('omar').length;
    await slack.click('omar', message, 'approve');
    await slack.waitForEphemeral('omar', 'Not recorded yet, checking');
    release(say('You approved it.'));
    await slack.waitForEphemeral('omar', 'You approved it');
    expect(told('omar').slice(before)).toEqual([
      expect.stringMatching(/^Not recorded yet/),
      'You approved it.',
    ]);
  });

  test('on the home page, where nothing can be said, is answered by direct message', async () => {
    await slack.event('app_home_opened', { user: slack.person('lea').id, tab: 'home' });
    const home = await slack.until(() => slack.home('lea'));
    await slack.click('lea', home, 'approve');
    await slack.waitForDm('lea', (message) => visibleText(message).includes('Noted.'));
  });

  test('can open a form', async () => {
    const message = await postedCard();
    bot.dispatch = () => ({ kind: 'form', form: { ...form, id: 'deny', about: 'R-7K3M' } });
    await slack.click('omar', message, 'approve');
    const view = await slack.waitForView('omar');
    expect(view.private_metadata).toBe('{"form":"deny","about":"R-7K3M"}');
  });
});

describe('a form', () => {
  test('that is sent arrives with its values', async () => {
    const view = await openForm();
    bot.dispatch = () => say('Asked for as R-7K3M.');
    await slack.submit('ana', view, { role: 'prod-dba', reason: 'because <&>' });
    expect(bot.seen).toMatchObject([
      { kind: 'form', form: 'request', about: null, values: { role: 'prod-dba', reason: 'because <&>' } },
    ]);
    expect(visibleText(slack.openViews('ana').at(-1) ?? null)).toBe('Asked for as R-7K3M.');
  });

  test('with a fault stays open and says it beside the field; corrected, it is a new delivery', async () => {
    const view = await openForm();
    bot.dispatch = () => ({ kind: 'form-errors', errors: { reason: 'That is no reason.' } });
    const refused = await slack.submit('ana', view, { role: 'prod-dba', reason: 'x' });
    expect(refused.answer).toEqual({ response_action: 'errors', errors: { reason: 'That is no reason.' } });
    bot.dispatch = () => ({ kind: 'none' });
    const taken = await slack.submit('ana', view, { role: 'prod-dba', reason: 'better' });
    expect(taken.answer).toEqual({ response_action: 'clear' });
    await taken.again();
    const keys = bot.seen.map(({ key }) => key);
    expect(keys[1]).not.toBe(keys[0]);
    expect(keys[2]).toBe(keys[1]);
  });

  test('that takes too long says so in its place, and the outcome comes by direct message', async () => {
    const view = await openForm();
    await bot.outOfTime();
    const release = bot.hold();
    await slack.submit('ana', view, { role: 'prod-dba', reason: 'why' });
    expect(visibleText(slack.openViews('ana').at(-1) ?? null)).toMatch(/^Not recorded yet, checking/);
    release({ kind: 'form-errors', errors: { reason: 'No: that role was taken away.' } });
    await slack.waitForDm('ana', (message) => visibleText(message).includes('that role was taken away'));
  });

  test('offers roles as people type, at most 100 of 5,000', async () => {
    bot.roles = Array.from({ length: 5000 }, (_, i) => ({ label: `Role ${i} <&>`, value: `role-${i}` }));
    const offered = await slack.options('ana', 'pro');
    expect(bot.typed).toEqual(['pro']);
    expect(offered).toHaveLength(100);
    expect(offered[0]).toEqual({ label: 'Role 0 &lt;&amp;&gt;', value: 'role-0' });
    expect(await slack.options('ana', '')).toHaveLength(100);
  });
});

test('stopping waits for what is under way', async () => {
  await bot.outOfTime();
  const release = bot.hold();
  await slack.command('ana', 'prod-dba 1h why');
  let stopped = false;
  const stopping = bot.app.stop().then(() => {
    stopped = true;
  });
  expect(stopped).toBe(false);
  release(say('Recorded before the stop.'));
  await stopping;
  expect(lastTold('ana')).toBe('Recorded before the stop.');
});
