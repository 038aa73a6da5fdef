/**
 * What Curfew remembers of roles in PostgreSQL: their oids. `ALTER ROLE ... RENAME` changes a role's name and
 * nothing else, so memberships follow the oid, and a name can come to mean another role.
 *
 * A permission's id is the role's oid and, from 16 on, that of the grantor: there each grantor has an edge of
 * its own (postgres-grantor.ts), so whose edge is ours has to be known for as long as it may be there.
 */
import type postgres from 'postgres';
import { ConnectorError, type EdgeRef, type PermissionRef } from '../connector.ts';

export interface PermissionOids {
  readonly role: string;
  /** Null before 16, where a role and a member have but one edge. */
  readonly grantor: string | null;
}

export function permissionId({ role, grantor }: PermissionOids): string {
  return grantor === null ? role : `${role} granted by ${grantor}`;
}

/** Throws a terminal `bad_id` for what `permissionId` did not make. */
export function permissionOids({ permissionId: text }: PermissionRef<unknown>): PermissionOids {
  const [, role, grantor = null] = /^(\d{1,10})(?: granted by (\d{1,10}))?$/.exec(text) ?? [];
  if (role === undefined) throw badId();
  return { role, grantor };
}

export function accountOid({ accountId }: Pick<EdgeRef<unknown>, 'accountId'>): string {
  if (!/^\d{1,10}$/.test(accountId)) throw badId();
  return accountId;
}

function badId(): ConnectorError {
  return new ConnectorError('terminal', 'bad_id', 'not the id of a role', { outcomeKnown: true });
}

/** What these roles are called now; a role that is gone has no entry. */
export async function namesOf(
  sql: postgres.Sql,
  oids: readonly (string | null)[],
): Promise<ReadonlyMap<string, string>> {
  const asked = `{${oids.filter((oid) => oid !== null).join(',')}}`;
  const rows = await sql<{ oid: string; name: string }[]>`
    select oid::text, rolname as name from pg_roles where oid = any(${asked}::oid[])`;
  return new Map(rows.map(({ oid, name }) => [oid, name]));
}

/**
 * Statements name roles, and a name may change between looking it up and using it. Asked again in the same
 * transaction after the change: if a name moved meanwhile, the change may have met another role, and the
 * error rolls it back.
 */
export async function requireSameNames(
  sql: postgres.Sql,
  connector: string,
  before: ReadonlyMap<string, string>,
): Promise<void> {
  const after = await namesOf(sql, [...before.keys()]);
  if ([...before].every(([oid, name]) => after.get(oid) === name)) return;
  const words = `${connector}: a role was renamed at that very moment`;
  throw new ConnectorError('retryable', 'conflict', words, { outcomeKnown: true });
}
