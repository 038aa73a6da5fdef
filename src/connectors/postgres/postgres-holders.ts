/** Who holds a role in PostgreSQL, and in which ways. */
import type postgres from 'postgres';
import { type AccountRef, ConnectorError, type Holder } from '../connector.ts';
import type { PermissionOids } from './postgres-ids.ts';

interface Way {
  readonly account: string;
  readonly accountId: string;
  /** The role the account is a member of; null: the account is a superuser itself. */
  readonly via: string | null;
  /** True where `via` is the role asked about. */
  readonly direct: boolean;
  /** True where our revoke takes this edge away: its grantor is ours, or, before 16, there is but one. */
  readonly ours: boolean;
  readonly grantor: string;
  /** False: the membership gives nothing but the right to grant it on, to itself too. */
  readonly usable: boolean;
}

const MAX_WAYS = 20_000;

/**
 * Every holder of the role, or only `account` (an oid). A role that is gone is held by superusers alone.
 *
 * A role is held by its members, by members of roles that hold it, and by superusers and whoever may
 * become one by SET ROLE. From 16 on a membership has INHERIT and SET options; with neither it is just
 * ADMIN OPTION, as every creator of a role gets it, and counts as a way to it but not as direct. Our own
 * ADMIN OPTION is how Curfew is set up, not something that somebody holds. From 16 on each grantor has an
 * edge of its own, and what somebody else gave is no edge of ours: a way to hold the role, shown as such.
 */
export async function readHolders(
  sql: postgres.Sql,
  { role, grantor }: PermissionOids,
  account: string | null,
): Promise<Holder[]> {
  const ways = await sql<Way[]>`
    with recursive membership as (
      select m.roleid, m.member, m.admin_option, pg_get_userbyid(m.grantor) as grantor,
        ${grantor}::oid is null or m.grantor = ${grantor}::oid as ours,
        coalesce((to_jsonb(m) ->> 'inherit_option')::bool, true)
          or coalesce((to_jsonb(m) ->> 'set_option')::bool, true) as usable
      from pg_auth_members m
    ),
    carrier(oid) as (
      select oid from pg_roles where oid = ${role}::oid or rolsuper
      union
      select m.member from membership m join carrier on m.roleid = carrier.oid where m.usable
    )
    select member.rolname as account, member.oid::text as "accountId", via.rolname as via,
      via.oid = ${role}::oid as direct, m.usable, m.ours, m.grantor
    from membership m
    join carrier on carrier.oid = m.roleid
    join pg_roles member on member.oid = m.member
    join pg_roles via on via.oid = m.roleid
    where (${account}::oid is null or member.oid = ${account}::oid)
      and not (member.rolname = current_user and m.admin_option and via.oid = ${role}::oid)
    union
    select rolname, oid::text, null, false, true, false, '' from pg_roles
    where rolsuper and (${account}::oid is null or oid = ${account}::oid)
    order by 1, 3
    limit ${MAX_WAYS + 1}`;
  if (ways.length > MAX_WAYS) {
    throw new ConnectorError('terminal', 'too_many', `more than ${MAX_WAYS} ways lead to one role`, {
      outcomeKnown: true,
    });
  }

  const holders = new Map<string, AccountRef & { direct: boolean; inherited: string[] }>();
  for (const way of ways) {
    const { account, accountId } = way;
    const holder = holders.get(accountId) ?? { account, accountId, direct: false, inherited: [] };
    holders.set(accountId, holder);
    if (way.direct && way.usable && way.ours) holder.direct = true;
    else holder.inherited.push(inWords(way));
  }
  return [...holders.values()];
}

function inWords(way: Way): string {
  if (way.via === null) return 'is a superuser';
  if (!way.usable) return `may give itself role ${way.via}`;
  return way.direct ? `granted by ${way.grantor} as well` : `through role ${way.via}`;
}
