import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { AddressBook } from '../../../src/chat/teams/address-book.ts';
import type { TeamsPort } from '../../../src/chat/teams/client.ts';
import { MESSAGE_WRITES_BLOCKED, refusal } from '../../support/teams-connector.ts';
import {
  card,
  DBA,
  failure,
  HOME,
  id,
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

  test('a card can stand in a thread, and is changed there', async () => {
    const top = await port.post(DBA, card, { marker });
    const told = await port.post(DBA, card, { marker: 'm', thread: top.message });
    await port.update(told, { ...card, summary: 'For Ana' }, { marker: 'm' });
    expect(teams.messages.get(told.message)).toMatchObject({
      conversation: DBA,
      thread: top.message,
      activity: { summary: 'For Ana' },
    });
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
    scene.clock.now += 10_000;
    expect(await failure(port.say(DBA, ['x'], { marker }))).toMatchObject({
      kind: 'retry',
      retryAfterS: 20,
      outcomeKnown: true,
    });
    expect(teams.calls.length).toBe(before);
    await port.post(TEAM, card, { marker });
    scene.clock.now += 20_000;
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

  test('a channel that Curfew was thrown out of is closed, and nobody’s fault', async () => {
    teams.fail('send', { kind: 'answer', ...refusal(403, 'BotNotInConversationRoster') });
    expect(await failure(port.post(DBA, card, { marker }))).toMatchObject({ kind: 'closed' });
  });
});
