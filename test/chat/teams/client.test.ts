import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Card } from '../../../src/chat/card.ts';
import type { ChatError } from '../../../src/chat/port.ts';
import type { AddressBook } from '../../../src/chat/teams/address-book.ts';
import { createTeamsPort, type TeamsPort } from '../../../src/chat/teams/client.ts';
import { createConnector } from '../../../src/chat/teams/connector.ts';
import { createMemoryAddressBook } from '../../support/teams-address-book.ts';
import {
  MESSAGE_WRITES_BLOCKED,
  refusal,
  startTeamsConnector,
  type TeamsConnector,
} from '../../support/teams-connector.ts';

const HOME = '11111111-2222-3333-4444-555555555555';
const TEAM = '19:general@thread.tacv2';
const DBA = '19:dba@thread.tacv2';
const id = (n: number) => `aaaaaaaa-0000-0000-0000-00000000000${n}`;
const member = (name: string, n: number, over: object = {}) => ({
  id: `29:${name}`,
  objectId: id(n),
  name,
  email: `${name}@acme.test`,
  userPrincipalName: `${name}@acme.test`,
  tenantId: HOME,
  userRole: 'user',
  ...over,
});
const people = [
  member('ana', 1),
  member('omar', 2, { email: '' }),
  member('sam', 3, {
    userRole: 'guest',
    userPrincipalName: 'sam_x.test#EXT#@acme.test',
    email: 'sam@x.test',
  }),
  member('zoe', 4, { tenantId: '99999999-2222-3333-4444-555555555555', email: 'zoe@other.test' }),
  { id: '29:anon', name: 'Anon (Guest)', tenantId: HOME, userRole: 'anonymous' },
];
const card: Card = {
  title: 'Ana asks for dba',
  tone: 'waiting',
  summary: 'Ana asks',
  body: [{ kind: 'quote', text: 'secret-reason' }],
  actions: [],
  footer: ['R-1'],
};
const marker = 'curfew:R-1:card:1';

let teams: TeamsConnector;
let book: AddressBook;
let port: TeamsPort;
let now = 0;

beforeAll(async () => {
  teams = await startTeamsConnector({ pageSize: 2 });
});
beforeEach(async () => {
  book = createMemoryAddressBook();
  teams.roster(TEAM, people);
  teams.roster(DBA, people);
  teams.channels(TEAM, [
    { id: TEAM, name: null },
    { id: DBA, name: 'dba', type: 'standard' },
  ]);
  await book.joinTeam({ tenant: HOME, id: TEAM, name: 'Platform', serviceUrl: teams.serviceUrl });
  await book.visit({ id: DBA, tenant: HOME, serviceUrl: teams.serviceUrl });
  for (const [n, { id: address, name }] of people.slice(0, 4).entries()) {
    await book.meet({
      tenant: HOME,
      userId: id(n + 1),
      address,
      name,
      timeZone: n === 0 ? 'Europe/Berlin' : null,
      serviceUrl: teams.serviceUrl,
      direct: null,
      seenIn: TEAM,
    });
  }
  port = portOver(createConnector({ settings: { credentials: null, tenantId: HOME, dialogs: true } }));
});
afterEach(() => teams.heal());
afterAll(() => teams.close());

