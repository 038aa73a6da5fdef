/** What people do reaches the bot as Slack sends it: signed, escaped, in three seconds or not at all. */
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { App, HTTPReceiver } from '@slack/bolt';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createWorkspace } from '../../../src/playground/workspace/workspace.ts';
import { createStage, form, MANIFEST, type Stage, withButton } from './stage.ts';

let stage: Stage;
beforeEach(async () => {
  stage = await createStage();
});
afterEach(() => stage.close());

const told = (error: string) => ({ ok: false, error });
const FLAKY = { slackDown: false, flakyNetwork: true };
const FINE = { slackDown: false, flakyNetwork: false };
const DOWN = { slackDown: true, flakyNetwork: false };

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
    const mac = createHmac('sha256', stage.signingSecret).update(`v0:${at}:${command?.raw}`).digest('hex');
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
      await expect.poll(stage.timers.waiting, { timeout: 10_000 }).toEqual([wait]);
      stage.timers.ring(wait);
      await stage.bot.hears(count);
    }
    await expect.poll(stage.timers.waiting, { timeout: 10_000 }).toEqual([]);
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

describe('a flaky network', () => {
  /** What 40 commands and 40 calls meet, in short. */
  async function weather(seed: number) {
    const other = await createStage({ seed });
    other.workspace.setFaults(FLAKY);
    const met: string[] = [];
    for (let n = 0; n < 40; n += 1) {
      await other.says('ana', `/elevate ${n}`);
      met.push(other.timers.waiting().includes(0) ? 'twice' : 'once');
      const before = other.bot.heard.length;
      other.timers.ring(0);
      if (met.at(-1) === 'twice') await other.bot.hears(before + 1);
      const call = other.client.chat.postMessage({ channel: other.id('dba'), text: `${n}` });
      met.push(
        await call.then(
          () => 'answered',
          ({ code }) => String(code),
        ),
      );
    }
    const heard = other.bot.heard.map(({ raw }) => new URLSearchParams(raw));
    const posted = other.read('ana').filter(({ from }) => from === 'curfew').length;
    other.workspace.setFaults(FINE);
    await other.close();
    return { met, heard, posted };
  }

  it('repeats deliveries byte for byte, loses answers after their effect, and has calls wait; all of it as the seed says', async () => {
    const { met, heard, posted } = await weather(7);
    const times = (what: string) => met.filter((each) => each === what).length;
    expect(times('twice')).toBeGreaterThan(0);
    expect(times('once')).toBeGreaterThan(0);
    expect(heard).toHaveLength(40 + times('twice'));
    expect(new Set(heard.map((fields) => fields.get('trigger_id'))).size).toBe(40);
    const limited = times('slack_webapi_rate_limited_error');
    expect(limited).toBeGreaterThan(0);
    expect(times('slack_webapi_request_error')).toBeGreaterThan(0);
    expect(posted).toBe(40 - limited);
    expect((await weather(7)).met).toEqual(met);
    expect((await weather(8)).met).not.toEqual(met);
  });

  it('says how long to wait', async () => {
    stage.workspace.setFaults(FLAKY);
    const outcomes = await Promise.all(
      Array.from({ length: 60 }, () => stage.client.auth.test().catch((error) => error)),
    );
    expect(outcomes).toContainEqual(expect.objectContaining({ retryAfter: 1 }));
  });

  it('repeats events that were taken, as repeated', async () => {
    stage.workspace.setFaults(FLAKY);
    for (let n = 0; n < 20 && stage.timers.waiting().length === 0; n += 1)
      await stage.workspace.act('ana', { do: 'open-home' });
    const before = stage.bot.heard.length;
    stage.timers.ring(0);
    await stage.bot.hears(before + 1);
    const [first, again] = stage.bot.heard.slice(-2);
    expect(again?.headers['x-slack-retry-num']).toBe('1');
    expect(again?.payload.event_id).toBe(first?.payload.event_id);
  });
});

