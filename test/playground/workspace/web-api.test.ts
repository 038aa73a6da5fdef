/** The playground's Web API says what Slack's says. */
import { webApi } from '@slack/bolt';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BOT_TOKEN, createStage, form, header, MANIFEST, type Stage, withButton } from './stage.ts';

let stage: Stage;
beforeEach(async () => {
  stage = await createStage();
});
afterEach(() => stage.close());

const code = (error: string) => ({ data: expect.objectContaining({ error }) });

async function raw(path: string, init: RequestInit): Promise<{ status: number; answer: unknown }> {
  const response = await fetch(`${stage.apiUrl}${path}`, { method: 'POST', ...init });
  return { status: response.status, answer: await response.json() };
}

describe('who calls', () => {
  it('is the bot, with its token', async () => {
    expect(await stage.client.auth.test()).toMatchObject({ team_id: 'T0PLAYGROUND', user_id: 'U0CURFEWBOT' });
  });

  it('is nobody without the token, or with another', async () => {
    await expect(stage.clientWith('xoxb-other').auth.test()).rejects.toMatchObject(code('invalid_auth'));
    expect((await raw('auth.test', {})).answer).toEqual({ ok: false, error: 'not_authed' });
  });

  it('has the scopes of the manifest and not one more', async () => {
    const manifest = structuredClone(MANIFEST);
    manifest.oauth_config.scopes.bot = ['users:read', 'channels:read'];
    const other = await createStage({ manifest });
    const { client } = other;
    const needs = (needed: string) => ({
      data: expect.objectContaining({ error: 'missing_scope', needed, provided: 'users:read,channels:read' }),
    });
    const direct = { channel: other.conversation('ana', 'Curfew').id };
    const posted = client.chat.postMessage({ channel: other.id('dba'), text: 'x' });
    await expect(posted).rejects.toMatchObject(needs('chat:write'));
    await expect(client.users.lookupByEmail({ email: 'ana@acme.test' })).rejects.toMatchObject(
      needs('users:read.email'),
    );
    await expect(client.conversations.history(direct)).rejects.toMatchObject(needs('im:history'));
    await expect(client.conversations.open({ users: other.person('ana') })).rejects.toMatchObject(
      needs('im:write'),
    );
    await expect(
      client.conversations.list({ types: 'public_channel,private_channel' }),
    ).rejects.toMatchObject(needs('groups:read'));
    const { user } = await client.users.info({ user: other.person('ana') });
    expect(user?.profile).not.toHaveProperty('email');
    await other.close();
  });

  it('gets no further with a method that there is not, or a body that cannot be read', async () => {
    const authorization = `Bearer ${BOT_TOKEN}`;
    await expect(stage.client.apiCall('chat.shout')).rejects.toMatchObject(code('unknown_method'));
    await expect(stage.client.apiCall('toString')).rejects.toMatchObject(code('unknown_method'));
    const json = { authorization, 'content-type': 'application/json' };
    expect((await raw('auth.test', { headers: json, body: '{' })).answer).toMatchObject({
      error: 'invalid_json',
    });
    const large = { headers: json, body: JSON.stringify({ text: 'x'.repeat(1024 * 1024) }) };
    expect((await raw('chat.postMessage', large)).status).toBe(413);
  });
});

describe('people', () => {
  it('are found by id and mail, guests as guests', async () => {
    const { user } = await stage.client.users.lookupByEmail({ email: 'SAM@acme.test' });
    expect(user).toMatchObject({ id: stage.person('sam'), is_restricted: true, deleted: false });
    const { members = [] } = await stage.client.users.list({});
    expect(members.map(({ name }) => name)).toEqual(['ana', 'omar', 'sam', 'curfew']);
  });

  it('that there are not, or not any more, are not found', async () => {
    const { users, conversations } = stage.client;
    await expect(users.info({ user: 'U0NOBODY' })).rejects.toMatchObject(code('user_not_found'));
    await stage.workspace.changePerson('omar', { deleted: true });
    await expect(users.lookupByEmail({ email: 'omar@acme.test' })).rejects.toMatchObject(
      code('users_not_found'),
    );
    await expect(conversations.open({ users: stage.person('omar') })).rejects.toMatchObject(
      code('user_disabled'),
    );
    expect(await stage.says('omar', 'hello')).toMatchObject({ ok: false });
  });
});

