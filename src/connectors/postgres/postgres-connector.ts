/**
 * Membership of a role in a PostgreSQL cluster, 14 or later (tested on 15 and 18).
 *
 * Curfew's own login needs no superuser. The least that it needs, for a role `dba`:
 *
 *     CREATE ROLE curfew LOGIN PASSWORD '...';
 *     GRANT dba TO curfew WITH ADMIN TRUE, INHERIT FALSE, SET FALSE;   -- 16 and later
 *     GRANT dba TO curfew WITH ADMIN OPTION;                           -- 15: makes curfew a member, too
 *     GRANT pg_signal_backend TO curfew;                               -- for end_sessions
 *     GRANT pg_read_all_stats TO curfew;                               -- to end only sessions begun before
 *
 * Sessions of superusers can be ended by superusers only.
 *
 * Who gave a membership, as seen on both versions:
 *  - 15 has one edge for each role and member. A second GRANT is swallowed, whoever says it, and a REVOKE
 *    by anyone with ADMIN OPTION takes the edge away. What was held before must never be revoked.
 *  - From 16 on each grantor has an edge of its own. Curfew grants and revokes in the name of one grantor,
 *    chosen when somebody asks (postgres-grantor.ts). If somebody else gave the same role meanwhile in
 *    another name, the account still holds it after our revoke: `inspect` then says "granted by ... as
 *    well", as another way to hold it and no edge of ours. Where Curfew has ADMIN OPTION through a group
 *    role, whoever else grants by that group shares the edge, as on 15.
 *  - From 16 on every superuser grants and revokes in the name of the bootstrap superuser. Curfew as a
 *    superuser would share one edge with all of them, as on 15: one more reason for the set-up above.
 *
 * The target is `system_identifier`, drawn at initdb. A physical copy (a promoted replica, a restored
 * backup) has the same one and cannot be told from its original.
 *
 * A GRANT by itself ends nothing that lives: after a REVOKE a session that said SET ROLE before keeps the
 * role until it ends. With `end_sessions` Curfew ends them. What else the person did with the role
 * (objects, new logins, background jobs) stays.
 */
import type postgres from 'postgres';
import { z } from 'zod';
import { byMailAddress } from '../../domain/mail-address.ts';
import { readPostgresUrl } from '../../net/postgres-url.ts';
import { type Connector, ConnectorError, type ConnectorKind, type EdgeRef } from '../connector.ts';
import { accountByMail, localPartRule } from '../mail-rule.ts';
import { resolvePostgresAccount } from './postgres-account.ts';
import { resolvePostgresRole } from './postgres-grantor.ts';
import { readHolders } from './postgres-holders.ts';
import { accountOid, namesOf, permissionOids, requireSameNames } from './postgres-ids.ts';
import { quoteRoleName, roleName } from './postgres-name.ts';
import { terminateSessions } from './postgres-sessions.ts';
import { createPostgresTransactions, LATE_S } from './postgres-transactions.ts';

const permission = z.strictObject({ role: roleName });
export type PostgresPermission = z.output<typeof permission>;

const config = z.strictObject({
  kind: z.literal('postgres'),
  /** `postgres://user:password@host:port/database?sslmode=verify-full`; one host, any database of it. */
  url: z
    .string()
    .max(2000)
    .superRefine((text, ctx) => {
      const read = readPostgresUrl(text);
      if ('problem' in read) ctx.addIssue({ code: 'custom', message: read.problem });
    }),
  /** Ends the account's sessions after each revoke. */
  end_sessions: z.boolean().default(false),
  accounts: z
    .strictObject({
      /** Mail address to role name; wins over `from`. */
      map: byMailAddress(roleName).default({}),
      from: z.union([localPartRule, z.literal('email')]).optional(),
    })
    .prefault({}),
  /** How long one call may take, seconds. */
  call_timeout_s: z.int().min(1).max(60).default(10),
  /** Connections at once. */
  concurrency: z.int().min(1).max(50).default(8),
});
export type PostgresConfig = z.output<typeof config>;

export const postgresConnector: ConnectorKind<PostgresConfig, PostgresPermission> = {
  kind: 'postgres',
  config,
  create: createPostgresConnector,
};