describe('when Slack is down', () => {
  it('no call is answered, nothing reaches the bot, and people are told; then it is up again', async () => {
    stage.workspace.setFaults(DOWN);
    const calls = await Promise.allSettled(
      Array.from({ length: 20 }, () => stage.client.chat.postMessage({ channel: '#dba', text: 'x' })),
    );
    const codes = new Set(calls.map((each) => each.status === 'rejected' && each.reason.code));
    expect([...codes].sort()).toEqual(['slack_webapi_http_error', 'slack_webapi_request_error']);
    expect(await stage.says('ana', '/elevate help')).toMatchObject({
      error: expect.stringContaining('Slack is down'),
    });
    expect(stage.bot.heard).toEqual([]);
    stage.workspace.setFaults(FINE);
    expect(stage.read('ana')).toEqual([]);
    expect(await stage.says('ana', '/elevate help')).toEqual({ ok: true });
    await stage.client.chat.postMessage({ channel: '#dba', text: 'back' });
    expect(stage.read('ana')).toHaveLength(1);
  });
});

it('when the bot is down people are told, and a click works again once it is back', async () => {
  const channel = stage.id('dba');
  const { ts = '' } = await stage.client.chat.postMessage({ channel, ...withButton('x') });
  const press = { do: 'click', conversation: channel, ts, blockId: 'buttons', actionId: 'go' } as const;
  stage.workspace.talkTo(null);
  expect(await stage.says('ana', '/elevate')).toEqual(
    told('/elevate failed with the error "dispatch_failed"'),
  );
  expect(await stage.workspace.act('ana', press)).toMatchObject({
    error: expect.stringContaining('trouble'),
  });
  stage.workspace.talkTo(stage.bot.url);
  expect(await stage.workspace.act('ana', press)).toEqual({ ok: true });
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

describe('the real Bolt', () => {
  let server: Server;
  afterEach(() => {
    server.close();
    server.closeAllConnections();
  });

  async function startBolt(apiUrl: string): Promise<string> {
    const quiet = () => {};
    const logger = {
      debug: quiet,
      info: quiet,
      warn: quiet,
      error: quiet,
      setLevel: quiet,
      setName: quiet,
      getLevel: () => 'error' as never,
    };
    const { signingSecret, botToken } = stage;
    const receiver = new HTTPReceiver({ signingSecret, processBeforeResponse: true, logger });
    const app = new App({ receiver, token: botToken, clientOptions: { slackApiUrl: apiUrl }, logger });
    app.command('/elevate', async ({ ack, client, command }) => {
      await client.views.open({ trigger_id: command.trigger_id, view: form('By Bolt') });
      await ack({ response_type: 'ephemeral', text: `Heard ${command.text}` });
    });
    app.view('form', async ({ ack }) => ack({ response_action: 'clear' }));
    server = createServer(receiver.requestListener).listen(0, '127.0.0.1');
    await once(server, 'listening');
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  /** Bolt checks signatures by the clock of this machine, `skewS` behind which this Slack is. */
  async function withBolt(skewS: number) {
    const { botToken, signingSecret } = stage;
    const workspace = createWorkspace({
      people: [{ handle: 'ana', name: 'Ana', part: '', standing: 'full' }],
      channels: ['dba'],
      botToken,
      signingSecret,
      now: () => new Date(Date.now() - skewS * 1000),
      manifest: MANIFEST,
    });
    workspace.talkTo(await startBolt((await workspace.start()).apiUrl));
    const [channel] = workspace.view('ana').conversations;
    const says = { do: 'say', conversation: channel?.id ?? '', text: '/elevate me' } as const;
    return { workspace, said: await workspace.act('ana', says) };
  }

  it('takes what is signed here, and opens, answers and closes', async () => {
    const { workspace, said } = await withBolt(0);
    expect(said).toEqual({ ok: true });
    const [channel] = workspace.view('ana').conversations;
    expect(channel?.messages).toMatchObject([{ text: 'Heard me', ephemeral: true }]);
    const [modal] = workspace.view('ana').modals;
    const values = { reason: { words: { type: 'plain_text_input', value: 'because' } } } as const;
    const view = modal?.id ?? '';
    expect(await workspace.act('ana', { do: 'submit', view, values })).toEqual({ ok: true });
    expect(workspace.view('ana').modals).toEqual([]);
    await workspace.stop();
  });

  it('refuses what was signed long ago', async () => {
    const { workspace, said } = await withBolt(400);
    expect(said).toEqual(told('/elevate failed with the error "http_client_error"'));
    await workspace.stop();
  });
});