describe('messages', () => {
  it('are read by everybody in the channel, and a direct one by its person alone', async () => {
    const { channel } = await stage.client.conversations.open({ users: stage.person('ana') });
    await stage.client.chat.postMessage({ channel: channel?.id ?? '', ...withButton('for Ana') });
    await stage.client.chat.postMessage({ channel: '#dba', ...withButton('for all') });
    expect(stage.read('ana', 'Curfew').map(({ text }) => text)).toEqual(['for Ana']);
    expect(stage.read('omar', 'Curfew')).toEqual([]);
    expect(stage.read('sam').map(({ text, from }) => [from, text])).toEqual([['curfew', 'for all']]);
    const forOmar = { do: 'say', conversation: channel?.id ?? '', text: 'let me in' } as const;
    expect(await stage.workspace.act('omar', forOmar)).toMatchObject({ ok: false });
  });

  it('keep the ids of their blocks, and get one where they have none', async () => {
    const blocks = [header('x', 'marker'), header('y')];
    const { ts = '' } = await stage.client.chat.postMessage({ channel: stage.id('dba'), text: 'x', blocks });
    const { messages = [] } = await stage.client.conversations.history({ channel: stage.id('dba') });
    expect(messages[0]).toMatchObject({ ts, blocks: [{ block_id: 'marker' }, {}] });
    expect(messages[0]?.blocks?.[1]?.block_id).toMatch(/^\S{5}$/);
  });

  it('are marked as edited when they are, by the bot that wrote them and nobody else', async () => {
    const channel = stage.id('dba');
    const { ts = '' } = await stage.client.chat.postMessage({ channel, ...withButton('before') });
    await stage.client.chat.update({ channel, ts, ...withButton('after') });
    expect(stage.read('ana')).toMatchObject([{ ts, text: 'after', edited: true }]);
    await stage.says('ana', 'my own words');
    const own = stage.read('ana').at(-1)?.ts ?? '';
    const { chat } = stage.client;
    await expect(chat.update({ channel, ts: own, text: 'x' })).rejects.toMatchObject(
      code('cant_update_message'),
    );
    await expect(chat.delete({ channel, ts: own })).rejects.toMatchObject(code('cant_delete_message'));
    await expect(chat.update({ channel, ts: '1.1', text: 'x' })).rejects.toMatchObject(
      code('message_not_found'),
    );
    await chat.delete({ channel, ts });
    expect(stage.read('ana').map(({ text }) => text)).toEqual(['my own words']);
  });

  it('stand in threads, which the history leaves out and the replies begin with', async () => {
    const channel = stage.id('dba');
    const { ts = '' } = await stage.client.chat.postMessage({ channel, text: 'top' });
    await stage.client.chat.postMessage({ channel, thread_ts: ts, text: 'one' });
    await stage.client.chat.postMessage({ channel, thread_ts: ts, text: 'two' });
    const { messages: history = [] } = await stage.client.conversations.history({ channel });
    expect(history).toMatchObject([{ text: 'top', reply_count: 2 }]);
    const { messages: replies = [] } = await stage.client.conversations.replies({ channel, ts });
    expect(replies.map(({ text }) => text)).toEqual(['top', 'one', 'two']);
    expect(stage.read('ana')[0]?.replies.map(({ text }) => text)).toEqual(['one', 'two']);
    const stray = stage.client.chat.postMessage({ channel, thread_ts: '1.1', text: 'x' });
    await expect(stray).rejects.toMatchObject(code('thread_not_found'));
  });

  it('come newest first, page by page, and only those after `oldest`', async () => {
    const channel = stage.id('dba');
    const sent: string[] = [];
    for (const text of ['1', '2', '3', '4', '5']) {
      stage.pass(60);
      sent.push((await stage.client.chat.postMessage({ channel, text })).ts ?? '');
    }
    const oldest = sent[0] ?? '';
    const first = await stage.client.conversations.history({ channel, oldest, limit: 3 });
    expect(first.messages?.map(({ text }) => text)).toEqual(['5', '4', '3']);
    expect(first.has_more).toBe(true);
    const cursor = first.response_metadata?.next_cursor;
    const rest = await stage.client.conversations.history({ channel, oldest, limit: 3, cursor });
    expect(rest.messages?.map(({ text }) => text)).toEqual(['2']);
    expect(rest.has_more).toBe(false);
    await expect(stage.client.conversations.history({ channel, cursor: 'junk' })).rejects.toMatchObject(
      code('invalid_cursor'),
    );
  });

  it('that are for one person are in nobody else’s window and in no history', async () => {
    const channel = stage.id('dba');
    const { message_ts: ts = '' } = await stage.client.chat.postEphemeral({
      channel,
      user: stage.person('ana'),
      text: 'psst',
    });
    expect(stage.read('ana')).toMatchObject([{ text: 'psst', ephemeral: true }]);
    expect(stage.read('omar')).toEqual([]);
    expect((await stage.client.conversations.history({ channel })).messages).toEqual([]);
    await expect(stage.client.chat.update({ channel, ts, text: 'x' })).rejects.toMatchObject(
      code('message_not_found'),
    );
  });

  it('wait unread for everybody but their author, until they are read', async () => {
    const unread = () => stage.workspace.view('ana').people.map((each) => [each.handle, each.unread]);
    await stage.says('ana', 'hello');
    const { ts = '' } = await stage.client.chat.postMessage({ channel: stage.id('dba'), text: 'news' });
    await stage.client.chat.postMessage({ channel: stage.id('dba'), thread_ts: ts, text: 'a reply' });
    expect(unread()).toEqual([
      ['ana', 1],
      ['omar', 2],
      ['sam', 2],
    ]);
    await stage.workspace.act('omar', { do: 'read', conversation: stage.id('dba') });
    expect(stage.conversation('omar', 'dba').unread).toBe(0);
    expect(unread()[0]).toEqual(['ana', 1]);
  });
});

