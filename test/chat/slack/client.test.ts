import { describe, expect, test } from 'vitest';
import { createSlackPort, createWebClient } from '../../../src/chat/slack/client.ts';
import { visibleText } from '../../support/visible-text.ts';
import { callsOf, card, clock, failure, log, marker, port, slack } from './opened-port.ts';

describe('people', () => {
  test('a full member has a mail address, a time zone and a name', async () => {
    const ana = slack.person('ana');
    const profile = await port.profile(ana.id);
    expect(profile).toEqual({
      platform: 'slack',
      workspace: slack.workspace,
      userId: ana.id,
      email: 'ana@acme.test',
      name: 'ana',
      timeZone: 'Europe/Berlin',
      standing: 'full',
      alsoOf: [],
    });
    expect(await port.profileByEmail('Ana@ACME.test')).toEqual(profile);
  });

  test('guests, outsiders, bots and the deactivated are told apart', async () => {
    const standing = async (id: string) => (await port.profile(id))?.standing;
    expect(await standing(slack.person('sam').id)).toBe('guest');
    expect(await standing(slack.person('dee').id)).toBe('deactivated');
    expect(await standing(slack.person('zoe').id)).toBe('outsider');
    expect(await standing(slack.botUser)).toBe('bot');
  });

  test('nobody of that name is null, a failed read is not', async () => {
    expect(await port.profile('U0NOBODY')).toBeNull();
    expect(await port.profileByEmail('nobody@acme.test')).toBeNull();
    slack.api.fail('users.info', { kind: 'status', status: 500 });
    expect(await failure(port.profile(slack.person('ana').id))).toMatchObject({ kind: 'retry' });
  });

  test('a person is remembered for a minute at most, and no longer than until Slack says they changed', async () => {
    const lea = slack.person('lea').id;
    await port.profile(lea);
    slack.api.patchUser(lea, { deleted: true });
    clock.now += 59_000;
    expect((await port.profile(lea))?.standing).toBe('full');
    clock.now += 1000;
    expect((await port.profile(lea))?.standing).toBe('deactivated');
    slack.api.patchUser(lea, { deleted: false });
    port.forget(lea);
    expect((await port.profile(lea))?.standing).toBe('full');
  });
});

describe('channels', () => {
  test('are found by name and by id', async () => {
    const dba = { id: slack.channel('dba'), name: '#dba', shared: false };
    expect(await port.conversation('#dba')).toEqual(dba);
    expect(await port.conversation(dba.id)).toEqual(dba);
    expect(await port.conversation('#nowhere')).toBeNull();
    expect(await port.conversation('C0NOWHERE1')).toBeNull();
  });

  test('the list is read once for many names', async () => {
    const before = callsOf('conversations.list');
    for (const name of ['#dba', '#security-alerts', '#nowhere']) await port.conversation(name);
    expect(callsOf('conversations.list') - before).toBe(1);
  });

  test.each([
    ['with another organisation', { is_ext_shared: true, is_shared: true }, true],
    ['in the making', { is_pending_ext_shared: true }, true],
    ['in an unknown way', { is_shared: true }, true],
    ['within one’s own organisation', { is_shared: true, is_org_shared: true }, false],
    ['within it and with another', { is_shared: true, is_org_shared: true, is_ext_shared: true }, true],
  ])('shared %s', async (_name, flags, shared) => {
    const id = slack.channel('security-alerts');
    slack.api.patchChannel(id, {
      is_shared: false,
      is_org_shared: false,
      is_ext_shared: false,
      is_pending_ext_shared: false,
      ...flags,
    });
    expect((await port.conversation(id))?.shared).toBe(shared);
  });
});

describe('messages', () => {
  test('are posted, changed, answered in their thread, and found again by their marker', async () => {
    const before = new Date();
    const channel = slack.channel('access-approvals');
    const ref = await port.post(channel, card, { marker });
    await port.update(ref, { ...card, title: 'Ana has dba' }, { marker });
    const reply = await port.say(ref.conversation, ['Omar approved <b>'], {
      marker: 'curfew:R-1:line:1',
      thread: ref.message,
    });

    const [message] = await slack.messages('access-approvals');
    if (!message) throw new Error('no message');
    expect(visibleText(message)).toBe('🟡 Ana has dba\n> secret-reason <!channel>\nR-1');
    expect((await slack.thread(message)).map(visibleText)).toEqual(['Omar approved <b>']);

    expect(await port.find(channel, marker, { since: before })).toEqual(ref);
    expect(await port.find(channel, 'curfew:R-1:line:1', { since: before, thread: ref.message })).toEqual(
      reply,
    );
    expect(await port.find(channel, 'curfew:R-2:card:1', { since: before })).toBeNull();
  });

  test('somebody else’s message is never taken for our own', async () => {
    const channel = slack.channel('dba');
    const ref = await port.post(channel, card, { marker });
    const stranger = createSlackPort({
      client: createWebClient({ botToken: slack.botToken, apiUrl: slack.apiUrl, log }),
      home: { workspace: slack.workspace, botUser: 'U0OTHERBOT' },
    });
    expect(await stranger.find(channel, marker, { since: new Date(0) })).toBeNull();
    expect(await port.find(channel, marker, { since: new Date(0) })).toEqual(ref);
  });

  test('history older than the search is not read', async () => {
    const channel = slack.channel('security-alerts');
    await port.post(channel, card, { marker: 'curfew:old' });
    const later = new Date(Date.now() + 3_600_000);
    expect(await port.find(channel, 'curfew:old', { since: later })).toBeNull();
  });

  test('after an answer was lost, the message is found where it stands', async () => {
    const channel = slack.channel('dba');
    slack.api.fail('chat.postMessage', { kind: 'answer-lost' });
    const error = await failure(port.post(channel, card, { marker: 'curfew:R-3:card:1' }));
    expect(error).toMatchObject({ kind: 'retry', outcomeKnown: false });
    expect(await port.find(channel, 'curfew:R-3:card:1', { since: new Date() })).not.toBeNull();
  });

  test('a person gets a direct message', async () => {
    await port.post(await port.direct(slack.person('omar').id), card, { marker });
    expect((await slack.dms('omar')).map(({ text }) => text)).toEqual(['Ana asks']);
  });

  test('the home page is published', async () => {
    await port.publishHome(slack.person('ana').id, {
      sections: [{ title: 'Live', empty: 'None.', cards: [] }],
      actions: [],
    });
    expect(visibleText(slack.home('ana'))).toBe('Live\nNone.');
  });

  test('in one conversation, one post after the other', async () => {
    let release = () => {};
    const until = new Promise<void>((resolve) => {
      release = resolve;
    });
    slack.api.fail('chat.postMessage', { kind: 'held', until });
    const channel = slack.channel('dba');
    const before = callsOf('chat.postMessage');
    const posts = ['a', 'b', 'c'].map((n) =>
      port.post(channel, { ...card, summary: n }, { marker: `curfew:${n}` }),
    );
    const elsewhere = await port.post(slack.channel('security-alerts'), card, { marker });
    expect(elsewhere.message).not.toBe('');
    expect(callsOf('chat.postMessage') - before).toBe(1);
    release();
    await Promise.all(posts);
    expect((await slack.messages('dba')).slice(-3).map(({ text }) => text)).toEqual(['a', 'b', 'c']);
  });
});
