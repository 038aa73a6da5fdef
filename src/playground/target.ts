/**
 * What access is given in: a real PostgreSQL. Curfew reaches it over a line that can be cut or slowed; we
 * look into it beside that line, as its superuser. The ledger is a database of the same server, and is
 * never behind that line.
 */
import { randomBytes } from 'node:crypto';
import postgres from 'postgres';
import { createDatabase, startPostgres } from './postgres-server.ts';
import type { FaultsView } from './protocol.ts';
import { startTcpProxy } from './tcp-proxy.ts';
import { TARGET_ACCOUNTS, TARGET_ROLES } from './town.ts';

export interface Target {
  /** Curfew's own login there, with no more than it needs, over the line. */
  readonly url: string;
  readonly ledgerUrl: string;
  setFaults(faults: Pick<FaultsView, 'targetDown' | 'targetSlow'>): void;
  /** Who can use each role, by the target's own account. */
  roles(): Promise<{ role: string; members: string[] }[]>;
  stop(): Promise<void>;
}

/** Each message of a client; one call has several, and so takes some seconds. */
const SLOW_MS = 400;

/** Its files are below `directory` where the server can be there. About 2 s. */
export async function startTarget(directory: string): Promise<Target> {
  const server = await startPostgres({ version: 18, under: directory });
  try {
    const password = randomBytes(12).toString('hex');
    const admin = postgres(server.url, { max: 1, onnotice: () => {} });
    const ledger = await createDatabase(server.url);
    await admin.unsafe(`
      create role ledger login password '${password}';
      alter database ${ledger.name} owner to ledger;
      create role curfew login password '${password}';
      grant pg_signal_backend, pg_read_all_stats to curfew;
      ${TARGET_ROLES.map((role) => `create role ${role}; grant ${role} to curfew with admin true, inherit false, set false;`).join('\n')}
      ${TARGET_ACCOUNTS.map((account) => `create role ${account} login;`).join('\n')}`);
    const line = await startTcpProxy(server.port);

    return {
      url: `postgres://curfew:${password}@127.0.0.1:${line.port}/postgres`,
      ledgerUrl: `postgres://ledger:${password}@127.0.0.1:${server.port}/${ledger.name}`,
      setFaults({ targetDown, targetSlow }) {
        if (targetDown) line.refuse();
        else if (targetSlow) line.slow(SLOW_MS);
        else line.pass();
      },
      async roles() {
        const rows = await admin<{ role: string; member: string }[]>`
          select r.rolname as role, m.rolname as member
          from pg_auth_members e join pg_roles r on r.oid = e.roleid join pg_roles m on m.oid = e.member
          where r.rolname in ${admin(TARGET_ROLES)} and (e.inherit_option or e.set_option)
          group by r.rolname, m.rolname order by m.rolname`;
        return TARGET_ROLES.map((role) => ({
          role,
          members: rows.filter((row) => row.role === role).map(({ member }) => member),
        }));
      },
      async stop() {
        await admin.end({ timeout: 1 }).catch(() => {});
        await line.close();
        await server.stop();
      },
    };
  } catch (error) {
    await server.stop();
    throw error;
  }
}