function portOver(connector: ReturnType<typeof createConnector>): TeamsPort {
  return createTeamsPort({ connector, book, home: { tenants: [HOME] }, dialogs: true, realNow: () => now });
}
const failure = (work: Promise<unknown>) =>
  work.then(
    () => expect.unreachable('it should have failed'),
    (error: unknown) => error as ChatError,
  );

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
    teams.roster(TEAM, people.slice(1));
    expect(await port.profile(id(1))).toBeNull();
    expect(await port.profile(id(9))).toBeNull();
    teams.fail('member', { kind: 'answer', ...refusal(503, 'ServiceUnavailable') });
    expect(await failure(port.profile(id(2)))).toMatchObject({ kind: 'retry' });
    teams.fail('member', { kind: 'answer', ...refusal(404, 'ConversationNotFound') });
    expect(await failure(port.profile(id(2)))).toMatchObject({ kind: 'gone' });
  });

  test('who left a team, but not the company, is still found in their own chat', async () => {
    await port.direct(id(1));
    teams.roster(TEAM, people.slice(1));
    expect((await port.profile(id(1)))?.standing).toBe('full');
  });

  test('an answer about somebody else is not taken for them', async () => {
    teams.fail('member', { kind: 'answer', status: 200, body: people[1] });
    expect(await failure(port.profile(id(1)))).toMatchObject({ kind: 'refused' });
  });

  test('a person is remembered for a minute at most, and no longer than until Teams says they changed', async () => {
    await port.profile(id(1));
    teams.roster(TEAM, [member('ana', 1, { userRole: 'guest' })]);
    now += 59_000;
    expect((await port.profile(id(1)))?.standing).toBe('full');
    now += 1_000;
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
    expect(await failure(port.profileByEmail('ana@acme.test'))).toMatchObject({ kind: 'refused' });
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
      kind: 'refused',
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

describe('messages', () => {
  test('are posted, changed, and answered in their thread', async () => {
    const ref = await port.post(DBA, card, { marker });
    await port.update(ref, { ...card, summary: 'Ana has dba' }, { marker });
    const reply = await port.say(DBA, ['Omar approved'], { marker: 'm', thread: ref.message });
    expect(teams.messages.get(ref.message)).toMatchObject({
      conversation: DBA,
      thread: null,
      activity: { type: 'message', summary: 'Ana has dba' },
    });
    expect(teams.messages.get(reply.message)).toMatchObject({
      conversation: DBA,
      thread: ref.message,
      activity: { summary: 'Omar approved' },
    });
    expect(await port.find(DBA, marker, { since: new Date(0) })).toBeNull();
  });

  test('in a chat between people there are no threads, so a line stands by itself', async () => {
    const chat = await port.direct(id(2));
    const ref = await port.post(chat, card, { marker });
    const line = await port.say(chat, ['Approved'], { marker: 'm', thread: ref.message });
    expect(teams.messages.get(line.message)).toMatchObject({ conversation: chat, thread: null });
  });

  test('an answer goes where something was said', async () => {
    const { message } = await port.post(DBA, card, { marker });
    const said = { type: 'AdaptiveCard', version: '1.4', body: [] } as const;
    const to = { conversation: `${DBA};messageid=${message}`, serviceUrl: teams.serviceUrl };
    await port.answer(to, said, 'Done');
    expect([...teams.messages.values()].at(-1)).toMatchObject({ conversation: DBA, thread: message });
  });

  test('in one conversation, one after the other, and nobody else waits for it', async () => {
    let release = () => {};
    const until = new Promise<void>((resolve) => {
      release = resolve;
    });
    teams.fail('send', { kind: 'held', until });
    const before = teams.callsOf('send');
    const posts = ['a', 'b', 'c'].map((summary) => port.post(DBA, { ...card, summary }, { marker }));
    await expect.poll(() => teams.callsOf('send') - before).toBe(1);
    await port.post(TEAM, card, { marker });
    expect(teams.callsOf('send') - before).toBe(2);
    release();
    await Promise.all(posts);
    expect([...teams.messages.values()].slice(-3).map(({ activity }) => activity.summary)).toEqual([
      'a',
      'b',
      'c',
    ]);
  });

  test('too much at once is sent back to come again, and what waits is not lost', async () => {
    let release = () => {};
    const until = new Promise<void>((resolve) => {
      release = resolve;
    });
    teams.fail('send', { kind: 'held', until });
    const posts = Array.from({ length: 100 }, () => port.post(DBA, card, { marker }));
    expect(await failure(port.post(DBA, card, { marker }))).toMatchObject({
      kind: 'retry',
      code: 'busy',
      outcomeKnown: true,
    });
    release();
    expect(new Set((await Promise.all(posts)).map(({ message }) => message)).size).toBe(100);
  });

  test('after a 429 the conversation rests as long as Teams said, and only that one', async () => {
    const throttled = { ...refusal(429, 'Throttled'), headers: { 'retry-after': '30' } };
    teams.fail('send', { kind: 'answer', ...throttled });
    expect(await failure(port.post(DBA, card, { marker }))).toMatchObject({ kind: 'retry', retryAfterS: 30 });
    const before = teams.calls.length;
    now += 10_000;
    expect(await failure(port.say(DBA, ['x'], { marker }))).toMatchObject({
      kind: 'retry',
      retryAfterS: 20,
      outcomeKnown: true,
    });
    expect(teams.calls.length).toBe(before);
    await port.post(TEAM, card, { marker });
    now += 20_000;
    await port.post(DBA, card, { marker });
  });

  test('a message that was deleted is gone', async () => {
    const ref = await port.post(DBA, card, { marker });
    teams.forgetMessage(ref.message);
    expect(await failure(port.update(ref, card, { marker }))).toMatchObject({ kind: 'gone' });
  });

  test('an answer that was lost may have been a message', async () => {
    const before = teams.messages.size;
    teams.fail('send', { kind: 'answer-lost' });
    expect(await failure(port.post(DBA, card, { marker }))).toMatchObject({
      kind: 'retry',
      outcomeKnown: false,
    });
    expect(teams.messages.size).toBe(before + 1);
  });

  test('one failure is one call, and people’s words are not in it', async () => {
    const before = teams.callsOf('send');
    teams.fail('send', { kind: 'answer', ...refusal(503, 'ServiceUnavailable') });
    const error = await failure(port.post(DBA, card, { marker }));
    expect(teams.callsOf('send') - before).toBe(1);
    expect(`${String(error)} ${String(error.cause)}`).not.toContain('secret-reason');
  });
});

describe('a person’s own chat', () => {
  test('is opened once and remembered', async () => {
    const before = teams.callsOf('create');
    expect(await port.direct(id(1))).toBe('a:29:ana');
    expect(await port.direct(id(1))).toBe('a:29:ana');
    expect(teams.callsOf('create') - before).toBe(1);
    await port.post('a:29:ana', card, { marker });
  });

  test('cannot be opened with whom Curfew never met, or who has not added it', async () => {
    expect(await failure(port.direct(id(9)))).toMatchObject({ kind: 'unreachable' });
    teams.fail('create', { kind: 'answer', ...refusal(403, 'ForbiddenOperationException') });
    expect(await failure(port.direct(id(1)))).toMatchObject({
      kind: 'unreachable',
      message: 'ana has not added Curfew in Teams, or blocked it.',
    });
  });

  test('that was blocked says so by name, and is asked for anew the next time', async () => {
    const chat = await port.direct(id(2));
    teams.fail('send', { kind: 'answer', ...MESSAGE_WRITES_BLOCKED });
    expect(await failure(port.post(chat, card, { marker }))).toMatchObject({
      kind: 'unreachable',
      code: 'MessageWritesBlocked',
      message: 'omar has not added Curfew in Teams, or blocked it.',
    });
    expect((await book.person(HOME, id(2)))?.direct).toBeNull();
    const before = teams.callsOf('create');
    await port.direct(id(2));
    expect(teams.callsOf('create') - before).toBe(1);
  });

  test('that they deleted is gone, and opened anew the next time', async () => {
    const chat = await port.direct(id(2));
    teams.fail('send', { kind: 'answer', ...refusal(404, 'ConversationNotFound') });
    expect(await failure(port.post(chat, card, { marker }))).toMatchObject({ kind: 'gone' });
    expect((await book.person(HOME, id(2)))?.direct).toBeNull();
  });

  test('a channel that Curfew was thrown out of is gone, and nobody’s fault', async () => {
    teams.fail('send', { kind: 'answer', ...refusal(403, 'BotNotInConversationRoster') });
    expect(await failure(port.post(DBA, card, { marker }))).toMatchObject({ kind: 'gone' });
  });
});