function createPostgresConnector(
  name: string,
  settings: PostgresConfig,
  domains: readonly string[],
): Connector<PostgresPermission> {
  const address = readPostgresUrl(settings.url);
  if ('problem' in address) throw new TypeError('not a URL of PostgreSQL');
  const { concurrency } = settings;
  const transactions = createPostgresTransactions({ name, address, concurrency });

  return {
    name,
    kind: 'postgres',
    limits: {
      sessionOutlivesRevokeS: settings.end_sessions ? 0 : null,
      maxLateLandingS: LATE_S + 1,
      callTimeoutS: settings.call_timeout_s,
      concurrency,
      endsSessions: settings.end_sessions,
      nativeExpiry: false,
    },
    permission,
    describe: ({ role }) => `member of ${role} on ${name}`,
    relation: ({ role }) => role,

    targetId: (call) => transactions.run(call, async (_sql, target) => target),

    async resolveAccount({ email }, call) {
      const found = accountByMail(settings.accounts, email, { connector: name, domains });
      if ('why' in found) return { ok: false, reason: 'unmapped', message: found.why };
      return transactions.run(call, (sql) => resolvePostgresAccount(sql, name, found.account));
    },

    resolvePermission: ({ role }, call) =>
      transactions.run(call, (sql) =>
        resolvePostgresRole(sql, name, { role, endsSessions: settings.end_sessions }),
      ),

    async grant(edge, call) {
      // A COMMIT that waits for a standby has no limit in time and would make the access appear whenever
      // the standby comes back. So a grant does not wait; at worst it is lost in a failover. A revoke
      // does wait: it must not be lost, and until it is certain every read says that it is still held.
      const doNotWait = 'set local synchronous_commit = local';
      await transactions.run(call, async (sql) => {
        const { names, role, account, grantedBy } = await readEnds(sql, edge);
        if (role === undefined) throw gone(name, `the role ${edge.permission.role}`);
        if (account === undefined) throw gone(name, `the login ${edge.account}`);
        if (grantedBy === undefined) throw gone(name, `the role in whose name ${role} was to be given`);
        const [quotedRole, quotedAccount] = [quoteRoleName(role), quoteRoleName(account)];
        await sql.unsafe(`${doNotWait}; grant ${quotedRole} to ${quotedAccount}${grantedBy}`);
        await requireSameNames(sql, name, names);
      });
    },

    async revoke(edge, call) {
      await transactions.run(call, async (sql) => {
        const { names, role, account, grantedBy } = await readEnds(sql, edge);
        // Memberships go with the roles they are made of. Whoever bears such a name now has nothing of ours.
        if (role === undefined || account === undefined || grantedBy === undefined) return;
        await sql.unsafe(`revoke ${quoteRoleName(role)} from ${quoteRoleName(account)}${grantedBy}`);
        await requireSameNames(sql, name, names);
      });
    },

    async endSessions(edge, before, call) {
      if (!settings.end_sessions) return 0;
      const oid = accountOid(edge);
      return await transactions
        .run(call, (sql) => terminateSessions(sql, oid, before))
        .catch((error: unknown) => {
          if (!(error instanceof ConnectorError) || error.code !== 'permission_denied') throw error;
          const words = `${error.message} (GRANT pg_signal_backend to Curfew's role; superusers need a superuser)`;
          throw new ConnectorError(error.kind, error.code, words, { outcomeKnown: false });
        });
    },

    inspect: (edge, call) =>
      transactions.run(call, async (sql) => {
        const { role, account } = await readEnds(sql, edge);
        const [found] = await readHolders(sql, permissionOids(edge), accountOid(edge));
        const holding = { direct: found?.direct ?? false, inherited: found?.inherited ?? [] };
        // Both tables were read by oid on the server that is meant: no such role, and so no membership.
        if (account === undefined) return { ...holding, gone: 'account' };
        if (role === undefined) return { ...holding, gone: 'permission' };
        const renamed = {
          ...(account !== edge.account && { account }),
          ...(role !== edge.permission.role && { description: `member of ${role} on ${name}` }),
        };
        return Object.keys(renamed).length > 0 ? { ...holding, renamed } : holding;
      }),

    list: (asked, call) =>
      transactions.run(call, async (sql) => readHolders(sql, permissionOids(asked), null)),

    close: async () => transactions.close(),
  };
}

/** The roles of an edge by today's names; undefined for one that is gone. */
async function readEnds(sql: postgres.Sql, edge: EdgeRef<PostgresPermission>) {
  const { role, grantor } = permissionOids(edge);
  const account = accountOid(edge);
  const names = await namesOf(sql, [role, account, grantor]);
  const granting = grantor === null ? '' : names.get(grantor);
  return {
    names,
    role: names.get(role),
    account: names.get(account),
    grantedBy: granting ? ` granted by ${quoteRoleName(granting)}` : granting,
  };
}

function gone(name: string, what: string): ConnectorError {
  const words = `${name}: ${what} is gone, whatever has its name now`;
  return new ConnectorError('terminal', 'gone', words, { outcomeKnown: true });
}
