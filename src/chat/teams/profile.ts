/** What Teams says of a member of a conversation → Profile. Pure. */

import { readMailAddress } from '../../domain/mail-address.ts';
import { cleanText } from '../../domain/text.ts';
import type { Profile } from '../port.ts';
import type { Account } from './connector.ts';

const MAX_NAME = 200;

/**
 * Null for who has no Entra account, such as an anonymous guest of a meeting: there is nobody to speak of.
 * @param home the tenants, lower case, whose full members may act
 */
export function toProfile(
  account: Account,
  home: readonly string[],
  timeZone: string | null,
): Profile | null {
  if (account.userId === null) return null;
  return {
    platform: 'teams',
    workspace: account.tenant ?? '',
    userId: account.userId,
    email: mailOf(account),
    name: cleanText(account.name ?? account.userPrincipalName ?? '').slice(0, MAX_NAME) || account.userId,
    timeZone,
    standing: standing(account, home),
  };
}

/** The name that an account signs in with is mostly its mail address; a guest's (`…#EXT#@…`) never is. */
function mailOf({ email, userPrincipalName }: Account): string | null {
  if (email !== null) return email;
  const upn = userPrincipalName ?? '';
  return !upn.includes('#') && readMailAddress(upn, { nonAscii: true }).ok ? upn : null;
}

/**
 * `full` only when Teams says so in every respect: what is missing counts against. Teams documents the roles
 * `user` and `anonymous`; a guest's account in the home tenant bears `#EXT#` in the name that it signs in
 * with, so without such a name nobody is full.
 * https://learn.microsoft.com/microsoftteams/platform/bots/how-to/get-teams-context
 */
function standing(account: Account, home: readonly string[]): Profile['standing'] {
  if (account.tenant === null || !home.includes(account.tenant)) return 'outsider';
  if (account.role === 'anonymous') return 'outsider';
  const signIn = account.userPrincipalName;
  if (account.role !== 'user' || signIn === null || /#EXT#/i.test(signIn)) return 'guest';
  return 'full';
}
