/** Whose address only looks like somebody's is nobody; one person of an organisation is one, wherever they click. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Handle } from '../support/slack-workspace.ts';
import { createTown, type Town } from '../support/town.ts';
import { createTalk, roleOf, type Talk } from '../support/town-talk.ts';

let town: Town;
let talk: Talk;
beforeAll(async () => {
  const dba = roleOf('dba');
  town = await createTown({
    roles: [
      { ...dba, owners: [...dba.owners, 'kim@acme.test'] },
      ...['first', 'second', 'third'].map((key) => roleOf(key)),
    ],
  });
  talk = createTalk(town);
});
afterAll(() => talk.close());

const patch = (who: Handle, over: Record<string, unknown>) => {
  town.slack.api.patchUser(town.slack.person(who).id, over);
  return town.slack.event('user_change', { user: { id: town.slack.person(who).id } });
};
const profile = (email: string, name = 'Kim') => ({
  profile: { email, real_name: name, display_name: name },
});

describe('nobody decides as kim@acme.test whose address is', () => {
  it.each([
    ['one with a Kelvin sign', '\u212aim@acme.test', 'characters before the @'],
    ['one with a zero-width space', 'kim\u200b@acme.test', 'cannot be seen'],
    ['one with a space before it', ' kim@acme.test', 'cannot be seen'],
    ['one with a space after it', 'kim@acme.test ', 'cannot be seen'],
    ['one with a NUL', 'kim\0@acme.test', 'cannot be seen'],
    ['of a domain that looks like ours', 'kim@acm\u0435.test', 'is not an address of a domain'],
  ])('%s', async (_what, email, why) => {
    const id = await talk.asks('ana', 'dba');
    await patch('mia', profile(email));
    expect(await talk.says('mia', `approve ${id}`)).toContain(why);
    const card = await talk.card(id, '#access-approvals');
    expect(await talk.presses('mia', card, 'approve')).toContain(why);
    await talk.card(id, '#access-approvals', /Approve/);
    await talk.onRecord(
      'speaker.refused',
      new RegExp(town.slack.person('mia').id),
      'unusable-mail|foreign-domain',
    );
    expect(await talk.says('ana', `cancel ${id}`)).toContain('Cancelled');
  });

  it('but the address itself, in whatever case', async () => {
    const id = await talk.asks('ana', 'dba');
    await patch('mia', profile('KIM@Acme.TEST', 'Kim\0 K\u200bim'));
    expect(await talk.says('mia', `approve ${id}`)).toContain(`Approved ${id}`);
    await talk.card(id, 'ana', /Live until/);
    expect(await talk.says('ana', `done ${id}`)).not.toBe('');
    await talk.card(id, '#access-approvals', /Ended/);
  });
});

describe('in an organisation of several workspaces', () => {
  const OTHER = 'T0SECOND01';
  const of = (...teams: string[]) => ({
    team_id: OTHER,
    enterprise_user: { id: 'W0LEA', enterprise_id: 'E0ACME', enterprise_name: 'Acme', teams },
  });

  it.each([
    ['their own team', OTHER, 'first'],
    ['the home workspace', 'T000000001', 'second'],
    ['the organisation', 'E0ACME', 'third'],
  ])(
    'a member of another team decides in words and in clicks, where these name %s',
    async (_what, own, role) => {
      await patch('lea', of(OTHER, town.slack.workspace));
      town.slack.ownTeam('lea', own);
      const id = await talk.asks('ana', role);
      const card = await talk.card(id, '#access-approvals');
      expect(await talk.says('lea', 'pending')).toContain(id);
      expect(await talk.presses('lea', card, 'approve')).toContain(`Approved ${id}`);
    },
  );

  it('whoever is mentioned is found, whichever their own team is', async () => {
    const id = await talk.asks('lea', 'first');
    expect(await talk.says('omar', `approve ${id}`)).toContain(`Approved ${id}`);
    expect(await talk.says('omar', 'revoke @lea enough')).toContain(id);
  });

  it.each([
    ['a member of the organisation who is not in the home workspace', of(OTHER)],
    ['a member of another organisation', { ...of(OTHER, 'T0FOREIGN'), is_stranger: true }],
    [
      'somebody from outside whose profile names the home workspace',
      { ...of(OTHER, 'T000000001'), is_stranger: true },
    ],
  ])('%s is refused in words and in clicks', async (_who, over) => {
    const id = await talk.asks('ana', 'dba');
    const card = await talk.card(id, '#access-approvals');
    await patch('omar', over);
    town.slack.ownTeam('omar', OTHER);
    const no = 'Only members of the home workspace can use Curfew.';
    expect(await talk.says('omar', `approve ${id}`)).toContain(no);
    expect(await talk.presses('omar', card, 'approve')).toContain(no);
    await talk.says('ana', `cancel ${id}`);
  });

  it('a click that names a workspace which the person is not of is refused', async () => {
    const id = await talk.asks('ana', 'dba');
    const card = await talk.card(id, '#access-approvals');
    town.slack.ownTeam('lea', 'T0FOREIGN');
    expect(await talk.presses('lea', card, 'approve')).toContain('Only members of the home workspace');
    await talk.says('ana', `cancel ${id}`);
  });
});
