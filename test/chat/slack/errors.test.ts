import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { describe, expect, test } from 'vitest';
import { ChatError } from '../../../src/chat/port.ts';
import { createSlackPort, createWebClient } from '../../../src/chat/slack/client.ts';
import { callsOf, card, failure, log, marker, port, slack } from './opened-port.ts';

describe('errors say whether to try again, and whether it may have happened', () => {
  const post = () => port.post(slack.channel('dba'), card, { marker });

  test.each([
    ['message_not_found', 'gone', true],
    ['channel_not_found', 'closed', true],
    ['not_in_channel', 'closed', true],
    ['is_archived', 'closed', true],
    ['restricted_action', 'closed', true],
    ['restricted_action_thread_locked', 'closed', true],
    ['messages_tab_disabled', 'closed', true],
    ['account_inactive', 'app-refused', true],
    ['invalid_auth', 'app-refused', true],
    ['token_expired', 'app-refused', true],
    ['invalid_blocks', 'refused', true],
    ['msg_blocks_too_long', 'refused', true],
    ['internal_error', 'retry', false],
    ['fatal_error', 'retry', false],
    ['ratelimited', 'retry', true],
    ['token_revoked', 'app-refused', true],
    ['missing_scope', 'app-refused', true],
    ['not_allowed_token_type', 'app-refused', true],
    ['org_login_required', 'app-refused', true],
    ['team_disabled', 'app-refused', true],
    ['two_factor_setup_required', 'app-refused', true],
    ['access_denied', 'closed', true],
    ['ekm_access_denied', 'closed', true],
    ['enterprise_is_restricted', 'closed', true],
    ['no_permission', 'closed', true],
    ['team_access_not_granted', 'closed', true],
    ['invalid_arguments', 'refused', true],
    ['invalid_blocks_format', 'refused', true],
    ['msg_too_long', 'refused', true],
    ['no_text', 'refused', true],
    ['too_many_attachments', 'refused', true],
    ['a_code_of_next_year', 'closed', true],
  ] as const)('%s', async (code, kind, outcomeKnown) => {
    slack.api.fail('chat.postMessage', { kind: 'error', code });
    const error = await failure(post());
    expect(error).toBeInstanceOf(ChatError);
    expect(error).toMatchObject({ kind, code, outcomeKnown });
  });

  test('a scope that is missing is named; without it a look-up fails alone, and is tried again', async () => {
    const needed = { needed: 'chat:write', provided: 'users:read' };
    slack.api.fail('chat.postMessage', { kind: 'error', code: 'missing_scope', extra: needed });
    expect((await failure(post())).message).toContain('chat:write');
    const groups = { needed: 'groups:read', provided: 'chat:write' };
    slack.api.fail('conversations.list', { kind: 'error', code: 'missing_scope', extra: groups });
    const error = await failure(port.conversation('#not-seen-yet'));
    expect(error).toMatchObject({ kind: 'retry', code: 'missing_scope', outcomeKnown: true });
    expect(error.message).toContain('groups:read');
  });

  test.each([
    ['chat:write,users:read', null],
    ['chat:write:bot', null],
    ['users:read,im:write', 'missing_scope'],
    [null, null],
  ])('asked whether it lets the app in, Slack names the scopes: %s', async (scopes, code) => {
    const server = createHttpServer((_request, response) => {
      response.writeHead(200, {
        'content-type': 'application/json',
        ...(scopes === null ? {} : { 'x-oauth-scopes': scopes }),
      });
      response.end(JSON.stringify({ ok: true, team_id: 'T1', user_id: 'U1' }));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port: number } = server.address() as AddressInfo;
    const client = createWebClient({ botToken: 'x', apiUrl: `http://127.0.0.1:${number}/api/`, log });
    const asked = createSlackPort({ client, home: { workspace: 'T1', botUser: 'U1' } });
    const answer = await asked.probe?.().catch((error: unknown) => error);
    expect(answer instanceof ChatError ? answer.code : null).toBe(code);
    server.closeAllConnections();
    server.close();
  });

  test('a rate limit names its wait', async () => {
    slack.api.fail('chat.postMessage', { kind: 'rate-limited', retryAfterS: 7 });
    expect(await failure(post())).toMatchObject({ kind: 'retry', retryAfterS: 7, outcomeKnown: true });
  });

  test('trouble at Slack may have happened all the same', async () => {
    slack.api.fail('chat.postMessage', { kind: 'status', status: 503 });
    expect(await failure(post())).toMatchObject({ kind: 'retry', outcomeKnown: false });
  });

  test('a Slack that says nothing is given up on, and may have done it', async () => {
    slack.api.fail('chat.postMessage', { kind: 'held', until: new Promise(() => {}) });
    const client = createWebClient({ botToken: slack.botToken, apiUrl: slack.apiUrl, log, timeoutMs: 50 });
    const hasty = createSlackPort({ client, home: { workspace: slack.workspace, botUser: slack.botUser } });
    const error = await failure(hasty.post(slack.channel('dba'), card, { marker }));
    expect(error).toMatchObject({ kind: 'retry', code: 'no_answer', outcomeKnown: false });
  });

  test('no connection means that nothing happened', async () => {
    const closed = createServer().listen(0, '127.0.0.1');
    await once(closed, 'listening');
    const { port: number } = closed.address() as AddressInfo;
    closed.close();
    await once(closed, 'close');
    const client = createWebClient({ botToken: 'x', apiUrl: `http://127.0.0.1:${number}/api/`, log });
    const nowhere = createSlackPort({ client, home: { workspace: 'T1', botUser: 'U1' } });
    expect(await failure(nowhere.direct('U2'))).toMatchObject({ kind: 'retry', outcomeKnown: true });
  });

  test('a person who is deactivated gets no direct message', async () => {
    expect(await failure(port.direct(slack.person('dee').id))).toMatchObject({ kind: 'gone' });
  });

  test('one failure is one call: nothing is tried again in here', async () => {
    const before = callsOf('chat.postMessage');
    slack.api.fail('chat.postMessage', { kind: 'error', code: 'internal_error' });
    await failure(post());
    expect(callsOf('chat.postMessage') - before).toBe(1);
  });

  test('neither the token nor people’s words are in an error or in the log', async () => {
    slack.api.fail('chat.postMessage', { kind: 'error', code: 'invalid_blocks' });
    const error = await failure(post());
    const said = `${String(error)} ${JSON.stringify(error)} ${String(error.cause)} ${log.text()}`;
    expect(said).not.toContain(slack.botToken);
    expect(said).not.toContain('secret-reason');
  });
});
