/** Which role of PostgreSQL a person logs in as. */
import type postgres from 'postgres';
import { lowerAscii } from '../../domain/text.ts';
import type { AccountResolution, Subject } from '../connector.ts';
import { isRoleName } from './postgres-name.ts';

export interface PostgresAccounts {
  /** By mail address; wins over `from`. */
  readonly map: Readonly<Record<string, string>>;
  readonly from?: 'email_local_part' | 'email';
}

/** The name alone; undefined where neither map nor rule gives one. Pure. */
function accountName(accounts: PostgresAccounts, subject: Subject): string | undefined {
  const email = lowerAscii(subject.email);
  if (Object.hasOwn(accounts.map, email)) return accounts.map[email];
  if (accounts.from === 'email') return email;
  return accounts.from && email.slice(0, email.lastIndexOf('@'));
}

/**
 * The account, if it exists and may log in. An expired password (`VALID UNTIL`) counts as disabled, and
 * Curfew's own role is nobody's account.
 */
export async function resolvePostgresAccount(
  sql: postgres.Sql,
  name: string,
  accounts: PostgresAccounts,
  subject: Subject,
): Promise<AccountResolution> {
  const account = accountName(accounts, subject);
  if (account === undefined) {
    return {
      ok: false,
      reason: 'unmapped',
      message: `${subject.email} has no account in the map of ${name}`,
    };
  }
  const unknown = { ok: false, reason: 'unknown', message: `${name} has no login ${account}` } as const;
  if (!isRoleName(account)) return unknown;
  const [role] = await sql<{ oid: string; usable: boolean; ours: boolean }[]>`
    select oid::text, rolcanlogin and coalesce(rolvaliduntil > now(), true) as usable, rolname = current_user as ours
    from pg_roles where rolname = ${account}`;
  if (!role || role.ours) return unknown;
  if (role.usable) return { ok: true, account, accountId: role.oid };
  return { ok: false, reason: 'disabled', message: `the login ${account} on ${name} is disabled or expired` };
}
