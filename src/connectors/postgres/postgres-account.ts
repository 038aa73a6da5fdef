/** Which role of PostgreSQL a person logs in as. */
import type postgres from 'postgres';
import type { AccountResolution } from '../connector.ts';
import { isRoleName } from './postgres-name.ts';

/**
 * The account, if it exists and may log in. An expired password (`VALID UNTIL`) counts as disabled, and
 * Curfew's own role is nobody's account.
 */
export async function resolvePostgresAccount(
  sql: postgres.Sql,
  name: string,
  account: string,
): Promise<AccountResolution> {
  const unknown = { ok: false, reason: 'unknown', message: `${name} has no login ${account}` } as const;
  if (!isRoleName(account)) return unknown;
  const [role] = await sql<{ oid: string; usable: boolean; ours: boolean }[]>`
    select oid::text, rolcanlogin and coalesce(rolvaliduntil > now(), true) as usable, rolname = current_user as ours
    from pg_roles where rolname = ${account}`;
  if (!role || role.ours) return unknown;
  if (role.usable) return { ok: true, account, accountId: role.oid };
  return { ok: false, reason: 'disabled', message: `the login ${account} on ${name} is disabled or expired` };
}
