/** The real Bolt, real HTTP, signed requests, the Slack of emulate; only what Curfew decides is a stand-in. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Inbound, Reply } from '../../../commands/command.ts';
import type { Card, Form, Option } from '../../../src/chat/card.ts';
import { createSlackApp, type SlackApp, type SlackAppOptions } from '../../../src/chat/slack/app.ts';
import {
  createSlackPort,
  createWebClient,
  identify,
  type SlackPort,
} from '../../../src/chat/slack/client.ts';
import { createRecordingLog } from '../../support/recording-log.ts';
import { type SlackWorkspace, startSlackWorkspace } from '../../support/slack-workspace.ts';
import { visibleText } from '../../support/visible-text.ts';

type Change = Parameters<SlackAppOptions['memberChanged']>[0];

let slack: SlackWorkspace;
let port: SlackPort;
let app: SlackApp;
let server: Server;
let log: ReturnType<typeof createRecordingLog>;
let seen: Inbound[];
let changes: Change[];
let dispatch: (inbound: Inbound) => Promise<Reply> | Reply;
let memberChanged: (change: Change) => Promise<void>;
let roles: readonly Option[];
let typed: string[];

const say = (words: string): Reply => ({ kind: 'text', line: [words] });
const form: Form = {
  id: 'request',
  title: 'Ask for access',
  submit: 'Ask',
  about: null,
  intro: [],
  fields: [
    { id: 'role', kind: 'role', label: 'Role' },
    { id: 'reason', kind: 'text', label: 'Why', maxLength: 500, error: 'Say why.' },
  ],
};
const card: Card = {
  title: 'Ana asks',
  tone: 'waiting',
  summary: 'Ana asks',
  body: [],
  actions: [{ verb: 'approve', id: 'R-7K3M', label: 'Approve' }],
  footer: [],
};

beforeAll(async () => {
  slack = await startSlackWorkspace();
  const quiet = createRecordingLog();
  const client = createWebClient({ botToken: slack.botToken, apiUrl: slack.apiUrl, log: quiet });
  port = createSlackPort({ client, home: await identify(client) });
});
afterAll(() => slack.close());

beforeEach(async () => {
  log = createRecordingLog();
  [seen, changes, typed, roles] = [[], [], [], []];
  dispatch = () => say('Noted.');
  memberChanged = async () => {};
  await serve();
});
afterEach(async () => {
  slack.api.heal();
  await app.stop();
  server.close();
  server.closeAllConnections();
});

/** Ten minutes unless a test is about time running out: then at once. */
async function serve(answerWithinMs = 600_000): Promise<void> {
  app = createSlackApp({
    signingSecret: slack.signingSecret,
    botToken: slack.botToken,
    apiUrl: slack.apiUrl,
    dispatch: async (inbound) => {
      seen.push(inbound);
      return dispatch(inbound);
    },
    listRoles: (_speaker, words) => {
      typed.push(words);
      return roles;
    },
    home: async () => ({
      sections: [{ title: 'My live access', empty: 'None.', cards: [card] }],
      actions: [],
    }),
    memberChanged: async (change) => {
      changes.push(change);
      await memberChanged(change);
    },
    port,
    log,
    answerWithinMs,
  });
  await app.start();
  server = createServer((request, response) => app.listener(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  slack.talkTo(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
}

async function outOfTime(): Promise<void> {
  server.close();
  await serve(0);
}

/** A dispatch that is done when the test says so. */
function held(): (reply: Reply) => void {
  let release: (reply: Reply) => void = () => {};
  const done = new Promise<Reply>((resolve) => {
    release = resolve;
  });
  dispatch = () => done;
  return release;
}

const told = (handle: 'ana' | 'omar') => slack.ephemerals(handle).map(visibleText);
const lastTold = (handle: 'ana' | 'omar') => told(handle).at(-1);

async function postedCard() {
  await port.post(slack.channel('access-approvals'), card, { marker: `curfew:${Math.random()}` });
  const message = (await slack.messages('access-approvals')).at(-1);
  if (!message) throw new Error('no card');
  return message;
}

async function openForm() {
  dispatch = () => ({ kind: 'form', form });
  await slack.command('ana', '');
  const view = await slack.waitForView('ana');
  seen.length = 0;
  return view;
}

describe('a command', () => {
  test('is understood as typed, and answered to the speaker alone', async () => {
    const { status, answer } = await slack.command(
      'ana',
      'prod-dba 1h a <b> & *c* for @omar see https://x.test/?a=1&b=2',
    );
    expect(status).toBe(200);
    expect(answer).toMatchObject({ response_type: 'ephemeral' });
    expect(lastTold('ana')).toBe('Noted.');
    expect(seen).toMatchObject([
      {
        kind: 'words',
        speaker: { platform: 'slack', workspace: slack.workspace, userId: slack.person('ana').id },
        text: `prod-dba 1h a <b> & *c* for <@${slack.person('omar').id}> see https://x.test/?a=1&b=2`,
      },
    ]);
  });

  test('sent again by Slack has the same key', async () => {
    const delivery = await slack.command('ana', 'mine');
    await delivery.again();
    await slack.command('ana', 'mine');
    const keys = seen.map(({ key }) => key);
    expect(keys[0]).toMatch(/^slack:/);
    expect(keys[1]).toBe(keys[0]);
    expect(keys[2]).not.toBe(keys[0]);
  });

  test('that asks for a form gets it at once, and nothing else', async () => {
    dispatch = () => ({ kind: 'form', form });
    const { answer } = await slack.command('ana', '');
    expect(answer).toBe('');
    expect(visibleText(await slack.waitForView('ana'))).toBe('Role\nWhy\n⚠ Say why.');
  });

  test.each(['expired_trigger_id', 'exchanged_trigger_id', 'internal_error'])(
    'whose form Slack does not open (%s) says what to do instead',
    async (code) => {
      slack.api.fail('views.open', { kind: 'error', code });
      dispatch = () => ({ kind: 'form', form });
      const { status } = await slack.command('ana', '');
      expect(status).toBe(200);
      expect(lastTold('ana')).toMatch(
        /within three seconds.*say it in one line: \/elevate ROLE DURATION REASON/,
      );
    },
  );

  test('that takes too long is answered in time, and its outcome follows', async () => {
    await outOfTime();
    const release = held();
    await slack.command('ana', 'prod-dba 1h why');
    expect(lastTold('ana')).toMatch(/^Not recorded yet, checking/);
    release(say('Recorded as R-7K3M.'));
    await slack.waitForEphemeral('ana', 'Recorded as R-7K3M');
  });

  test('that took too long and has nothing to say still says that it is recorded', async () => {
    await outOfTime();
    const release = held();
    await slack.command('ana', 'prod-dba 1h why');
    release({ kind: 'none' });
    await slack.waitForEphemeral('ana', 'It is recorded now');
  });

  test('whose outcome cannot go where it was said goes by direct message', async () => {
    await outOfTime();
    const release = held();
    await slack.command('omar', 'approve R-1');
    slack.api.fail('response_url', { kind: 'status', status: 404 });
    release(say('Approved R-1.'));
    await slack.waitForDm('omar', (message) => visibleText(message).includes('Approved R-1.'));
  });

  test('that fails gets a sentence with a number, which stands in the log without what was typed', async () => {
    dispatch = () => Promise.reject(new Error('duplicate key: reason "very private words"'));
    await slack.command('ana', 'prod-dba 1h very private words');
    const [, number = 'none'] = /error number ([0-9a-f]{8})/.exec(lastTold('ana') ?? '') ?? [];
    expect(log.text()).toContain(number);
    expect(log.text()).not.toContain('very private words');
    expect(log.text()).not.toContain('/response/');
    expect(log.text()).not.toContain(slack.botToken);
  });
});

describe('a click', () => {
  test('carries the verb and the id, and is answered beside the card, which stays', async () => {
    const message = await postedCard();
    const { status, answer } = await slack.click('omar', message, 'approve');
    expect([status, answer]).toEqual([200, '']);
    await slack.waitForEphemeral('omar', 'Noted');
    expect(seen).toMatchObject([{ kind: 'action', verb: 'approve', id: 'R-7K3M' }]);
    expect(slack.api.responses.at(-1)?.payload).toMatchObject({
      replace_original: false,
      response_type: 'ephemeral',
    });
  });

  test('with nothing to say leaves it to the card', async () => {
    dispatch = () => ({ kind: 'none' });
    const before = slack.api.responses.length;
    await slack.click('omar', await postedCard(), 'approve');
    await app.stop();
    expect(slack.api.responses.length).toBe(before);
  });

  test('that takes too long says so, then how it ended', async () => {
    const message = await postedCard();
    await outOfTime();
    const release = held();
    const before = told('omar').length;
    await slack.click('omar', message, 'approve');
    await slack.waitForEphemeral('omar', 'Not recorded yet, checking');
    release(say('You approved it.'));
    await slack.waitForEphemeral('omar', 'You approved it');
    expect(told('omar').slice(before)).toEqual([
      expect.stringMatching(/^Not recorded yet/),
      'You approved it.',
    ]);
  });

  test('on the home page, where nothing can be said, is answered by direct message', async () => {
    await slack.event('app_home_opened', { user: slack.person('lea').id, tab: 'home' });
    const home = await slack.until(() => slack.home('lea'));
    await slack.click('lea', home, 'approve');
    await slack.waitForDm('lea', (message) => visibleText(message).includes('Noted.'));
  });

  test('can open a form', async () => {
    const message = await postedCard();
    dispatch = () => ({ kind: 'form', form: { ...form, id: 'deny', about: 'R-7K3M' } });
    await slack.click('omar', message, 'approve');
    const view = await slack.waitForView('omar');
    expect(view.private_metadata).toBe('{"form":"deny","about":"R-7K3M"}');
  });
});

describe('a form', () => {
  test('that is sent arrives with its values', async () => {
    const view = await openForm();
    dispatch = () => say('Asked for as R-7K3M.');
    await slack.submit('ana', view, { role: 'prod-dba', reason: 'because <&>' });
    expect(seen).toMatchObject([
      { kind: 'form', form: 'request', about: null, values: { role: 'prod-dba', reason: 'because <&>' } },
    ]);
    expect(visibleText(slack.openViews('ana').at(-1) ?? null)).toBe('Asked for as R-7K3M.');
  });

  test('with a fault stays open and says it beside the field; corrected, it is a new delivery', async () => {
    const view = await openForm();
    dispatch = () => ({ kind: 'form-errors', errors: { reason: 'That is no reason.' } });
    const refused = await slack.submit('ana', view, { role: 'prod-dba', reason: 'x' });
    expect(refused.answer).toEqual({ response_action: 'errors', errors: { reason: 'That is no reason.' } });
    dispatch = () => ({ kind: 'none' });
    const taken = await slack.submit('ana', view, { role: 'prod-dba', reason: 'better' });
    expect(taken.answer).toEqual({ response_action: 'clear' });
    await taken.again();
    const keys = seen.map(({ key }) => key);
    expect(keys[1]).not.toBe(keys[0]);
    expect(keys[2]).toBe(keys[1]);
  });

  test('that takes too long says so in its place, and the outcome comes by direct message', async () => {
    const view = await openForm();
    await outOfTime();
    const release = held();
    await slack.submit('ana', view, { role: 'prod-dba', reason: 'why' });
    expect(visibleText(slack.openViews('ana').at(-1) ?? null)).toMatch(/^Not recorded yet, checking/);
    release({ kind: 'form-errors', errors: { reason: 'No: that role was taken away.' } });
    await slack.waitForDm('ana', (message) => visibleText(message).includes('that role was taken away'));
  });

  test('offers roles as people type, at most 100 of 5,000', async () => {
    roles = Array.from({ length: 5000 }, (_, i) => ({ label: `Role ${i} <&>`, value: `role-${i}` }));
    const offered = await slack.options('ana', 'pro');
    expect(typed).toEqual(['pro']);
    expect(offered).toHaveLength(100);
    expect(offered[0]).toEqual({ label: 'Role 0 &lt;&amp;&gt;', value: 'role-0' });
    expect(await slack.options('ana', '')).toHaveLength(100);
  });
});

describe('events', () => {
  test('opening the home page publishes it', async () => {
    await slack.event('app_home_opened', { user: slack.person('ana').id, tab: 'home' });
    await slack.until(() => visibleText(slack.home('ana')).includes('My live access'));
  });

  test('a home page that cannot be published is no reason to fail', async () => {
    slack.api.fail('views.publish', { kind: 'error', code: 'internal_error' });
    const { status } = await slack.event('app_home_opened', { user: slack.person('ana').id, tab: 'home' });
    expect(status).toBe(200);
    await slack.until(() => log.entries.some(({ level }) => level === 'error'));
  });

  test('a deactivated person is passed on, once recorded; repeated with the same key', async () => {
    const user = { id: slack.person('lea').id, team_id: slack.workspace, deleted: true };
    const delivery = await slack.event('user_change', { user });
    await delivery.again();
    expect(delivery.status).toBe(200);
    expect(changes).toMatchObject([
      { speaker: { userId: user.id, workspace: slack.workspace }, deleted: true },
      { deleted: true },
    ]);
    expect(changes[0]?.deliveryKey).toMatch(/^slack:Ev/);
    expect(changes[1]?.deliveryKey).toBe(changes[0]?.deliveryKey);
  });

  test('while a leaver is not recorded Slack is not told so, and sends it again', async () => {
    memberChanged = () => Promise.reject(new Error('the ledger is down'));
    const user = { id: slack.person('lea').id, team_id: slack.workspace, deleted: true };
    const failed = await slack.event('user_change', { user });
    expect(failed.status).toBe(503);
    memberChanged = async () => {};
    expect((await failed.again()).status).toBe(200);
  });

  test('after any change of a person, what was remembered of them is asked anew', async () => {
    const mia = slack.person('mia').id;
    expect((await port.profile(mia))?.standing).toBe('full');
    slack.api.patchUser(mia, { is_restricted: true });
    await slack.event('user_change', { user: { id: mia, team_id: slack.workspace, deleted: false } });
    expect((await port.profile(mia))?.standing).toBe('guest');
    expect(changes).toEqual([]);
  });

  test('an event that nobody asked for is taken without a word', async () => {
    expect((await slack.event('reaction_added', { user: 'U1' })).status).toBe(200);
  });

  test('Slack’s question whether the address is ours is answered', async () => {
    const { answer } = await slack.send({
      body: JSON.stringify({ type: 'url_verification', challenge: 'c-1' }),
      contentType: 'application/json',
    });
    expect(answer).toEqual({ challenge: 'c-1' });
  });
});

describe('the door', () => {
  const FORM = 'application/x-www-form-urlencoded';
  const JSON_TYPE = 'application/json';
  const genuine = `command=%2Felevate&team_id=T1&user_id=U1&trigger_id=t&text=mine`;

  test.each([
    ['with another secret', { secret: 'wrong' }],
    ['400 s old', { skewS: -400 }],
    ['400 s ahead', { skewS: 400 }],
    ['without a signature', { headers: { 'x-slack-signature': '' } }],
    ['with half a signature', { headers: { 'x-slack-signature': 'v0' } }],
    ['of another scheme', { headers: { 'x-slack-signature': 'v1=00' } }],
    ['without a time', { headers: { 'x-slack-request-timestamp': '' } }],
    ['with a time that is none', { headers: { 'x-slack-request-timestamp': 'NaN' } }],
  ])('a request signed %s gets 401', async (_name, forgery) => {
    const { status } = await slack.send({ body: genuine, contentType: FORM, ...forgery });
    expect(status).toBe(401);
    expect(seen).toEqual([]);
  });

  test('a body over 1 MB gets 413, whether it says its length or not', async () => {
    const body = Buffer.alloc(1024 * 1024 + 1, 'x');
    expect((await slack.send({ body, contentType: FORM })).status).toBe(413);
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/slack/events`;
    const stream = new Blob([body]).stream();
    const streamed = await fetch(url, { method: 'POST', body: stream, duplex: 'half' } as RequestInit);
    expect(streamed.status).toBe(413);
  });

  const nested = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
  const payload = (value: string) => `payload=${encodeURIComponent(value)}`;
  const clicked = {
    type: 'block_actions',
    user: { id: 'U1', team_id: 'T1' },
    trigger_id: 't',
    actions: [{ action_id: 'curfew:approve:0', value: 'R-1' }],
  };
  test.each([
    ['nothing', '', FORM],
    ['nothing as JSON', '', JSON_TYPE],
    ['broken JSON', '{"type":', JSON_TYPE],
    ['null', 'null', JSON_TYPE],
    ['a number', '7', JSON_TYPE],
    ['a list', '[1,2]', JSON_TYPE],
    ['deep nesting', nested, JSON_TYPE],
    ['an unknown type', '{"type":"surprise"}', JSON_TYPE],
    ['the wrong content type', genuine, 'text/plain'],
    ['no form at all', '{"type":"block_actions"}', FORM],
    ['JSON as text', '{"type":"event_callback"}', 'text/plain'],
    ['payload=null', 'payload=null', FORM],
    ['payload=7', 'payload=7', FORM],
    ['payload="x"', payload('"x"'), FORM],
    ['payload=[]', payload('[]'), FORM],
    ['payload={}', payload('{}'), FORM],
    ['a broken payload', 'payload=%7B', FORM],
    ['two payloads', `${payload('{}')}&${payload('{}')}`, FORM],
    ['a deep payload', payload(nested.slice(0, 100_000)), FORM],
    ['two commands', `${genuine}&command=%2Fother`, FORM],
    ['a command by nobody', genuine.replace('user_id=U1', 'user_id='), FORM],
    ['a click by nobody', payload(JSON.stringify({ ...clicked, user: null })), FORM],
    ['a click on nothing', payload(JSON.stringify({ ...clicked, actions: [] })), FORM],
    ['a click that trips Bolt', payload(JSON.stringify({ ...clicked, channel: null })), FORM],
    ['another one', payload(JSON.stringify({ ...clicked, response_urls: null })), FORM],
    ['a click that is an event too', payload(JSON.stringify({ ...clicked, event: 'x' })), FORM],
    ['an event without content', '{"type":"event_callback","team_id":"T1","event_id":"E1"}', JSON_TYPE],
    ['bytes', Buffer.from([0xff, 0xfe, 0x00, 0x80]), JSON_TYPE],
  ])('%s, properly signed, gets 400 at once and changes nothing', async (_name, body, contentType) => {
    const { status } = await slack.send({ body, contentType });
    // 401 where the bytes are no text: then no signature over text can fit.
    expect([400, 401]).toContain(status);
    if (typeof body === 'string') expect(status).toBe(400);
    expect(seen).toEqual([]);
    expect((await slack.command('ana', 'mine')).status).toBe(200);
  });

  test('other paths and methods are not ours', async () => {
    const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    expect((await fetch(`${base}/slack/other`, { method: 'POST' })).status).toBe(404);
    expect((await fetch(`${base}/slack/events`)).status).toBe(405);
  });

  test('nobody hears of a sender who goes away half-way', async () => {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/slack/events`;
    const stop = new AbortController();
    const endless = new ReadableStream({
      pull: (controller) => {
        controller.enqueue(new Uint8Array(1000));
        if (!stop.signal.aborted) stop.abort();
      },
    });
    const gone = fetch(url, {
      method: 'POST',
      body: endless,
      duplex: 'half',
      signal: stop.signal,
    } as RequestInit);
    await expect(gone).rejects.toThrow();
    expect((await slack.command('ana', 'mine')).status).toBe(200);
  });
});

test('stopping waits for what is under way', async () => {
  await outOfTime();
  const release = held();
  await slack.command('ana', 'prod-dba 1h why');
  let stopped = false;
  const stopping = app.stop().then(() => {
    stopped = true;
  });
  expect(stopped).toBe(false);
  release(say('Recorded before the stop.'));
  await stopping;
  expect(lastTold('ana')).toBe('Recorded before the stop.');
});
