/** A `response_url` answers five times in 30 minutes, to whom it belongs. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createStage, type Stage, withButton } from './stage.ts';

let stage: Stage;
beforeEach(async () => {
  stage = await createStage();
});
afterEach(() => stage.close());

async function respond(url: unknown, payload: object): Promise<{ status: number; error?: string }> {
  const response = await fetch(String(url), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(payload),
  });
  const { error } = (await response.json()) as { error?: string };
  return { status: response.status, error };
}

async function afterCommand(): Promise<unknown> {
  await stage.says('ana', '/elevate');
  return stage.bot.heard.at(-1)?.payload.response_url;
}

async function afterClick(): Promise<unknown> {
  const channel = stage.id('dba');
  const { ts = '' } = await stage.client.chat.postMessage({ channel, ...withButton('Press') });
  const on = { conversation: channel, ts, blockId: 'buttons', actionId: 'go' };
  await stage.workspace.act('ana', { do: 'click', ...on });
  return stage.bot.heard.at(-1)?.payload.response_url;
}

it('answers five times, to the person alone, and not a sixth time', async () => {
  const url = await afterCommand();
  for (const text of ['1', '2', '3', '4', '5']) expect(await respond(url, { text })).toEqual({ status: 200 });
  expect(await respond(url, { text: '6' })).toEqual({ status: 404, error: 'used_url' });
  expect(stage.read('ana').map(({ text, ephemeral }) => [text, ephemeral])).toEqual(
    ['1', '2', '3', '4', '5'].map((text) => [text, true]),
  );
  expect(stage.read('omar')).toEqual([]);
});

it('lives 30 minutes', async () => {
  const url = await afterCommand();
  stage.pass(30 * 60);
  expect(await respond(url, { text: 'just in time' })).toEqual({ status: 200 });
  stage.pass(1);
  expect(await respond(url, { text: 'too late' })).toEqual({ status: 404, error: 'expired_url' });
  expect(stage.read('ana')).toHaveLength(1);
});

it('cannot be made up', async () => {
  const url = String(await afterCommand()).replace(/\w{8}$/, '00000000');
  expect(await respond(url, { text: 'x' })).toEqual({ status: 404, error: 'invalid_url' });
});

it('of a click can say something in the channel, and change or take away what was clicked', async () => {
  const url = await afterClick();
  await respond(url, { text: 'For all', response_type: 'in_channel' });
  await respond(url, { text: 'Pressed', replace_original: true });
  expect(stage.read('omar')).toMatchObject([
    { text: 'Pressed', edited: true, blocks: [] },
    { text: 'For all', ephemeral: false },
  ]);
  await respond(url, { delete_original: true });
  expect(stage.read('omar').map(({ text }) => text)).toEqual(['For all']);
});

it('refuses what Slack would refuse, and says so', async () => {
  const url = await afterCommand();
  expect(await respond(url, { text: 'x', blocks: [{ type: 'nonsense' }] })).toEqual({
    status: 400,
    error: 'invalid_blocks',
  });
  expect(stage.read('ana')).toEqual([]);
  expect(stage.workspace.violations()).toHaveLength(1);
});

it('is out of reach while Slack is down, and not used up by it', async () => {
  const url = await afterCommand();
  stage.workspace.setFaults({ slackDown: true, flakyNetwork: false });
  for (let n = 0; n < 6; n += 1) {
    const status = await respond(url, { text: 'x' }).then(
      (answer) => answer.status,
      () => 'no answer',
    );
    expect([503, 'no answer']).toContain(status);
  }
  stage.workspace.setFaults({ slackDown: false, flakyNetwork: false });
  expect(await respond(url, { text: 'back' })).toEqual({ status: 200 });
  expect(stage.read('ana').map(({ text }) => text)).toEqual(['back']);
});
