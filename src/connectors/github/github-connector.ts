/**
 * Membership of a team in one GitHub organisation, on github.com or an enterprise server.
 *
 * - The target is the organisation's numeric id at this API root, read before every other call (the read
 *   is conditional, so an unchanged organisation costs nothing of the hourly limit). A name that now
 *   belongs to another organisation is noticed before anything is changed there; an organisation that was
 *   renamed, its old name being nobody's, is followed by its id.
 * - Accounts and teams are known by their numeric ids. One account and one team are one edge, whether as
 *   member or as maintainer.
 * - Curfew never invites: a grant for an account that is no active member of the organisation fails.
 *   An invitation that is there all the same counts as held, and a revoke takes it back.
 * - GitHub checks every request, so no session outlives a revoke. Clones and downloads that were made
 *   stay where they are, as does whatever the person did with the access (keys, tokens of apps).
 * - GitHub has no expiry and no way to bound a change in time: a change on its way when the call is cut
 *   off may land up to `maxLateLandingS` later.
 *
 * The token needs `admin:org` (classic), or "Members: read and write" of the organisation (fine-grained,
 * GitHub App).
 */
import { z } from 'zod';
import { byMailAddress } from '../../domain/mail-address.ts';
import { lowerAscii } from '../../domain/text.ts';
import { endpointUrl } from '../../net/endpoint-url.ts';
import {
  type CallContext,
  type Connector,
  ConnectorError,
  type ConnectorKind,
  type EdgeRef,
  type PermissionRef,
} from '../connector.ts';
import { accountByMail, localPartRule } from '../mail-rule.ts';
import {
  findAccount,
  type GithubAccount,
  githubAccount,
  githubLogin,
  orgMembership,
  resolveLogin,
} from './github-account.ts';
import { createGithubApi } from './github-api.ts';
import { resolveTeam } from './github-permission.ts';
import {
  type GithubOrg,
  type GithubTeam,
  listHolders,
  readHolding,
  TEAM_MEMBERSHIP,
  teamById,
  teamMembers,
  teamMembership,
} from './github-team.ts';

const organisation = z.object({ id: z.int().positive(), login: z.string() });

const slug = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$/, "must be a team's slug, such as prod-admins");

const permission = z.strictObject({
  team: slug,
  role: z.enum(['member', 'maintainer']).default('member'),
});
export type GithubPermission = z.output<typeof permission>;

const config = z.strictObject({
  kind: z.literal('github'),
  /** The organisation's login. */
  org: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$/, "must be an organisation's login"),
  token: z.string().min(1).max(1000),
  /** Root of the REST API; for an enterprise server `https://HOST/api/v3`. */
  api_url: endpointUrl.default('https://api.github.com'),
  accounts: z
    .strictObject({
      /** Mail address to login; wins over `from`. */
      map: byMailAddress(githubLogin).default({}),
      from: localPartRule.optional(),
    })
    .prefault({}),
  /** How long one call may take, seconds. */
  call_timeout_s: z.int().min(1).max(60).default(20),
});
export type GithubConfig = z.output<typeof config>;

export const githubConnector: ConnectorKind<GithubConfig, GithubPermission> = {
  kind: 'github',
  config,
  create: createGithubConnector,
};

