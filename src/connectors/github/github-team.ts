/**
 * Who is in a team and how. GitHub's team reads "will include the members of child teams"
 * (docs.github.com, "REST API endpoints for team members"); REST cannot tell them apart, so where a team
 * has child teams GraphQL's `members(membership: IMMEDIATE)` does.
 */
import { z } from 'zod';
import { type CallContext, ConnectorError, type Holder, type Holding } from '../connector.ts';
import { accountName, type GithubAccount, orgMembership } from './github-account.ts';
import type { GithubApi } from './github-api.ts';

const team = z.object({ slug: z.string(), id: z.int() });
const listed = z.object({ login: z.string(), id: z.int() });
export const teamMembership = z.object({ state: z.enum(['active', 'pending']), role: z.string() });

const TEAM = '/orgs/{org}/teams/{team_slug}';
export const TEAM_MEMBERSHIP = `${TEAM}/memberships/{username}`;
const OWNER = 'as an owner of the organisation';

const IMMEDIATE = `query ($org: String!, $team: String!, $login: String, $after: String) {
  organization(login: $org) { team(slug: $team) {
    members(membership: IMMEDIATE, query: $login, first: 100, after: $after) {
      nodes { login databaseId } pageInfo { hasNextPage endCursor } } } } }`;

const immediatePage = z.object({
  organization: z.object({
    team: z.object({
      members: z.object({
        nodes: z.object({ login: z.string(), databaseId: z.int() }).array(),
        pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullable() }),
      }),
    }),
  }),
});

export interface TeamRef {
  readonly org: string;
  readonly slug: string;
}

/** Throws a terminal `not_found` unless the team is there for the token to see. */
export async function requireTeam(api: GithubApi, ref: TeamRef, call: CallContext): Promise<void> {
  const found = await api.get(team, `GET ${TEAM}`, { org: ref.org, team_slug: ref.slug }, call);
  if (!found) throw teamNotFound(ref);
}

export function teamNotFound(ref: TeamRef): ConnectorError {
  const message = `${ref.org} has no team ${ref.slug} that the token may see; was it renamed?`;
  return new ConnectorError('terminal', 'not_found', message, { outcomeKnown: true });
}

export async function readHolding(
  api: GithubApi,
  ref: TeamRef,
  account: GithubAccount,
  call: CallContext,
): Promise<Holding> {
  const inherited: string[] = [];
  const membershipIn = (slug: string) => {
    const params = { org: ref.org, team_slug: slug, username: account.login };
    return api.get(teamMembership, `GET ${TEAM_MEMBERSHIP}`, params, call);
  };
  const membership = await membershipIn(ref.slug);
  // A 404 also comes for a team that is gone or hidden, which says nothing about the account.
  if (!membership) await requireTeam(api, ref, call);
  // An invitation can be accepted at any moment, so it counts as held.
  let direct = membership !== null;
  if (membership?.state === 'active') {
    const children = await childTeams(api, ref, call);
    if (children.length > 0) {
      const immediate = await immediateMembers(api, ref, account.login, call);
      direct = immediate.some((member) => member.id === account.id);
    }
    for (const child of children) {
      if (await membershipIn(child)) inherited.push(`through team ${child}`);
    }
  }
  const params = { org: ref.org, username: account.login };
  const inOrg = await api.get(orgMembership, 'GET /orgs/{org}/memberships/{username}', params, call);
  if (inOrg?.role === 'admin' && inOrg.state === 'active') inherited.push(OWNER);
  return { direct, inherited };
}

export async function listHolders(api: GithubApi, ref: TeamRef, call: CallContext): Promise<Holder[]> {
  const holders = new Map<number, { login: string; direct: boolean; inherited: string[] }>();
  const note = (account: GithubAccount, how: string | null) => {
    const holder = holders.get(account.id) ?? { login: account.login, direct: false, inherited: [] };
    holders.set(account.id, holder);
    if (how === null) holder.direct = true;
    else holder.inherited.push(how);
  };
  const children = await childTeams(api, ref, call);
  const members = children.length > 0 ? immediateMembers(api, ref, null, call) : teamMembers(api, ref, call);
  for (const member of await members) note(member, null);
  for (const invited of await invitedLogins(api, ref, call)) {
    const account = await api.get(listed, 'GET /users/{username}', { username: invited }, call);
    if (account) note(account, null);
  }
  for (const child of children) {
    const inChild = await teamMembers(api, { org: ref.org, slug: child }, call);
    for (const member of inChild) note(member, `through team ${child}`);
  }
  const owners = await api.getAll(listed, 'GET /orgs/{org}/members', { org: ref.org, role: 'admin' }, call);
  for (const owner of owners ?? []) note(owner, OWNER);
  return [...holders].map(([id, { login, direct, inherited }]) => ({
    account: accountName({ login, id }),
    direct,
    inherited,
  }));
}

async function teamMembers(api: GithubApi, ref: TeamRef, call: CallContext): Promise<GithubAccount[]> {
  const params = { org: ref.org, team_slug: ref.slug };
  const members = await api.getAll(listed, `GET ${TEAM}/members`, params, call);
  if (!members) throw teamNotFound(ref);
  return members;
}

/** Child teams of the first level; their members include those of the levels below. */
async function childTeams(api: GithubApi, ref: TeamRef, call: CallContext): Promise<string[]> {
  const params = { org: ref.org, team_slug: ref.slug };
  const children = await api.getAll(team, `GET ${TEAM}/teams`, params, call);
  if (!children) throw teamNotFound(ref);
  return children.map((child) => child.slug);
}

/** Logins with an open invitation into the team. One sent to a bare mail address has no account to name. */
async function invitedLogins(api: GithubApi, ref: TeamRef, call: CallContext): Promise<string[]> {
  const invitation = z.object({ login: z.string().nullable() });
  const params = { org: ref.org, team_slug: ref.slug };
  const invitations = await api.getAll(invitation, `GET ${TEAM}/invitations`, params, call);
  if (!invitations) throw teamNotFound(ref);
  return invitations.flatMap((entry) => entry.login ?? []);
}

/** Members of the team itself, narrowed by GitHub's search where `login` is given. */
async function immediateMembers(
  api: GithubApi,
  ref: TeamRef,
  login: string | null,
  call: CallContext,
): Promise<GithubAccount[]> {
  const all: GithubAccount[] = [];
  let after: string | null = null;
  for (let page = 0; page < 100; page++) {
    const variables: Record<string, unknown> = { org: ref.org, team: ref.slug, login, after };
    const { members } = (await api.query(immediatePage, IMMEDIATE, variables, call)).organization.team;
    all.push(...members.nodes.map((node) => ({ login: node.login, id: node.databaseId })));
    after = members.pageInfo.endCursor;
    if (!members.pageInfo.hasNextPage) return all;
  }
  const message = `${ref.slug} has more than 10000 members`;
  throw new ConnectorError('terminal', 'too_many', message, { outcomeKnown: true });
}
