/**
 * In whose name Curfew gives a role, and whether it may.
 *
 * From 16 on a membership belongs to its grantor, who needs ADMIN OPTION himself. A statement that names no
 * grantor is carried out in the name of the "best admin": the login itself or else the nearest role whose
 * privileges it inherits (`select_best_admin` in acl.c). That choice changes with the login's memberships, and
 * a REVOKE in another name than the GRANT's warns and takes nothing away. So it is made once, by the same
 * rule, when somebody asks; from then on every statement names the grantor.
 *
 * Before 16 there is one edge for each role and member, and whoever has ADMIN OPTION (or CREATEROLE) may
 * change it.
 */
import type postgres from 'postgres';
import type { PermissionResolution } from '../connector.ts';
import { permissionId } from './postgres-ids.ts';
import { isRoleName, quoteRoleName } from './postgres-name.ts';

/** From 16 on every superuser grants in its name. Its oid is fixed (`BOOTSTRAP_SUPERUSERID` in pg_authid.dat). */
const BOOTSTRAP_SUPERUSER = '10';

interface Rights {
  readonly oid: string;
  readonly superuser: boolean;
  readonly version: number;
  readonly bot: string;
  readonly botSuperuser: boolean;
  readonly botIsRole: boolean;
  /** Before 16: may change who is in the role. */
  readonly admin: boolean;
  /** From 16 on: the nearest role with ADMIN OPTION among those whose privileges the login has. */
  readonly grantor: string | null;
  /** May end other logins' sessions. */
  readonly maySignal: boolean;
  /** A role with ADMIN OPTION that the login is in without having its privileges. */
  readonly unused: string | null;
}

/**
 * The role's id with its grantor; or, where Curfew cannot give it, why, and the statement that mends it.
 *
 * @param endsSessions whether sessions have to end with the access: then it is not given where they could not
 */
export async function resolvePostgresRole(
  sql: postgres.Sql,
  name: string,
  { role, endsSessions }: { readonly role: string; readonly endsSessions: boolean },
): Promise<PermissionResolution> {
  const rights = isRoleName(role) ? await readRights(sql, role) : undefined;
  if (!rights) return { ok: false, message: `${name} has no role ${role}.` };
  const { oid, version } = rights;
  const refused = (why: string) => ({ ok: false, message: `${name}: ${why}` }) as const;
  if (rights.botIsRole) return refused(`${role} is Curfew's own login.`);
  if (rights.superuser && !rights.botSuperuser) {
    return refused(`${role} is a superuser, and only a superuser may give it.`);
  }
  if (endsSessions && !rights.maySignal) {
    const statement = `GRANT pg_signal_backend TO ${quoteRoleName(rights.bot)};`;
    return refused(`Curfew could not end sessions afterwards (end_sessions). Run: ${statement}`);
  }
  if (version < 160_000) {
    if (rights.admin || rights.botSuperuser)
      return { ok: true, permissionId: permissionId({ role: oid, grantor: null }) };
    return refused(`Curfew may not give ${role}. ${remedy(rights, role)}`);
  }
  const grantor = rights.botSuperuser ? BOOTSTRAP_SUPERUSER : rights.grantor;
  if (grantor !== null) return { ok: true, permissionId: permissionId({ role: oid, grantor }) };
  const through = rights.unused === null ? '' : `, but does not inherit from ${rights.unused}, which may`;
  return refused(`Curfew may not give ${role}${through}. ${remedy(rights, role)}`);
}

function remedy({ version, bot }: Rights, role: string): string {
  const option = version < 160_000 ? 'ADMIN OPTION' : 'ADMIN TRUE, INHERIT FALSE, SET FALSE';
  return `Run: GRANT ${quoteRoleName(role)} TO ${quoteRoleName(bot)} WITH ${option};`;
}

async function readRights(sql: postgres.Sql, role: string): Promise<Rights | undefined> {
  const [found] = await sql<Rights[]>`
    with recursive membership as (
      select roleid, member, admin_option,
        coalesce((to_jsonb(m) ->> 'inherit_option')::bool, true) as inherits
      from pg_auth_members m
    ),
    -- As the server goes: breadth first, along memberships that pass privileges on.
    has_privileges_of(oid, distance) as (
      select oid, 0 from pg_roles where rolname = current_user
      union
      select m.roleid, h.distance + 1 from membership m join has_privileges_of h on m.member = h.oid
      where m.inherits and h.distance < 100
    ),
    member_of(oid) as (
      select oid from pg_roles where rolname = current_user
      union
      select m.roleid from membership m join member_of on m.member = member_of.oid
    ),
    asked as (select oid, rolsuper from pg_roles where rolname = ${role})
    select asked.oid::text, asked.rolsuper as superuser,
      current_setting('server_version_num')::int as version,
      bot.rolname as bot, bot.rolsuper as "botSuperuser", bot.oid = asked.oid as "botIsRole",
      pg_has_role('pg_signal_backend', 'USAGE') as "maySignal",
      bot.rolcreaterole or pg_has_role(asked.oid, 'MEMBER WITH ADMIN OPTION') as admin,
      (select h.oid::text from has_privileges_of h join membership m on m.member = h.oid
        where m.roleid = asked.oid and m.admin_option order by h.distance, h.oid limit 1) as grantor,
      (select r.rolname from member_of h join membership m on m.member = h.oid join pg_roles r on r.oid = h.oid
        where m.roleid = asked.oid and m.admin_option order by h.oid limit 1) as unused
    from asked, pg_roles bot where bot.rolname = current_user`;
  return found;
}
