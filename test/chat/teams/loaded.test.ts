/** botbuilder costs time and memory at the start, so only those who use Teams pay for it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { packageRoot } from '../../../src/package-root.ts';
import { createTestLedger, type TestLedger } from '../../support/ledger.ts';

const printed = z.object({ packages: z.array(z.string()) });
/** A Slack that is not there: the service starts all the same, and asks again. */
const nowhere = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
let folder: string;
let database: TestLedger;

beforeAll(async () => {
  database = await createTestLedger();
  folder = await mkdtemp(path.join(tmpdir(), 'curfew-loaded-'));
  await writeFile(
    path.join(folder, 'curfew.yaml'),
    'version: 1\nadmins: [user:mia@acme.test]\nchannels: { approvals: "#a", alerts: "#b" }\nconnectors: {}\nroles: {}\n',
  );
});
afterAll(async () => {
  nowhere.close();
  await database.close();
  await rm(folder, { recursive: true, force: true });
});

async function packagesLoadedWith(env: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const root = packageRoot();
  const program = path.join(root, 'dist/src/main.js');
  const child = spawn(
    process.execPath,
    [path.join(root, 'test/support/loaded-packages.mjs'), program, folder],
    {
      cwd: folder,
      env: {
        DATABASE_URL: database.url,
        PORT: '0',
        LOG_LEVEL: 'fatal',
        CURFEW_CONFIG: path.join(folder, 'curfew.yaml'),
        ...env,
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  await once(child, 'close');
  return printed.parse(JSON.parse(said)).packages;
}

it('a start with Slack alone loads nothing of Teams’ packages, a start with Teams does', async () => {
  const slack = {
    SLACK_BOT_TOKEN: 'xoxb-of-the-tests',
    SLACK_SIGNING_SECRET: 'secret-of-the-tests',
    SLACK_API_URL: `http://127.0.0.1:${(nowhere.address() as AddressInfo).port}/api/`,
  };
  const teams = {
    MicrosoftAppId: '0a0a0a0a-1111-4222-8333-444444444444',
    MicrosoftAppPassword: 'password-of-the-tests',
    MicrosoftAppTenantId: '7a000000-0000-4000-8000-000000000001',
  };
  expect(await packagesLoadedWith(slack)).toEqual([]);
  expect(await packagesLoadedWith(teams)).toEqual(
    expect.arrayContaining(['botbuilder', 'botframework-connector']),
  );
});
