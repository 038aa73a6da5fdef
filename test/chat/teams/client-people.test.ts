import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { AddressBook } from '../../../src/chat/teams/address-book.ts';
import type { TeamsPort } from '../../../src/chat/teams/client.ts';
import { refusal } from '../../support/teams-connector.ts';
import {
  card,
  DBA,
  failure,
  HOME,
  id,
  member,
  people,
  startTeamsScene,
  TEAM,
  type TeamsScene,
} from '../../support/teams-scene.ts';

const marker = 'curfew:R-1:card:1';

let scene: TeamsScene;
let teams: TeamsScene['teams'];
let book: AddressBook;
let port: TeamsPort;

beforeAll(async () => {
  scene = await startTeamsScene();
  teams = scene.teams;
});
beforeEach(async () => {
  ({ book, port } = await scene.begin());
});
afterAll(() => scene.close());

describe('people', () => {
  test('a full member has a mail address, a time zone and a name', async () => {
    const profile = await port.profile(id(1));
    expect(profile).toEqual({
      platform: 'teams',
      workspace: HOME,
      userId: id(1),
      email: 'ana@acme.test',
      name: 'ana',
      timeZone: 'Europe/Berlin',
      standing: 'full',
    });
    expect(await port.profileByEmail('Ana@ACME.test')).toEqual(profile);
  });

  test('guests and people of other tenants are told apart', async () => {
    expect((await port.profile(id(2)))?.standing).toBe('full');
    expect((await port.profile(id(3)))?.standing).toBe('guest');
    expect((await port.profile(id(4)))?.standing).toBe('outsider');
  });

  test('who left is null, who was never met too, and a failed read is not', async () => {
    const chat = await port.direct(id(1));
    teams.roster(TEAM, people.slice(1));
    teams.roster(chat, []);
    expect(await port.profile(id(1))).toBeNull();
    expect(await port.profile(id(9))).toBeNull();
    teams.fail('member', { kind: 'answer', ...refusal(503, 'ServiceUnavailable') });
    expect(await failure(port.profile(id(2)))).toMatchObject({ kind: 'retry' });
    teams.fail('member', { kind: 'answer', ...refusal(404, 'ConversationNotFound') });
    expect(await failure(port.profile(id(2)))).toMatchObject({ kind: 'gone' });
  });

  test('who was met in a team alone and left it did not leave the company, as far as Teams says', async () => {
    teams.roster(TEAM, people.slice(1));
    expect(await failure(port.profile(id(1)))).toMatchObject({
      kind: 'unreachable',
      message: 'ana has not added Curfew in Teams, or blocked it.',
    });
    await book.meet({ ...(await known(1)), seenIn: '19:war-room@thread.v2' });
    teams.roster('19:war-room@thread.v2', []);
    expect(await failure(port.profile(id(1)))).toMatchObject({ kind: 'unreachable' });
  });

  test('whose own chat was closed, and who is not known there any more either, left', async () => {
    const chat = await port.direct(id(1));
    await book.meet({ ...(await known(1)), seenIn: chat });
    await book.lose(HOME, id(1));
    teams.roster(TEAM, people.slice(1));
    teams.roster(chat, []);
    expect(await port.profile(id(1))).toBeNull();
  });

  test('who left a team, but not the company, is still found in their own chat', async () => {
    await port.direct(id(1));
    teams.roster(TEAM, people.slice(1));
    expect((await port.profile(id(1)))?.standing).toBe('full');
  });

  describe('whose own chat is closed to Curfew', () => {
    const chat = 'a:29:ana';
    beforeEach(async () => {
      await book.meet({ ...(await known(1)), direct: chat, seenIn: chat });
      teams.block(chat);
    });
    afterEach(() => teams.unblock(chat));

    test('are found in the teams of Curfew, and there from then on', async () => {
      expect(await port.profile(id(1))).toMatchObject({ standing: 'full', timeZone: 'Europe/Berlin' });
      expect(await known(1)).toMatchObject({ direct: chat, seenIn: TEAM });
    });

    test('and who are in none of them cannot be written to, but did not leave', async () => {
      teams.roster(TEAM, people.slice(1));
      expect(await failure(port.profile(id(1)))).toMatchObject({
        kind: 'unreachable',
        message: 'ana has not added Curfew in Teams, or blocked it.',
      });
    });

    test('are not said to be unreachable while a team does not answer', async () => {
      teams.fail(
        'member',
        { kind: 'answer', ...refusal(403, 'BotNotInConversationRoster') },
        { kind: 'answer', ...refusal(503, 'ServiceUnavailable') },
      );
      expect(await failure(port.profile(id(1)))).toMatchObject({ kind: 'retry' });
    });
  });

  test('who left a group chat, but not the company, is still found in a team', async () => {
    const group = '19:war-room@thread.v2';
    teams.roster(group, people.slice(1));
    await book.meet({ ...(await known(1)), seenIn: group });
    expect((await port.profile(id(1)))?.standing).toBe('full');
  });

  test('not every team of very many is asked, and then nobody is said to have left', async () => {
    teams.roster(TEAM, people.slice(1));
    for (let n = 0; n < 60; n += 1) {
      const team = `19:team-${n}@thread.tacv2`;
      teams.roster(team, people.slice(1));
      await book.joinTeam({ tenant: HOME, id: team, name: `Team ${n}`, serviceUrl: teams.serviceUrl });
    }
    const before = teams.callsOf('member');
    expect(await failure(port.profile(id(1)))).toMatchObject({ kind: 'closed', code: 'too_many_teams' });
    expect(teams.callsOf('member') - before).toBe(51);
  });

  test('an answer about somebody else is not taken for them', async () => {
    teams.fail('member', { kind: 'answer', status: 200, body: people[1] });
    expect(await failure(port.profile(id(1)))).toMatchObject({ kind: 'closed' });
  });

  test('a person is remembered for a minute at most, and no longer than until Teams says they changed', async () => {
    await port.profile(id(1));
    teams.roster(TEAM, [member('ana', 1, { userRole: 'guest' })]);
    scene.clock.now += 59_000;
    expect((await port.profile(id(1)))?.standing).toBe('full');
    scene.clock.now += 1_000;
    expect((await port.profile(id(1)))?.standing).toBe('guest');
    teams.roster(TEAM, people);
    port.forget(id(1).toUpperCase());
    expect((await port.profile(id(1)))?.standing).toBe('full');
  });

  test('many look-ups by mail share one walk through all pages, and who is found can be written to', async () => {
    const before = teams.callsOf('members');
    await book.meet({ ...(await known(2)), address: null });
    const found = await Promise.all(
      ['ana@acme.test', 'omar@acme.test', 'nobody@acme.test', 'sam@x.test'].map(port.profileByEmail),
    );
    expect(found.map((profile) => profile?.standing)).toEqual(['full', 'full', undefined, 'guest']);
    expect(teams.callsOf('members') - before).toBe(3);
    expect(await port.direct(id(2))).toBe('a:29:omar');
  });

  test('two full members with one mail address are nobody', async () => {
    teams.roster(TEAM, [...people, member('ana2', 5, { email: 'ana@acme.test' })]);
    expect(await failure(port.profileByEmail('ana@acme.test'))).toMatchObject({ kind: 'closed' });
  });

  test('a walk that failed says so, and the next one starts anew', async () => {
    teams.fail('members', { kind: 'answer', ...refusal(502, 'ServiceError') });
    expect(await failure(port.profileByEmail('ana@acme.test'))).toMatchObject({ kind: 'retry' });
    expect(await port.profileByEmail('ana@acme.test')).not.toBeNull();
  });

  async function known(n: number) {
    const person = await book.person(HOME, id(n));
    if (!person) throw new Error('nobody');
    return person;
  }
});

