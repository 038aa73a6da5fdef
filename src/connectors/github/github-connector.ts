/**
 * Membership of a team in one GitHub organisation, on github.com or an enterprise server.
 *
 * - The target is the organisation's numeric id at this API root, read before every other call (the read
 *   is conditional, so an unchanged organisation costs nothing of the hourly limit). A name that now
 *   belongs to another organisation is noticed before anything is changed there.
 * - An account is `login#id`, see github-account.ts. One account and one team are one edge, whether as
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
import { type CallContext, type Connector, ConnectorError, type ConnectorKind } from '../connector.ts';
import { findAccount, githubLogin, orgMembership, parseAccount, resolveLogin } from './github-account.ts';
import { createGithubApi } from './github-api.ts';
import { listHolders, readHolding, requireTeam, TEAM_MEMBERSHIP, teamMembership } from './github-team.ts';

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
      from: z.literal('email_local_part').optional(),
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

function createGithubConnector(name: string, settings: GithubConfig): Connector<GithubPermission> {
  const { org } = settings;
  const apiUrl = settings.api_url.replace(/\/+$/, '');
  const api = createGithubApi({ name, apiUrl, token: settings.token });

  /** Which organisation the name leads to now; throws unless it is the one that is meant. */
  async function checkTarget(call: CallContext): Promise<string> {
    const fail = (code: string, text: string) =>
      new ConnectorError('terminal', code, `${name}: ${text}`, { outcomeKnown: true });
    const found = await api.get(z.object({ id: z.int() }), 'GET /orgs/{org}', { org }, call);
    if (!found) throw fail('not_found', `GitHub has no organisation ${org} that the token may see`);
    const target = `${apiUrl}/organizations/${found.id}`;
    if (call.expectTarget === null || call.expectTarget === target) return target;
    throw fail('target_replaced', `${org} is ${target} now, not ${call.expectTarget}`);
  }

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
    describe: ({ team, role }) => `${role} of team ${team} on ${name}`,
    edge: ({ team }, account) => `team:${lowerAscii(team)} account:${parseAccount(account).id}`,
    targetId: checkTarget,

    async resolveAccount(subject, call) {
      await checkTarget(call);
      const { email } = subject;
      const { map, from } = settings.accounts;
      const login = map[email] ?? (from && githubLogin.safeParse(email.split('@')[0]).data);
      if (login) return resolveLogin(api, org, login, call);
      return { ok: false, reason: 'unmapped', message: `${name} has no GitHub login for ${email}` };
    },

    async grant({ permission: { team, role }, account: text }, call) {
      await checkTarget(call);
      const account = await findAccount(api, parseAccount(text), call);
      const params = { org, username: account?.login ?? '' };
      const inOrg =
        account && (await api.get(orgMembership, 'GET /orgs/{org}/memberships/{username}', params, call));
      if (inOrg?.state !== 'active') {
        const message = `${name}: ${text} is not an active member of ${org} on GitHub`;
        throw new ConnectorError('terminal', 'account_unusable', message, { outcomeKnown: true });
      }
      const change = { ...params, team_slug: team, role };
      const made = await api.change(teamMembership, `PUT ${TEAM_MEMBERSHIP}`, change, call);
      if (made?.state === 'active') return;
      if (!made) await requireTeam(api, { org, slug: team }, call);
      const message = made
        ? `${name}: GitHub sent ${text} an invitation in place of making a member`
        : `${name}: GitHub does not let ${text} join ${team}`;
      throw new ConnectorError('terminal', made ? 'invitation' : 'refused', message, { outcomeKnown: true });
    },

    async revoke({ permission: { team }, account: text }, call) {
      await checkTarget(call);
      const account = await findAccount(api, parseAccount(text), call);
      if (!account) return;
      const params = { org, team_slug: team, username: account.login };
      const done = await api.change(z.unknown(), `DELETE ${TEAM_MEMBERSHIP}`, params, call);
      // 404 is "no member", but also "no such team": only the former is a success.
      if (done === null) await requireTeam(api, { org, slug: team }, call);
    },

    endSessions: async () => 0,

    async inspect({ permission: { team }, account: text }, call) {
      await checkTarget(call);
      const account = await findAccount(api, parseAccount(text), call);
      if (!account) return { direct: false, inherited: [] };
      return readHolding(api, { org, slug: team }, account, call);
    },

    async list({ team }, call) {
      await checkTarget(call);
      return listHolders(api, { org, slug: team }, call);
    },

    close: async () => api.close(),
  };
}
