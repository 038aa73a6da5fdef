/** The whole program for (g): `curfew serve` as a process, a real PostgreSQL to give access in, a stub of Slack. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { Agent } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import postgres from 'postgres';
import { createDatabase } from '../src/playground/postgres-server.ts';
import { sendCommand } from './slack-command.ts';
import { startSlackStub } from './slack-stub.ts';
import type { World } from './world.ts';

const SIGNING_SECRET = 'signing-secret-of-the-bench';
const PASSWORD = 'of-the-bench';
/** Entitlements of a wide role. */
const WIDTH = 20;
const CLI = fileURLToPath(new URL('../src/cli.js', import.meta.url));

export interface FloodScene {
  /** What the person was answered. */
  say(person: string, text: string): Promise<string>;
  /** When access to `hold_N` was gone in the target, wall clock; null: it is there. */
  heldNow(): Promise<ReadonlySet<number>>;
  /** Every grant: whose role, when it was to end, and when its end was confirmed, both wall clock. */
  grants(): Promise<readonly { role: string; state: string; endsAt: number; endedAt: number | null }[]>;
  close(): Promise<void>;
}

/** As `curfew grants --json` writes it. */
interface GrantRow {
  readonly role: string;
  readonly state: string;
  readonly ends_at: string;
  readonly ended_at: string | null;
}

/** People are `up0` and so on, each with a role `hold-N`; `usam` may ask for `plain-N` and `wide-N`. */
export async function createFloodScene(
  world: World,
  { embedded, holders, roles }: { embedded: boolean; holders: number; roles: number },
): Promise<FloodScene> {
  const slack = await startSlackStub();
  const ledger = embedded ? null : await createDatabase(world.adminUrl);
  const admin = postgres(world.adminUrl, { max: 2, onnotice: () => {} });
  const directory = await mkdtemp(join(tmpdir(), 'curfew-bench-'));
  const people = ['usam', ...Array.from({ length: holders }, (_, n) => `up${n}`)];
  const rights = [
    ...Array.from({ length: holders }, (_, n) => `hold_${n}`),
    ...Array.from({ length: WIDTH }, (_, n) => `part_${n}`),
  ];
  const undo = `drop role if exists ${[...people, ...rights, 'floodbot'].join(', ')}`;
  await admin.unsafe(undo);
  await admin.unsafe(
    [
      `create role floodbot login password '${PASSWORD}'`,
      ...people.map((name) => `create role ${name} login`),
      ...rights.map((name) => `create role ${name}; grant ${name} to floodbot with admin option`),
    ].join(';'),
  );
  const target = new URL(world.adminUrl);
  target.username = 'floodbot';
  target.password = PASSWORD;
  await writeFile(
    join(directory, 'curfew.yaml'),
    configuration({ url: target.href, people, holders, roles }),
  );
  const env = {
    PATH: process.env.PATH ?? '',
    PORT: '0',
    LOG_LEVEL: 'warn',
    ...(ledger ? { DATABASE_URL: ledger.url } : {}),
    SLACK_BOT_TOKEN: 'xoxb-of-the-bench',
    SLACK_SIGNING_SECRET: SIGNING_SECRET,
    SLACK_API_URL: slack.apiUrl,
  };
  const child = spawn(process.execPath, [CLI, 'serve'], {
    cwd: directory,
    env: { ...env, LOG_LEVEL: 'info' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const port = await portOf(child);
  const agent = new Agent({ keepAlive: true });
  let said = 0;

  return {
    async say(person, text) {
      const command = { userId: person.toUpperCase(), text, trigger: `${process.pid}.${said++}` };
      return (await sendCommand({ port, signingSecret: SIGNING_SECRET, agent }, command)).text;
    },
    async heldNow() {
      const rows = await admin<{ n: number }[]>`
        select substr(r.rolname, 6)::int as n from pg_auth_members m join pg_roles r on r.oid = m.roleid
        join pg_roles p on p.oid = m.member where r.rolname like 'hold\\_%' and p.rolname like 'up%'`;
      return new Set(rows.map(({ n }) => n));
    },
    async grants() {
      const shell = spawn(process.execPath, [CLI, 'grants', '--all', '--json'], {
        cwd: directory,
        env,
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      let text = '';
      shell.stdout.on('data', (chunk) => {
        text += chunk;
      });
      await once(shell, 'close');
      const rows = JSON.parse(text) as GrantRow[];
      return rows.map(({ role, state, ends_at, ended_at }) => ({
        role,
        state,
        endsAt: Date.parse(ends_at),
        endedAt: ended_at === null ? null : Date.parse(ended_at),
      }));
    },
    async close() {
      agent.destroy();
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGKILL');
        await once(child, 'exit');
      }
      await ledger?.drop();
      await admin
        .unsafe(`reassign owned by floodbot to postgres; drop owned by floodbot; ${undo}`)
        .catch(() => {});
      await admin.end({ timeout: 5 });
      await rm(directory, { recursive: true, force: true });
      await slack.close();
    },
  };
}

async function portOf(child: ChildProcess): Promise<number> {
  let text = '';
  return new Promise((resolve, reject) => {
    child.stdout?.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      const port = /"port":(\d+).*Curfew is running/.exec(text)?.[1];
      if (port) resolve(Number(port));
    });
    child.once('exit', (code) => reject(new Error(`curfew serve ended with ${code}: ${text}`)));
  });
}

function configuration(given: {
  url: string;
  people: readonly string[];
  holders: number;
  roles: number;
}): string {
  const range = (length: number) => Array.from({ length }, (_, n) => n);
  const role = (name: string, parts: readonly string[]) => ({
    [name]: {
      title: `Role ${name}`,
      owners: ['user:uomar@acme.test'],
      risk: 'high',
      environment: 'production',
      sensitivity: 'confidential',
      recertify_by: '2099-06-30',
      max_duration: '4h',
      entitlements: parts.map((part) => ({ connector: 'prod-pg', permission: { role: part } })),
    },
  });
  const parts = range(WIDTH).map((n) => `part_${n}`);
  return JSON.stringify({
    version: 1,
    admins: ['user:mia@acme.test'],
    channels: { approvals: 'C0APPROVALS', alerts: 'C0ALERTS' },
    connectors: {
      'prod-pg': {
        kind: 'postgres',
        url: given.url,
        accounts: { map: Object.fromEntries(given.people.map((name) => [`${name}@acme.test`, name])) },
      },
    },
    roles: Object.assign(
      {},
      ...range(given.holders).map((n) => role(`hold-${n}`, [`hold_${n}`])),
      ...range(given.roles).map((n) => role(`plain-${n}`, ['part_0'])),
      ...range(given.roles).map((n) => role(`wide-${n}`, parts)),
    ),
  });
}
