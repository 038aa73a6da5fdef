import { describe, expect, test } from 'vitest';
import { toProfile } from '../../../src/chat/slack/profile.ts';

const ana = {
  id: 'U1',
  team_id: 'T1',
  name: 'ana',
  deleted: false,
  is_bot: false,
  is_restricted: false,
  is_ultra_restricted: false,
  tz: 'Europe/Berlin',
  profile: { email: 'Ana@acme.test', real_name: 'Ana Alba', display_name: '' },
};
const standing = (over: object) => toProfile({ ...ana, ...over }, 'T1')?.standing;

describe('only who is a full member in every respect counts as one', () => {
  test.each([
    ['a full member', {}, 'full'],
    ['a guest of several channels', { is_restricted: true }, 'guest'],
    ['a guest of one channel', { is_ultra_restricted: true }, 'guest'],
    ['somebody of whom Slack does not say', { is_restricted: undefined }, 'guest'],
    ['nor that', { is_ultra_restricted: undefined }, 'guest'],
    ['somebody of another workspace', { team_id: 'T2' }, 'outsider'],
    ['somebody of no workspace', { team_id: undefined }, 'outsider'],
    ['a stranger', { is_stranger: true }, 'outsider'],
    [
      'a colleague in the same organisation',
      { team_id: 'T2', enterprise_user: { teams: ['T3', 'T1'] } },
      'full',
    ],
    [
      'a colleague of other workspaces only',
      { team_id: 'T2', enterprise_user: { teams: ['T3'] } },
      'outsider',
    ],
    [
      'a guest from the same organisation',
      { team_id: 'T2', enterprise_user: { teams: ['T1'] }, is_restricted: true },
      'guest',
    ],
    ['a bot', { is_bot: true }, 'bot'],
    ['perhaps a bot', { is_bot: undefined }, 'bot'],
    ['Slackbot', { id: 'USLACKBOT' }, 'bot'],
    ['a leaver', { deleted: true }, 'deactivated'],
    ['perhaps a leaver', { deleted: undefined }, 'deactivated'],
  ])('%s', (_name, over, expected) => {
    expect(standing(over)).toBe(expected);
  });
});

test('the name is the one that people see', () => {
  expect(toProfile(ana, 'T1')?.name).toBe('Ana Alba');
  expect(toProfile({ ...ana, profile: { display_name: 'ana!' } }, 'T1')?.name).toBe('ana!');
});

test('no mail address and no time zone are said to be none', () => {
  expect(toProfile({ ...ana, profile: {}, tz: 'Mars/Olympus' }, 'T1')).toMatchObject({
    email: null,
    timeZone: null,
  });
});

test('an answer of another shape is nobody', () => {
  expect(toProfile(undefined, 'T1')).toBeNull();
  expect(toProfile({ id: 7 }, 'T1')).toBeNull();
});