describe('channels', () => {
  const dba = { id: DBA, name: 'Platform/dba', shared: false };

  test.each([
    'dba',
    '#DBA',
    'platform/DBA',
    DBA,
    'https://teams.microsoft.com/l/channel/19%3Adba%40thread.tacv2/dba?groupId=x',
  ])('are found as %s', async (name) => {
    expect(await port.conversation(name)).toEqual(dba);
  });

  test('General is found, though Teams names it not', async () => {
    expect(await port.conversation('Platform/General')).toMatchObject({ id: TEAM });
  });

  test.each([
    'nowhere',
    '19:nowhere@thread.tacv2',
    'https://evil.test/l/channel/19%3Adba%40thread.tacv2/dba',
    'https://teams.microsoft.com/l/channel/%E0%A4%A/dba',
  ])('are not made up: %s', async (name) => {
    expect(await port.conversation(name)).toBeNull();
  });

  test.each([
    ['shared', true],
    ['private', false],
    ['something-new', true],
  ])('of the kind %s', async (type, shared) => {
    teams.channels(TEAM, [{ id: DBA, name: 'dba', type }]);
    expect((await port.conversation('dba'))?.shared).toBe(shared);
  });

  test('of the same name in two teams have to be named with their team', async () => {
    const other = '19:other@thread.tacv2';
    teams.channels(other, [{ id: '19:dba2@thread.tacv2', name: 'dba' }]);
    await book.joinTeam({ tenant: HOME, id: other, name: 'Data', serviceUrl: teams.serviceUrl });
    expect(await failure(port.conversation('dba'))).toMatchObject({
      kind: 'closed',
      message: 'Name it with its team: Platform/dba, Data/dba.',
    });
    expect(await port.conversation('Data/dba')).toMatchObject({ id: '19:dba2@thread.tacv2' });
  });

  test('a list that cannot be read is not an empty one', async () => {
    teams.fail('channels', { kind: 'answer', ...refusal(500, 'ServiceError') });
    expect(await failure(port.conversation('dba'))).toMatchObject({ kind: 'retry' });
    expect(await port.conversation('dba')).toEqual(dba);
  });

  test('one that was found can be written to, though nobody ever spoke there', async () => {
    const quiet = '19:quiet@thread.tacv2';
    teams.channels(TEAM, [{ id: quiet, name: 'quiet' }]);
    teams.roster(quiet, people);
    expect(await failure(port.post(quiet, card, { marker }))).toMatchObject({
      kind: 'retry',
      code: 'never_met',
    });
    await port.conversation('quiet');
    expect(await port.post(quiet, card, { marker })).toMatchObject({ conversation: quiet });
  });
});
