/** What a team's slug means today, and whether the token may change who is in that team. */
import { z } from 'zod';
import { type CallContext, ConnectorError, type PermissionResolution } from '../connector.ts';
import type { GithubApi } from './github-api.ts';
import { type GithubOrg, TEAM_MEMBERSHIP, team, teamMembership } from './github-team.ts';

const groups = z.object({ groups: z.unknown().array() });

export async function resolveTeam(
  api: GithubApi,
  name: string,
  org: GithubOrg,
  slug: string,
  call: CallContext,
): Promise<PermissionResolution> {
  const params = { org: org.login, team_slug: slug };
  const found = await api.get(team, 'GET /orgs/{org}/teams/{team_slug}', params, call);
  if (!found) {
    return { ok: false, message: `${name}: ${org.login} has no team ${slug} that Curfew's token may see.` };
  }
  if (await isManagedElsewhere(api, params, call)) {
    const message = `${name}: who is in team ${slug} is decided by groups of the identity provider, and GitHub refuses every other change. Disconnect them from the team, or use another team.`;
    return { ok: false, message };
  }
  const powerless = await whoIsPowerless(api, org, found.id, call);
  if (powerless !== null) {
    const message = `${name}: Curfew's token belongs to ${powerless}, who is neither an owner of ${org.login} nor a maintainer of team ${slug}. Make ${powerless} one of them.`;
    return { ok: false, message };
  }
  return { ok: true, permissionId: String(found.id) };
}

/**
 * Groups of managed users, or of team synchronisation. GitHub answers with an error of its own choice where
 * an organisation has neither.
 */
async function isManagedElsewhere(
  api: GithubApi,
  params: { org: string; team_slug: string },
  call: CallContext,
): Promise<boolean> {
  for (const part of ['external-groups', 'team-sync/group-mappings']) {
    const route = `GET /orgs/{org}/teams/{team_slug}/${part}`;
    const found = await orNothing(api.get(z.unknown(), route, params, call));
    const connected = groups.safeParse(found);
    if (connected.success && connected.data.groups.length > 0) return true;
  }
  return false;
}

/** The token's user, where it is known to be one who may not. Tokens of apps have no user. */
async function whoIsPowerless(
  api: GithubApi,
  org: GithubOrg,
  teamId: number,
  call: CallContext,
): Promise<string | null> {
  const membership = z.object({ role: z.string(), user: z.object({ login: z.string() }) });
  const own = await orNothing(
    api.get(membership, 'GET /user/memberships/orgs/{org}', { org: org.login }, call),
  );
  if (!own || own.role === 'admin') return null;
  const params = { org_id: org.id, team_id: teamId, username: own.user.login };
  const inTeam = await orNothing(api.get(teamMembership, `GET ${TEAM_MEMBERSHIP}`, params, call));
  return inTeam?.role === 'maintainer' ? null : own.user.login;
}

/** Null for what GitHub does not answer to this token; an outage stays an error. */
async function orNothing<T>(reading: Promise<T | null>): Promise<T | null> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof ConnectorError && (error.kind === 'terminal' || error.code === 'bad_answer'))
      return null;
    throw error;
  }
}
