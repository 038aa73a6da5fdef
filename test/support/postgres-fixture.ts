/** A PostgreSQL with a bot, people and roles of its own for one test, behind a line that can fail. */
import { randomBytes } from 'node:crypto';
import postgres from 'postgres';
import { expect, vi } from 'vitest';
import type { EdgeRef } from '../../src/connectors/connector.ts';
import {
  type PostgresConfig,
  type PostgresPermission,
  postgresConnector,
} from '../../src/connectors/postgres/postgres-connector.ts';
import { permissionId } from '../../src/connectors/postgres/postgres-ids.ts';
import { startTcpProxy, type TcpProxy } from '../../src/playground/tcp-proxy.ts';
import type { ConnectorFixture, SessionHooks } from './connector-fixture.ts';

type Edge = EdgeRef<PostgresPermission>;
type Named = Pick<Edge, 'permission' | 'account'>;

export interface PostgresFixture extends ConnectorFixture<PostgresPermission> {
  readonly sessions: SessionHooks;
  /** A superuser on the server that answers now. */
  readonly admin: postgres.Sql;
  readonly proxy: TcpProxy;
  /** The version before the dot. */
  readonly version: number;
  readonly names: Readonly<Record<'bot' | 'dba' | 'ana' | 'omar' | 'ops', string>>;
  /** An edge of these names, as a request made now would pin it. */
  edgeBy(role: string, account: string): Edge;
  /** The bot's URL, through the proxy. */
  readonly url: string;
  /** Another connector with the bot's login; closed at the end. */
  connect(config?: Partial<PostgresConfig>, name?: string): ConnectorFixture<PostgresPermission>['connector'];
  /** A session of that account on the server; it must be closed. */
  login(account: string): postgres.Sql;
}