describe('what Slack would refuse', () => {
  const post = (over: object) =>
    stage.client.chat.postMessage({ channel: stage.id('dba'), text: 'x', ...over });

  it.each([
    ['a header of 151 characters', { blocks: [header('x'.repeat(151))] }, 'invalid_blocks'],
    ['a field that there is not', { blocks: [{ ...header('x'), colour: 'red' }] }, 'invalid_blocks'],
    ['51 blocks', { blocks: Array.from({ length: 51 }, () => ({ type: 'divider' })) }, 'invalid_blocks'],
    ['blocks that are none', { blocks: '{"no": "list"}' }, 'invalid_blocks_format'],
    [
      'more than 13,200 characters over all',
      {
        blocks: Array.from({ length: 5 }, () => ({
          type: 'section',
          text: { type: 'plain_text', text: 'x'.repeat(2900) },
        })),
      },
      'msg_blocks_too_long',
    ],
    ['nothing at all', { text: '' }, 'no_text'],
  ])('%s is refused, and shown to nobody', async (_what, over, error) => {
    await expect(post(over)).rejects.toMatchObject(code(error));
    expect(stage.read('ana')).toEqual([]);
  });

  it('is said with its reasons, and remembered', async () => {
    const refused = await post({ blocks: [header('x'.repeat(151))] }).catch((error) => error);
    expect(refused).toBeInstanceOf(webApi.WebAPIPlatformError);
    expect(refused.data.response_metadata.messages[0]).toContain('blocks.0.text.text');
    expect(stage.workspace.violations()).toEqual([expect.stringContaining('chat.postMessage: blocks.0')]);
  });

  it('is the same in JSON as in a form', async () => {
    const headers = { authorization: `Bearer ${BOT_TOKEN}`, 'content-type': 'application/json' };
    const message = (text: string) => ({ channel: stage.id('dba'), text: 'x', blocks: [header(text)] });
    const send = (text: string) =>
      raw('chat.postMessage', { headers, body: JSON.stringify(message(text)) }).then(({ answer }) => answer);
    expect(await send('x'.repeat(151))).toMatchObject({ ok: false, error: 'invalid_blocks' });
    expect(await send('fits')).toMatchObject({ ok: true });
    expect(stage.read('ana')).toHaveLength(1);
  });

  it('is a home page or a form with faults too, which leaves the trigger as it was', async () => {
    const home = { type: 'home' as const, blocks: [header('x'.repeat(151))] };
    const publish = stage.client.views.publish({ user_id: stage.person('ana'), view: home });
    await expect(publish).rejects.toMatchObject(code('invalid_arguments'));
    expect(stage.workspace.view('ana').home).toBe(null);
    const trigger_id = await stage.trigger();
    const tooLong = stage.client.views.open({ trigger_id, view: form('x'.repeat(25)) });
    await expect(tooLong).rejects.toMatchObject(code('invalid_arguments'));
    await stage.client.views.open({ trigger_id, view: form('Fits') });
    expect(stage.modal('ana').title).toBe('Fits');
  });
});