function createGithubConnector(
  name: string,
  settings: GithubConfig,
  domains: readonly string[],
): Connector<GithubPermission> {
  const { org } = settings;
  const apiUrl = settings.api_url.replace(/\/+$/, '');
  const api = createGithubApi({ name, apiUrl, token: settings.token });

  /** Which organisation is meant, under today's name; throws where the configured name is another one's. */
  async function findOrg(call: CallContext): Promise<GithubOrg> {
    const fail = (code: string, text: string) =>
      new ConnectorError('terminal', code, `${name}: ${text}`, { outcomeKnown: true });
    const expected = call.expectTarget;
    const found = await api.get(organisation, 'GET /orgs/{org}', { org }, call);
    if (found && (expected === null || expected === targetOf(found.id))) return found;
    if (found) throw fail('target_replaced', `${org} is ${targetOf(found.id)} now, not ${expected}`);
    const missing = fail('not_found', `GitHub has no organisation ${org} that the token may see`);
    const id = Number(/\/organizations\/([1-9]\d{0,14})$/.exec(expected ?? '')?.[1]);
    if (expected === null || !id) throw missing;
    if (expected !== targetOf(id)) throw fail('target_replaced', `this is ${apiUrl}, not ${expected}`);
    const renamed = await api.get(organisation, 'GET /organizations/{id}', { id }, call);
    if (renamed?.id !== id) throw missing;
    return renamed;
  }

  const targetOf = (id: number) => `${apiUrl}/organizations/${id}`;

  async function findTeam({ permission, permissionId }: PermissionRef<GithubPermission>, call: CallContext) {
    const found = await findOrg(call);
    return teamById(api, found, { id: Number(permissionId), slug: permission.team }, call);
  }

  /** Both ends as they are today; no account: GitHub knows no such id, and the team's own list neither. */
  async function findEnds(edge: EdgeRef<GithubPermission>, call: CallContext) {
    const wanted = githubAccount(edge);
    const team = await findTeam(edge, call);
    const found = await findAccount(api, wanted, call);
    if (found) return { team, account: found };
    // GitHub hides some accounts (reported, suspended) that are members all the same.
    const hidden = (await teamMembers(api, team, call)).find(({ id }) => id === wanted.id);
    return { team, account: hidden ?? null };
  }

  const describe = ({ team, role }: GithubPermission) => `${role} of team ${team} on ${name}`;

  return {
    name,
    kind: 'github',
    limits: {
      sessionOutlivesRevokeS: 0,
      maxLateLandingS: 60,
      callTimeoutS: settings.call_timeout_s,
      // GitHub asks for few requests at once and answers bursts with secondary rate limits.
      concurrency: 2,
      endsSessions: false,
      nativeExpiry: false,
    },
    permission,
    describe,
    relation: ({ team }) => lowerAscii(team),
    targetId: async (call) => targetOf((await findOrg(call)).id),

    async resolveAccount(subject, call) {
      const { login: orgLogin } = await findOrg(call);
      const { email } = subject;
      const found = accountByMail(settings.accounts, email, { connector: name, domains });
      if ('why' in found) return { ok: false, reason: 'unmapped', message: found.why };
      const login = githubLogin.safeParse(found.account).data;
      if (login) return resolveLogin(api, orgLogin, login, call);
      const message = `${found.account} cannot be a GitHub login: name ${email} in the map of ${name}`;
      return { ok: false, reason: 'unmapped', message };
    },

    async resolvePermission({ team }, call) {
      return resolveTeam(api, name, await findOrg(call), team, call);
    },

    async grant(edge, call) {
      const { team, account } = await findEnds(edge, call);
      const login = account?.login ?? edge.account;
      const params = { org: team.org.login, username: login };
      const inOrg =
        account && (await api.get(orgMembership, 'GET /orgs/{org}/memberships/{username}', params, call));
      if (!account || inOrg?.state !== 'active') {
        const message = `${name}: ${login} is not an active member of ${team.org.login} on GitHub`;
        throw new ConnectorError('terminal', 'account_unusable', message, { outcomeKnown: true });
      }
      const change = { ...membershipOf(team, account), role: edge.permission.role };
      const made = await api.change(teamMembership, `PUT ${TEAM_MEMBERSHIP}`, change, call);
      if (made?.state === 'active') return;
      if (!made) await teamById(api, team.org, team, call);
      const message = made
        ? `${name}: GitHub sent ${login} an invitation in place of making a member`
        : `${name}: GitHub does not let ${login} join ${team.slug}`;
      throw new ConnectorError('terminal', made ? 'invitation' : 'refused', message, { outcomeKnown: true });
    },

    async revoke(edge, call) {
      const { team, account } = await findEnds(edge, call);
      if (!account) return;
      const params = membershipOf(team, account);
      const done = await api.change(z.unknown(), `DELETE ${TEAM_MEMBERSHIP}`, params, call);
      // 404 is "no member", but also "no such team": only the former is a success.
      if (done === null) await teamById(api, team.org, team, call);
    },

    endSessions: async () => 0,

    async inspect(edge, call) {
      const { team, account } = await findEnds(edge, call);
      if (!account) return { direct: false, inherited: [], gone: 'account' };
      const holding = await readHolding(api, team, account, call);
      const renamed = {
        ...(account.login !== edge.account && { account: account.login }),
        ...(team.slug !== lowerAscii(edge.permission.team) && {
          description: describe({ ...edge.permission, team: team.slug }),
        }),
      };
      return Object.keys(renamed).length > 0 ? { ...holding, renamed } : holding;
    },

    list: async (asked, call) => listHolders(api, await findTeam(asked, call), call),

    close: async () => api.close(),
  };
}

function membershipOf(team: GithubTeam, account: GithubAccount) {
  return { org_id: team.org.id, team_id: team.id, username: account.login };
}
