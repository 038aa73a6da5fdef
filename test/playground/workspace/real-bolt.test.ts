/** Slack's own library takes what this Slack signs, and is answered as by Slack. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { App, HTTPReceiver } from '@slack/bolt';
import { afterEach, expect, it } from 'vitest';
import { createWorkspace } from '../../../src/playground/workspace/workspace.ts';
import { BOT_TOKEN, form, MANIFEST, QUIET, SIGNING_SECRET } from './stage.ts';

let server: Server;
afterEach(() => {
  server.close();
  server.closeAllConnections();
});

async function startBolt(apiUrl: string): Promise<string> {
  const receiver = new HTTPReceiver({
    signingSecret: SIGNING_SECRET,
    processBeforeResponse: true,
    logger: QUIET,
  });
  const app = new App({ receiver, token: BOT_TOKEN, clientOptions: { slackApiUrl: apiUrl }, logger: QUIET });
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
  const workspace = createWorkspace({
    people: [{ handle: 'ana', name: 'Ana', part: '', standing: 'full' }],
    channels: ['dba'],
    botToken: BOT_TOKEN,
    signingSecret: SIGNING_SECRET,
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
  expect(said).toEqual({
    ok: false,
    error: '/elevate failed with the error "http_client_error"',
  });
  await workspace.stop();
});
