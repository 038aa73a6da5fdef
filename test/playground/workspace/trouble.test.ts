/** The troubles that can be switched on: a flaky network, Slack down, the bot down. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createStage, type Stage, withButton } from './stage.ts';

let stage: Stage;
beforeEach(async () => {
  stage = await createStage();
});
afterEach(() => stage.close());

const told = (error: string) => ({ ok: false, error });
const FLAKY = { slackDown: false, flakyNetwork: true };
const FINE = { slackDown: false, flakyNetwork: false };
const DOWN = { slackDown: true, flakyNetwork: false };

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
