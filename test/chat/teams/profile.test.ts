import { describe, expect, test } from 'vitest';
import type { Account } from '../../../src/chat/teams/connector.ts';
import { toProfile } from '../../../src/chat/teams/profile.ts';

const HOME = '11111111-2222-3333-4444-555555555555';
const ana: Account = {
  address: '29:ana',
  userId: 'aaaaaaaa-0000-0000-0000-000000000001',
  name: 'Ana Alba',
  email: 'Ana@acme.test',
  userPrincipalName: 'ana@acme.test',
  tenant: HOME,
  role: 'user',
};
const profile = (over: Partial<Account>) => toProfile({ ...ana, ...over }, [HOME], 'Europe/Berlin');

describe('only who is a full member in every respect counts as one', () => {
  test.each<[string, Partial<Account>, string]>([
    ['a full member', {}, 'full'],
    ['a guest, as Teams calls them', { role: 'guest' }, 'guest'],
    ['somebody of whom Teams does not say', { role: null }, 'guest'],
    ['somebody in a role that nobody knows', { role: 'owner' }, 'guest'],
    ['a guest by the name they sign in with', { userPrincipalName: 'zoe_x.test#EXT#@acme.test' }, 'guest'],
    ['the same in small letters', { userPrincipalName: 'zoe_x.test#ext#@acme.test' }, 'guest'],
    ['somebody who signs in under no name', { userPrincipalName: null }, 'guest'],
    ['somebody of another tenant', { tenant: '99999999-2222-3333-4444-555555555555' }, 'outsider'],
    ['somebody of no tenant', { tenant: null }, 'outsider'],
    ['somebody anonymous in a meeting', { role: 'anonymous' }, 'outsider'],
  ])('%s', (_name, over, expected) => {
    expect(profile(over)?.standing).toBe(expected);
  });

  test('of several home tenants each counts', () => {
    expect(toProfile(ana, ['another', HOME], null)?.standing).toBe('full');
    expect(toProfile(ana, [], null)?.standing).toBe('outsider');
  });
});

test('the mail address is the one of the directory, else the name they sign in with', () => {
  expect(profile({})?.email).toBe('Ana@acme.test');
  expect(profile({ email: null })?.email).toBe('ana@acme.test');
});

test.each(['zoe_x.test#EXT#@acme.onmicrosoft.com', 'zoe', 'a b@acme.test', '@acme.test'])(
  'a sign-in name that is no mail address is not taken for one: %s',
  (userPrincipalName) => {
    expect(profile({ email: null, userPrincipalName })?.email).toBeNull();
  },
);

test('who has no account is nobody', () => {
  expect(profile({ userId: null })).toBeNull();
});