/** `adminUrl` is where the test happens, `otherAdminUrl` the server that takes its place. */
export async function postgresFixture(adminUrl: string, otherAdminUrl: string): Promise<PostgresFixture> {
  const tag = randomBytes(4).toString('hex');
  const names = {
    bot: `bot_${tag}`,
    dba: `dba_${tag}`,
    ana: `ana_${tag}`,
    omar: `omar_${tag}`,
    ops: `ops_${tag}`,
  };
  const secret = `bot-secret-${tag}`;
  const hostile = [
    `x"; drop role ${names.dba}; --${tag}`,
    `o'hara\\${tag}`,
    `Größe 名前 🦉${tag}`,
    `$1 %I ${tag}`,
  ].map((name) => ({ role: `r ${name}`, account: name }));
  const longest = `${'é'.repeat(27)}${tag}`;
  hostile.push({ role: `${longest}1`, account: `${longest}2` }, { role: names.dba, account: 'current_user' });

  const admins = [adminUrl, otherAdminUrl].map((url) => quietly(url));
  const versions = await Promise.all(admins.map(prepare));
  const proxy = await startTcpProxy(Number(new URL(adminUrl).port));
  let current = 0;
  const admin = () => admins[current] ?? expect.fail('no server');

  async function prepare(sql: postgres.Sql): Promise<number> {
    const [row] = await sql<
      { version: number }[]
    >`select current_setting('server_version_num')::int / 10000 as version`;
    const version = row?.version ?? 0;
    const adminOption = version >= 16 ? 'with admin true, inherit false, set false' : 'with admin option';
    const people = [names.ana, names.omar, `gone_${tag}`];
    const accounts = [...people, ...hostile.map((each) => each.account)];
    const roles = [names.dba, names.ops, `other_${tag}`, ...hostile.map((each) => each.role)];
    await sql.unsafe(`create role ${names.bot} login password '${secret}';
      grant pg_signal_backend, pg_read_all_stats to ${names.bot}`);
    for (const each of new Set([...accounts, ...roles])) await createRole(sql, each);
    // One by one: `current_user` is every fixture's, and a role that two change at once is an error.
    await sql.begin(async (tx) => {
      await tx`select pg_advisory_xact_lock(1)`;
      for (const each of accounts) await tx`alter role ${tx(each)} login password '${tx.unsafe(secret)}'`;
    });
    await sql.unsafe(`alter role gone_${tag} nologin`);
    for (const each of new Set(roles)) {
      await sql`grant ${sql(each)} to ${sql(names.bot)} ${sql.unsafe(adminOption)}`;
    }
    return version;
  }

  const url = new URL(adminUrl);
  Object.assign(url, { username: names.bot, password: secret, port: String(proxy.port) });
  const wrong = new URL(url);
  wrong.password = `wrong-${tag}`;
  const made: { close(): Promise<void> }[] = [];
  const connect: PostgresFixture['connect'] = (config, name = 'prod-pg') => {
    const accounts = { from: 'email_local_part', map: { [`Mapped@${tag}.test`]: names.omar } };
    const whole = { kind: 'postgres', url: url.href, end_sessions: true, accounts, ...config };
    const connector = postgresConnector.create(name, postgresConnector.config.parse(whole), ['acme.test']);
    made.push(connector);
    return connector;
  };
  const opened: postgres.Sql[] = [];
  const login = (account: string) => {
    const own = new URL(adminUrl);
    Object.assign(own, { username: encodeURIComponent(account), password: secret });
    const sql = quietly(own.href);
    opened.push(sql);
    return sql;
  };

  async function holds({ permission, account }: Named): Promise<boolean> {
    const rows = await admin()`
      select from pg_auth_members m join pg_roles r on r.oid = m.roleid join pg_roles a on a.oid = m.member
      where r.rolname = ${permission.role} and a.rolname = ${account}`;
    return rows.length > 0;
  }
  const give = async ({ permission, account }: Named) => {
    await admin()`grant ${admin()(permission.role)} to ${admin()(account)}`;
  };

  const oids = await oidsOf(admin());
  const version = versions[0] ?? 0;
  const NOBODY = '4000000000';
  /** The ids are those of the first server. */
  const edgeBy = (role: string, account: string): Edge => ({
    permission: { role },
    permissionId: permissionId({
      role: oids.get(role) ?? NOBODY,
      grantor: version < 16 ? null : (oids.get(names.bot) ?? NOBODY),
    }),
    account,
    accountId: oids.get(account) ?? NOBODY,
  });
  const renameRole = async (from: string, to: string) => {
    await admin()`alter role ${admin()(from)} rename to ${admin()(to)}`;
    if (oids.has(from)) await admin()`alter role ${admin()(to)} password '${admin().unsafe(secret)}'`;
  };
  const another = async (role: string) => {
    await admin()`create role ${admin()(role)} login password '${admin().unsafe(secret)}'`;
  };
  const adminOption = version < 16 ? 'with admin option' : 'with admin true, inherit false, set false';

  return {
    connector: connect(),
    twin: connect({}, 'twin'),
    edge: edgeBy(names.dba, names.ana),
    other: edgeBy(`other_${tag}`, names.omar),
    missing: edgeBy(`missing_${tag}`, `nobody_${tag}`),
    edgeBy,
    rename: {
      async account(who) {
        await renameRole(who, `${who}_deleted`);
        return `${who}_deleted`;
      },
      async permission({ role }) {
        await renameRole(role, `${role}_old`);
        return { role: `${role}_old` };
      },
      accountBack: renameRole,
      permissionBack: (from, to) => renameRole(from.role, to.role),
      newAccount: another,
      async newPermission({ role }) {
        await another(role);
        await admin()`grant ${admin()(role)} to ${admin()(names.bot)} ${admin().unsafe(adminOption)}`;
      },
      dropAccount: async (who) => void (await admin()`drop role ${admin()(who)}`),
      dropPermission: async ({ role }) => void (await admin()`drop role ${admin()(role)}`),
    },
    badPermissions: [{ role: '' }, { role: 'a\0b' }, { role: 'x'.repeat(64) }, { role: 'é'.repeat(32) }]
      .concat([{ role: '\ud800' }])
      .concat([{ role: 'dba', level: 'admin' } as { role: string }]),
    hostileEdges: hostile.map(({ role, account }) => edgeBy(role, account)),
    subjects: {
      ruled: {
        email: `${names.ana}@acme.test`,
        account: names.ana,
        accountId: oids.get(names.ana) ?? NOBODY,
      },
      mapped: { email: `mapped@${tag}.test`, account: names.omar, accountId: oids.get(names.omar) ?? NOBODY },
      unknown: `nobody_${tag}@acme.test`,
      disabled: `gone_${tag}@acme.test`,
    },
    secrets: [secret],
    refused: { connector: connect({ url: wrong.href }, 'refused'), secret: wrong.password },
    landsLate: 'never',
    get admin() {
      return admin();
    },
    proxy,
    version,
    names,
    url: url.href,
    connect,
    login,
    holds,
    /** The edge that Curfew's own revoke would take away. */
    async makeHeld(held) {
      if (version < 16) return give(held);
      const { permission, account } = held;
      await admin()`grant ${admin()(permission.role)} to ${admin()(account)} granted by ${admin()(names.bot)}`;
    },
    async makeInherited({ permission, account }) {
      await give({ permission, account: names.ops });
      await give({ permission: { role: names.ops }, account });
      return names.ops;
    },
    async stall(edge) {
      // Whoever changes a membership waits for a transaction that has changed it and is still open.
      const blocker = quietly(adminUrl);
      const verb = (await holds(edge)) ? ['revoke', 'from'] : ['grant', 'to'];
      const { role } = edge.permission;
      await blocker.unsafe(`begin; ${verb[0]} "${role}" ${verb[1]} "${edge.account}"`);
      return async () => {
        await blocker.unsafe('rollback');
        await blocker.end({ timeout: 1 });
        await vi.waitFor(async () => {
          const waiting = await admin()`select from pg_stat_activity
            where usename = ${names.bot} and state <> 'idle'`;
          expect(waiting).toHaveLength(0);
        });
      };
    },
    goDown: async (how) => (how === 'refuses' ? proxy.refuse() : proxy.hold()),
    comeBack: async () => proxy.pass(),
    async replaceTarget() {
      current = 1;
      proxy.retarget(Number(new URL(otherAdminUrl).port));
    },
    sessions: {
      async open(account) {
        const sql = login(account);
        const [own] = await sql<{ pid: number }[]>`select pg_backend_pid() as pid`;
        const alive = async () =>
          (await admin()`select from pg_stat_activity where pid = ${own?.pid ?? 0}`).length > 0;
        return { alive, close: () => sql.end({ timeout: 1 }) };
      },
      now: async () =>
        (await admin()<{ now: Date }[]>`select clock_timestamp() as now`)[0]?.now ?? new Date(0),
    },
    async tearDown() {
      await Promise.all(made.map((each) => each.close()));
      await Promise.all([...opened, ...admins].map((each) => each.end({ timeout: 1 })));
      await proxy.close();
    },
  };
}

async function oidsOf(sql: postgres.Sql): Promise<ReadonlyMap<string, string>> {
  const rows = await sql<{ oid: string; rolname: string }[]>`select oid::text, rolname from pg_roles`;
  return new Map(rows.map(({ oid, rolname }) => [rolname, oid]));
}

/** Some of the hostile names are the same in every test: they may be there already. */
async function createRole(sql: postgres.Sql, name: string): Promise<void> {
  await sql`create role ${sql(name)}`.catch((error: postgres.PostgresError) => {
    if (error.code !== '42710') throw error;
  });
}

function quietly(url: string): postgres.Sql {
  return postgres(url, { max: 1, onnotice: () => {}, connection: { application_name: 'test' } });
}
