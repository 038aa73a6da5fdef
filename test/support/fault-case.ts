/**
 * Where a child process is killed: a fresh migrated ledger, a fresh account with an open session in a real
 * target, and files that outlive whoever dies. What is asserted afterwards is read here, past the children.
 */
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import postgres from 'postgres';
import { inject } from 'vitest';
import { type Ledger, openPostgres } from '../../db/client.ts';
import { migrateLedger } from '../../db/migrate.ts';
import { packageRoot } from '../../src/package-root.ts';
import { createDatabase } from '../../src/playground/postgres-server.ts';
import { readChat, type Said } from './fault-chat.ts';
import type { WorldPlan } from './fault-world.ts';

export interface FaultGround {
  /** A ledger, an account and files of its own. `people`: accounts besides the first. */
  begin(people?: number): Promise<FaultCase>;
  close(): Promise<void>;
}

export interface FaultCase {
  /** The account's name, which is the requester's too. */
  readonly who: string;
  readonly accounts: readonly string[];
  readonly ledgerUrl: string;
  /** The ledger on PostgreSQL, for holding locks and for seeing who waits. */
  readonly sql: postgres.Sql;
  /** For an embedded ledger: what is there is a migrated one. */
  readonly directory: string;
  /** The target, as its superuser. */
  readonly admin: postgres.Sql;
  readonly role: string;
  /** What to tell a child, with what is particular to it. */
  plan(own?: PlanOver): WorldPlan;
  members(): Promise<string[]>;
  /** The account's session, begun before anything else, is still there. */
  sessionLives(): Promise<boolean>;
  /** The steps that were passed, in order, of all children. */
  steps(): string[];
  lies(): string[];
  chat(): Said[];
  /** The ledger on PostgreSQL, for looking. To be closed. */
  look(): Ledger;
  end(): Promise<void>;
}

interface PlanOver {
  readonly ledger?: WorldPlan['ledger'];
  readonly steps?: Partial<WorldPlan['steps']>;
  readonly target?: Partial<WorldPlan['target']>;
  readonly ahead?: WorldPlan['ahead'];
  readonly chat?: boolean;
}

/** The ledger's time as children have it, beside this machine's: a process's own clock may be wrong. */
const CHILD_AHEAD = { ledgerS: -30, realS: -30 };

/** Ledgers on PostgreSQL 18; the target is where `adminUrl`, a superuser's, points. */
export async function createFaultGround(adminUrl = inject('pg18Url')): Promise<FaultGround> {
  const admin = postgres(adminUrl, { max: 4, onnotice: () => {} });
  const template = await createDatabase(inject('pg18Url'));
  const first = openPostgres(template.url, { max: 2 });
  await migrateLedger(first, packageRoot());
  await first.close();

  const tag = randomBytes(4).toString('hex');
  const [bot, role, secret] = [`bot_${tag}`, `dba_${tag}`, `secret-${tag}`];
  await admin.unsafe(`
    create role ${bot} login password '${secret}'; create role ${role};
    grant ${role} to ${bot} with admin option;
    grant pg_signal_backend, pg_read_all_stats to ${bot}`);
  const as = (user: string) => Object.assign(new URL(adminUrl), { username: user, password: secret }).href;
  let begun = 0;

  async function begin(people = 1): Promise<FaultCase> {
    begun += 1;
    const prefix = `ana_${tag}_${begun}`;
    const accounts = Array.from({ length: people }, (_, i) => (i === 0 ? prefix : `${prefix}_${i}`));
    await admin.unsafe(accounts.map((each) => `create role ${each} login password '${secret}'`).join(';'));
    const session = postgres(as(prefix), { max: 1, onnotice: () => {}, idle_timeout: 0 });
    const [own] = await session<{ pid: number }[]>`select pg_backend_pid() as pid`;
    const database = await createDatabase(inject('pg18Url'), { template: template.name });
    const sql = postgres(database.url, { max: 3, onnotice: () => {} });
    const folder = await mkdtemp(path.join(tmpdir(), 'curfew-fault-'));
    const file = (name: string) => path.join(folder, name);
    const lines = (name: string) =>
      existsSync(file(name)) ? readFileSync(file(name), 'utf8').split('\n').filter(Boolean) : [];

    return {
      who: prefix,
      accounts,
      ledgerUrl: database.url,
      sql,
      directory: file('ledger'),
      admin,
      role,
      plan: (over = {}) => ({
        ledger: over.ledger ?? { url: database.url },
        target: { url: as(bot), callTimeoutS: 10, careless: false, ...over.target },
        role,
        steps: { file: file('steps'), killAt: null, ...over.steps },
        witness: { file: file('lies'), adminUrl, role },
        chat: over.chat ? file('chat') : null,
        ahead: over.ahead ?? CHILD_AHEAD,
      }),
      async members() {
        const rows = await admin<{ name: string }[]>`
          select a.rolname as name from pg_auth_members m join pg_roles r on r.oid = m.roleid
          join pg_roles a on a.oid = m.member where r.rolname = ${role} and a.rolname = any(${accounts})`;
        return rows.map(({ name }) => name);
      },
      async sessionLives() {
        return (await admin`select from pg_stat_activity where pid = ${own?.pid ?? 0}`).length > 0;
      },
      steps: () => lines('steps'),
      lies: () => lines('lies'),
      chat: () => readChat(file('chat')),
      look: () => openPostgres(database.url, { max: 2 }),
      async end() {
        await Promise.all([session.end({ timeout: 0 }), sql.end({ timeout: 0 })]);
        await database.drop();
        await rm(folder, { recursive: true, force: true });
      },
    };
  }

  return {
    begin,
    async close() {
      await template.drop();
      await admin.end({ timeout: 1 });
    },
  };
}
