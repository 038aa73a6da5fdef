/** What people do reaches the bot as Slack sends it: signed, escaped, in three seconds or not at all. */
import { createHmac } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createStage, MANIFEST, SIGNING_SECRET, type Stage, withButton } from './stage.ts';

let stage: Stage;
beforeEach(async () => {
  stage = await createStage();
});
afterEach(() => stage.close());

const told = (error: string) => ({ ok: false, error });

describe('a slash command', () => {
  it('is signed, says who and where, and has what was typed escaped', async () => {
    await stage.says('ana', '/elevate revoke @omar #dba <b> & see https://x.test/?a=1&b=2, @nobody');
    const [command] = stage.bot.heard;
    expect(command?.payload).toMatchObject({
      command: '/elevate',
      user_id: stage.person('ana'),
      team_id: 'T0PLAYGROUND',
      channel_name: 'dba',
      text: `revoke <@${stage.person('omar')}|omar> <#${stage.id('dba')}|dba> &lt;b&gt; &amp; see <https://x.test/?a=1&amp;b=2>, @nobody`,
    });
    const at = command?.headers['x-slack-request-timestamp'];
    const mac = createHmac('sha256', SIGNING_SECRET).update(`v0:${at}:${command?.raw}`).digest('hex');
    expect(command?.headers['x-slack-signature']).toBe(`v0=${mac}`);
  });

  it('is answered to who said it, and to nobody else', async () => {
    stage.bot.answers(() => ({ json: { response_type: 'ephemeral', ...withButton('Noted') } }));
    expect(await stage.says('ana', '/elevate help', 'Curfew')).toEqual({ ok: true });
    expect(stage.read('ana', 'Curfew')).toMatchObject([{ text: 'Noted', ephemeral: true, from: 'curfew' }]);
    stage.bot.answers(() => ({ json: { response_type: 'in_channel', text: 'Hear, hear' } }));
    await stage.says('ana', '/elevate help');
    expect(stage.read('omar')).toMatchObject([{ text: 'Hear, hear', ephemeral: false }]);
  });

  it('that takes more than three seconds has failed', async () => {
    stage.bot.answers(() => 'nothing');
    const said = stage.says('ana', '/elevate help');
    await stage.bot.hears(1);
    stage.timers.ring(3000);
    expect(await said).toEqual(told('/elevate failed with the error "operation_timeout"'));
  });

  it.each([
    [{ status: 500 }, 'http_service_error'],
    [{ status: 401 }, 'http_client_error'],
    [{ json: { text: 'x', blocks: [{ type: 'nonsense' }] } }, 'invalid_command_response'],
  ])('answered with %j has failed', async (answer, error) => {
    stage.bot.answers(() => answer);
    expect(await stage.says('ana', '/elevate help')).toEqual(
      told(`/elevate failed with the error "${error}"`),
    );
    expect(stage.read('ana')).toEqual([]);
  });

  it('that there is not is no message either', async () => {
    expect(await stage.says('ana', '/shrug hello')).toEqual(told('/shrug is not a valid command.'));
    expect(await stage.says('ana', '/elevated')).toEqual(told('/elevated is not a valid command.'));
    expect(stage.bot.heard).toEqual([]);
    expect(stage.read('ana')).toEqual([]);
  });
});

it('plain words are a message, which the bot does not hear', async () => {
  expect(await stage.says('ana', 'is <this> on, @omar?', 'Curfew')).toEqual({ ok: true });
  const [message] = stage.read('ana', 'Curfew');
  expect(message).toMatchObject({ from: 'ana', ephemeral: false });
  expect(message?.text).toBe(`is &lt;this&gt; on, <@${stage.person('omar')}|omar>?`);
  expect(stage.bot.heard).toEqual([]);
});

it('a button that has just given way to another still says what it said', async () => {
  const channel = stage.id('dba');
  const { ts = '' } = await stage.client.chat.postMessage({ channel, ...withButton('Approve?') });
  await stage.client.chat.update({ channel, ts, text: 'Approved', blocks: [] });
  const press = { do: 'click', conversation: channel, ts, blockId: 'buttons', actionId: 'go' } as const;
  await stage.workspace.act('ana', press);
  expect(stage.bot.heard.at(-1)?.payload).toMatchObject({ actions: [{ value: 'R-1' }] });
  await stage.client.chat.update({ channel, ts, text: 'Ended', blocks: [] });
  expect(await stage.workspace.act('ana', press)).toMatchObject({ ok: false });
});

describe('an event', () => {
  const attempts = () =>
    stage.bot.heard.map(({ headers }) => [headers['x-slack-retry-num'], headers['x-slack-retry-reason']]);

  it('that is not taken comes again at once, after a minute and after five, and then no more', async () => {
    stage.bot.answers(() => ({ status: 503 }));
    await stage.workspace.changePerson('omar', { deleted: true });
    for (const [count, wait] of [
      [2, 0],
      [3, 60_000],
      [4, 300_000],
    ] as const) {
      await expect.poll(stage.timers.waiting).toEqual([wait]);
      stage.timers.ring(wait);
      await stage.bot.hears(count);
    }
    await expect.poll(stage.timers.waiting).toEqual([]);
    expect(attempts()).toEqual([
      [undefined, undefined],
      ['1', 'http_error'],
      ['2', 'http_error'],
      ['3', 'http_error'],
    ]);
    expect(new Set(stage.bot.heard.map(({ payload }) => payload.event_id)).size).toBe(1);
    expect(stage.bot.heard[0]?.payload).toMatchObject({
      event: { type: 'user_change', user: { id: stage.person('omar'), deleted: true } },
    });
  });

  it('that is taken comes once', async () => {
    await stage.workspace.act('ana', { do: 'open-home' });
    expect(stage.timers.waiting()).toEqual([]);
    expect(attempts()).toHaveLength(1);
  });

  it('to which the app has not subscribed does not come', async () => {
    const manifest = structuredClone(MANIFEST);
    manifest.settings.event_subscriptions.bot_events = [];
    const other = await createStage({ manifest });
    await other.workspace.act('ana', { do: 'open-home' });
    expect(other.bot.heard).toEqual([]);
    await other.close();
  });
});

it('tells whoever listens that something changed, until they stop', async () => {
  let changes = 0;
  const stop = stage.workspace.onChange(() => {
    changes += 1;
  });
  await stage.says('ana', 'hello');
  expect(changes).toBe(1);
  await stage.client.chat.postMessage({ channel: '#dba', text: 'x' });
  expect(changes).toBe(2);
  stop();
  await stage.says('ana', 'hello');
  expect(changes).toBe(2);
});
