/** How the service ends when it is told to. That it drains and exits with 0 is shown in test/flows. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { CLI } from '../support/command-line.ts';

it('a second signal ends the service at once, whatever it is waiting for', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'curfew-serve-'));
  await writeFile(
    path.join(folder, 'curfew.yaml'),
    'version: 1\nadmins: [user:mia@acme.test]\nchannels: { approvals: "#a", alerts: "#b" }\nconnectors: {}\nroles: {}\n',
  );
  // A database that takes the connection and then says nothing: the service waits for it.
  const mute = createServer((socket) => socket.on('error', () => {}).resume()).listen(0, '127.0.0.1');
  await once(mute, 'listening');
  const { port } = mute.address() as AddressInfo;
  const child = spawn(process.execPath, [CLI, 'serve'], {
    cwd: folder,
    env: {
      DATABASE_URL: `postgres://curfew@127.0.0.1:${port}/curfew`,
      PORT: '0',
      SLACK_BOT_TOKEN: 'xoxb-of-the-tests',
      SLACK_SIGNING_SECRET: 'secret-of-the-tests',
      SLACK_API_URL: `http://127.0.0.1:${port}/api/`,
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const ended = once(child, 'close');
  await Promise.race([once(mute, 'connection'), ended]);
  child.kill('SIGTERM');
  child.kill('SIGINT');
  // Without the second signal it would end by itself some time later, and say why it could not start.
  expect(await ended).toEqual([1, null]);
  expect(said).toBe('');
  mute.close();
  await rm(folder, { recursive: true, force: true });
});
