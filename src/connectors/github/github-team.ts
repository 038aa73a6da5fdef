/**
 * Which team is meant, and who is in it and how.
 *
 * A team is known by its id. Its slug follows its name, and another team can take the slug of before; so a
 * team is addressed by `/organizations/{org_id}/team/{team_id}`, which GitHub documents beside each route by
 * slug (docs.github.com, "REST API endpoints for team members").
 *
 * GitHub's team reads "will include the members of child teams" (the same page); REST cannot tell them apart,
 * so where a team has child teams GraphQL's `members(membership: IMMEDIATE)` does.
 */
import { z } from 'zod';
import {
  type AccountRef,
  type CallContext,
  ConnectorError,
  type Holder,
  type Holding,
} from '../connector.ts';
import { type GithubAccount, orgMembership } from './github-account.ts';
import type { GithubApi } from './github-api.ts';

export const team = z.object({ slug: z.string(), id: z.int(), node_id: z.string() });
const listed = z.object({ login: z.string(), id: z.int() });
export const teamMembership = z.object({ state: z.enum(['active', 'pending']), role: z.string() });

const TEAM = '/organizations/{org_id}/team/{team_id}';
export const TEAM_MEMBERSHIP = `${TEAM}/memberships/{username}`;
const OWNER = 'as an owner of the organisation';

const IMMEDIATE = `query ($team: ID!, $login: String, $after: String) {
  node(id: $team) { ... on Team {
    members(membership: IMMEDIATE, query: $login, first: 100, after: $after) {
      nodes { login databaseId } pageInfo { hasNextPage endCursor } } } } }`;

const immediatePage = z.object({
  node: z.object({
    members: z.object({
      nodes: z.object({ login: z.string(), databaseId: z.int() }).array(),
      pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullable() }),
    }),
  }),
});

export interface GithubOrg {
  readonly id: number;
  /** Today's. */
  readonly login: string;
}

export interface GithubTeam {
  readonly org: GithubOrg;
  readonly id: number;
  /** Today's. */
  readonly slug: string;
  readonly nodeId: string;
}

/** The team of this id; throws a terminal `not_found` where the token sees none. */
export async function teamById(
  api: GithubApi,
  org: GithubOrg,
  wanted: { readonly id: number; readonly slug: string },
  call: CallContext,
): Promise<GithubTeam> {
  const found = await api.get(team, `GET ${TEAM}`, { org_id: org.id, team_id: wanted.id }, call);
  if (found?.id !== wanted.id) throw teamNotFound(org, wanted.slug);
  return { org, id: found.id, slug: found.slug, nodeId: found.node_id };
}

/** GitHub answers alike for a team that is gone and for one that the token may not see. */
function teamNotFound(org: GithubOrg, slug: string): ConnectorError {
  const message = `${org.login} has no team any more that the token may see under the id of ${slug}; who is in it cannot be confirmed`;
  return new ConnectorError('terminal', 'not_found', message, { outcomeKnown: true });
}

const idsOf = ({ org, id }: GithubTeam) => ({ org_id: org.id, team_id: id });

export async function readHolding(
  api: GithubApi,
  ref: GithubTeam,
  account: GithubAccount,
  call: CallContext,
): Promise<Holding> {
  const inherited: string[] = [];
  const membershipIn = (teamId: number) => {
    const params = { org_id: ref.org.id, team_id: teamId, username: account.login };
    return api.get(teamMembership, `GET ${TEAM_MEMBERSHIP}`, params, call);
  };
  const membership = await membershipIn(ref.id);
  // A 404 also comes for a team that is gone or hidden, which says nothing about the account.
  if (!membership) await teamById(api, ref.org, ref, call);
  // An invitation can be accepted at any moment, so it counts as held.
  let direct = membership !== null;
  if (membership?.state === 'active') {
    const children = await childTeams(api, ref, call);
    if (children.length > 0) {
      const immediate = await immediateMembers(api, ref, account.login, call);
      direct = immediate.some((member) => member.id === account.id);
    }
    for (const child of children) {
      if (await membershipIn(child.id)) inherited.push(`through team ${child.slug}`);
    }
  }
  const params = { org: ref.org.login, username: account.login };
  const inOrg = await api.get(orgMembership, 'GET /orgs/{org}/memberships/{username}', params, call);
  if (inOrg?.role === 'admin' && inOrg.state === 'active') inherited.push(OWNER);
  return { direct, inherited };
}

export async function listHolders(api: GithubApi, ref: GithubTeam, call: CallContext): Promise<Holder[]> {
  const holders = new Map<number, AccountRef & { direct: boolean; inherited: string[] }>();
  const note = ({ login, id }: GithubAccount, how: string | null) => {
    const holder = holders.get(id) ?? { account: login, accountId: String(id), direct: false, inherited: [] };
    holders.set(id, holder);
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
    for (const member of await teamMembers(api, child, call)) note(member, `through team ${child.slug}`);
  }
  const params = { org: ref.org.login, role: 'admin' };
  const owners = await api.getAll(listed, 'GET /orgs/{org}/members', params, call);
  for (const owner of owners ?? []) note(owner, OWNER);
  return [...holders.values()];
}

/** Members as REST lists them, those of child teams included. */
export async function teamMembers(
  api: GithubApi,
  ref: GithubTeam,
  call: CallContext,
): Promise<GithubAccount[]> {
  const members = await api.getAll(listed, `GET ${TEAM}/members`, idsOf(ref), call);
  if (!members) throw teamNotFound(ref.org, ref.slug);
  return members;
}

/** Child teams of the first level; their members include those of the levels below. */
async function childTeams(api: GithubApi, ref: GithubTeam, call: CallContext): Promise<GithubTeam[]> {
  const children = await api.getAll(team, `GET ${TEAM}/teams`, idsOf(ref), call);
  if (!children) throw teamNotFound(ref.org, ref.slug);
  return children.map((child) => ({ org: ref.org, id: child.id, slug: child.slug, nodeId: child.node_id }));
}

/** Logins with an open invitation into the team. One sent to a bare mail address has no account to name. */
async function invitedLogins(api: GithubApi, ref: GithubTeam, call: CallContext): Promise<string[]> {
  const invitation = z.object({ login: z.string().nullable() });
  const invitations = await api.getAll(invitation, `GET ${TEAM}/invitations`, idsOf(ref), call);
  if (!invitations) throw teamNotFound(ref.org, ref.slug);
  return invitations.flatMap((entry) => entry.login ?? []);
}

/** Members of the team itself, narrowed by GitHub's search where `login` is given. */
async function immediateMembers(
  api: GithubApi,
  ref: GithubTeam,
  login: string | null,
  call: CallContext,
): Promise<GithubAccount[]> {
  const all: GithubAccount[] = [];
  let after: string | null = null;
  for (let page = 0; page < 100; page++) {
    const variables: Record<string, unknown> = { team: ref.nodeId, login, after };
    const { members } = (await api.query(immediatePage, IMMEDIATE, variables, call)).node;
    all.push(...members.nodes.map((node) => ({ login: node.login, id: node.databaseId })));
    after = members.pageInfo.endCursor;
    if (!members.pageInfo.hasNextPage) return all;
  }
  const message = `${ref.slug} has more than 10000 members`;
  throw new ConnectorError('terminal', 'too_many', message, { outcomeKnown: true });
}
