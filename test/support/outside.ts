/** Curfew from outside: the built program as a process, a real PostgreSQL to give access in, emulated Slack. */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import postgres from 'postgres';
import { inject } from 'vitest';
import { createDatabase } from '../../src/playground/postgres-server.ts';
import { CLI } from './command-line.ts';
import { startSlackWorkspace } from './slack-workspace.ts';

/** A person of the workspace has an account of the same name in the target, where `dba` is to be given. */
export async function createOutside(options: { embedded: boolean }) {
  const slack = await startSlackWorkspace();
  const directory = await mkdtemp(path.join(tmpdir(), 'curfew-outside-'));
  const database = options.embedded ? null : await createDatabase(inject('pg18Url'));
  const target = postgres(inject('pg15Url'), { max: 2, onnotice: () => {} });
  const tag = randomBytes(4).toString('hex');
  const [dba, ana, bot] = [`dba_${tag}`, `ana_${tag}`, `bot_${tag}`];
  await target.unsafe(`create role ${dba}; create role ${ana} login password '${tag}';
    create role ${bot} login password '${tag}'; grant ${dba} to ${bot} with admin option;
    grant pg_signal_backend, pg_read_all_stats to ${bot}`);
  const asPerson = (name: string) => {
    const url = new URL(inject('pg15Url'));
    url.username = name;
    url.password = tag;
    return url.href;
  };
  await writeFile(path.join(directory, 'curfew.yaml'), yaml({ dba, ana, url: asPerson(bot) }));

  const env = {
    PATH: process.env.PATH ?? '',
    PORT: '0',
    ...(database ? { DATABASE_URL: database.url } : {}),
    SLACK_BOT_TOKEN: slack.botToken,
    SLACK_SIGNING_SECRET: slack.signingSecret,
    SLACK_API_URL: slack.apiUrl,
  };
  let child: ChildProcess | null = null;
  const lines: string[] = [];

  /** Starts the service and waits until it says where it listens. */
  async function start(): Promise<string> {
    const started = spawn(process.execPath, [CLI, 'serve'], {
      cwd: directory,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child = started;
    const url = await new Promise<string>((resolve, reject) => {
      let text = '';
      const read = (chunk: Buffer) => {
        text += chunk.toString();
        const complete = text.split('\n');
        text = complete.pop() ?? '';
        for (const line of complete) {
          lines.push(line);
          const port = /"port":(\d+).*Curfew is running/.exec(line)?.[1];
          if (port) resolve(`http://127.0.0.1:${port}`);
        }
      };
      started.stdout.on('data', read);
      started.stderr.on('data', read);
      started.once('exit', (code) => reject(new Error(`it ended with ${code}:\n${lines.join('\n')}`)));
    });
    slack.talkTo(url);
    return url;
  }

  async function end(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null> {
    if (!child || child.exitCode !== null || child.signalCode !== null) return child?.exitCode ?? null;
    const exited = once(child, 'exit');
    child.kill(signal);
    const [code] = await exited;
    return code as number | null;
  }

  return {
    slack,
    directory,
    env,
    /** What the process wrote, a line each. */
    lines,
    start,
    end,
    async isMember(): Promise<boolean> {
      const rows = await target`select from pg_auth_members
        where roleid = ${dba}::regrole and member = ${ana}::regrole`;
      return rows.length > 0;
    },
    /** A session of Ana's that has taken the role. */
    async session() {
      const sql = postgres(asPerson(ana), { max: 1, onnotice: () => {}, idle_timeout: 0 });
      await sql.unsafe(`set role ${dba}`);
      return {
        alive: () =>
          sql`select current_user as who`.then(
            ([row]) => row?.who === dba,
            () => false,
          ),
        close: () => sql.end({ timeout: 1 }).catch(() => {}),
      };
    },
    async close(): Promise<void> {
      await end('SIGKILL');
      await target
        .unsafe(`drop owned by ${ana}, ${bot}, ${dba}; drop role ${ana}, ${bot}, ${dba}`)
        .catch(() => {});
      await target.end();
      await database?.drop();
      await rm(directory, { recursive: true, force: true });
      await slack.close();
    },
  };
}

function yaml({ dba, ana, url }: { dba: string; ana: string; url: string }): string {
  return `
version: 1
admins: [user:mia@acme.test]
channels: { approvals: "#access-approvals", alerts: "#security-alerts" }
connectors:
  prod-pg:
    kind: postgres
    url: "${url}"
    end_sessions: true
    accounts: { map: { "ana@acme.test": ${ana} } }
roles:
  prod-dba:
    title: Production database admin
    owners: [user:omar@acme.test]
    risk: high
    environment: production
    sensitivity: confidential
    recertify_by: 2099-06-30
    max_duration: 4h
    default_duration: 1h
    entitlements:
      - { connector: prod-pg, permission: { role: ${dba} } }
`;
}
