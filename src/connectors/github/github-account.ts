/**
 * GitHub accounts are known by their numeric id, which never changes. A login is not safe to revoke by: its
 * holder can change it at any time, after which the old one is "not a member" while the access lives on, and
 * anybody may take the old one (docs.github.com, "Changing your username").
 */
import { z } from 'zod';
import { type AccountRef, type AccountResolution, type CallContext, ConnectorError } from '../connector.ts';
import type { GithubApi } from './github-api.ts';

/** Enterprise managed users have an underscore and their company's short code at the end. */
export const githubLogin = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$/, 'must be a GitHub login');

const user = z.object({
  login: githubLogin,
  id: z.int().positive(),
  type: z.string(),
  suspended_at: z.string().nullish(),
});

export const orgMembership = z.object({ state: z.string(), role: z.string() });

export interface GithubAccount {
  readonly login: string;
  readonly id: number;
}

/** Throws a terminal `bad_id` for an account id that is not GitHub's. */
export function githubAccount({ account: login, accountId }: AccountRef): GithubAccount {
  if (/^[1-9]\d{0,14}$/.test(accountId)) return { login, id: Number(accountId) };
  throw new ConnectorError('terminal', 'bad_id', "not a GitHub account's id", { outcomeKnown: true });
}

/** The account under its present login; null when GitHub has no such account any more. */
export async function findAccount(
  api: GithubApi,
  account: GithubAccount,
  call: CallContext,
): Promise<GithubAccount | null> {
  const byLogin = await api.get(user, 'GET /users/{username}', { username: account.login }, call);
  if (byLogin?.id === account.id) return { login: byLogin.login, id: byLogin.id };
  const byId = await api.get(user, 'GET /user/{account_id}', { account_id: account.id }, call);
  return byId && { login: byId.login, id: byId.id };
}

/** Whether a login is somebody's, unsuspended, and an active member of the organisation. */
export async function resolveLogin(
  api: GithubApi,
  org: string,
  login: string,
  call: CallContext,
): Promise<AccountResolution> {
  const found = await api.get(user, 'GET /users/{username}', { username: login }, call);
  if (found?.type !== 'User') {
    return { ok: false, reason: 'unknown', message: `GitHub has no user ${login}` };
  }
  if (found.suspended_at) {
    return { ok: false, reason: 'disabled', message: `The GitHub user ${login} is suspended` };
  }
  const params = { org, username: found.login };
  const member = await api.get(orgMembership, 'GET /orgs/{org}/memberships/{username}', params, call);
  if (!member) {
    return { ok: false, reason: 'unknown', message: `${found.login} is not a member of ${org} on GitHub` };
  }
  if (member.state !== 'active') {
    const message = `${found.login} has not accepted the invitation to ${org} on GitHub yet`;
    return { ok: false, reason: 'disabled', message };
  }
  return { ok: true, account: found.login, accountId: String(found.id) };
}
