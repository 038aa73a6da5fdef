/** What the connector makes of answers that are broken, slow or late, and what it sends itself. */
import { describe, expect, test } from 'vitest';
import { webhookConnector } from '../../src/connectors/webhook/webhook-connector.ts';
import { callContext } from '../support/connector-fixture.ts';
import { answeringReceivers, failureOf, send } from '../support/webhook-answering.ts';
import { listen, SECRET, startWebhookWorld } from '../support/webhook-world.ts';

const permission = { role: 'operator' };
const permissionId = '[["role","operator"]]';
const edge = { permission, permissionId, account: 'ana', accountId: 'ana' };
const absent = { direct: false, inherited: [] };

describe('the webhook connector', () => {
  const { cleanUps, connect, answering } = answeringReceivers();

  test('an answer without end is cut off at 64 KB', async () => {
    let sent = 0;
    const connector = await answering((_, response) => {
      const more = () => {
        for (let room = true; room && !response.destroyed; sent += 1000)
          room = response.write('x'.repeat(1000));
      };
      response.on('drain', more);
      response.writeHead(200);
      more();
    });
    const error = await failureOf(connector.inspect(edge, callContext('a')));
    expect(error).toMatchObject({ kind: 'terminal', code: 'answer_too_large' });
    expect(sent).toBeLessThan(20_000_000);
  });

  test('an answer that drips in by single bytes is cut off at the deadline', async () => {
    const connector = await answering((_, response) => {
      response.writeHead(200);
      const drip = setInterval(() => response.write('{'), 20);
      response.on('close', () => clearInterval(drip));
    });
    const begun = Date.now();
    const error = await failureOf(connector.grant(edge, callContext('a', { forMs: 300 })));
    expect(error).toMatchObject({ kind: 'retryable', code: 'timeout', outcomeKnown: false });
    expect(Date.now() - begun).toBeLessThan(5_000);
  });

  test('a redirect is not followed', async () => {
    let reached = 0;
    const elsewhere = await listen((_, response) => {
      reached += 1;
      response.end();
    });
    cleanUps.push(elsewhere.close);
    for (const status of [301, 302, 303, 307, 308]) {
      const connector = await answering((_, response) => {
        response.writeHead(status, { location: `http://127.0.0.1:${elsewhere.port}/` }).end();
      });
      const error = await failureOf(connector.grant(edge, callContext('a')));
      expect(error).toMatchObject({ kind: 'terminal', code: 'redirected' });
    }
    expect(reached).toBe(0);
  });

  test.each([
    [500, 'retryable', 'server_error', false],
    [503, 'retryable', 'server_error', false],
    [429, 'retryable', 'rate_limited', false],
    [401, 'terminal', 'permission_denied', true],
    [200, 'retryable', 'unverified_answer', false],
    [404, 'retryable', 'unverified_answer', false],
  ] as const)(
    'a page of HTML with status %i is an error, and says nothing of a change',
    async (status, kind, code, outcomeKnown) => {
      const connector = await answering((_, response) => {
        response.writeHead(status, { 'content-type': 'text/html' }).end('<h1>Hello</h1>');
      });
      expect(await failureOf(connector.inspect(edge, callContext('a')))).toMatchObject({ kind, code });
      expect(await failureOf(connector.grant(edge, callContext('a')))).toMatchObject({
        kind,
        code,
        outcomeKnown,
      });
    },
  );

  test.each([
    ['seconds', 429, '120', 120],
    ['a moment that is past', 503, 'Fri, 20 Nov 2020 14:00:00 GMT', 0],
    ['a moment to come, believed for an hour', 503, 'Fri, 20 Nov 2099 14:00:00 GMT', 3_600],
    ['seconds beside an answer', 200, '120', 0],
    ['no wait', 429, 'soon', 0],
    ['a year, believed for an hour', 503, '31536000', 3_600],
  ] as const)('Retry-After with %s and status %i is heeded', async (_, status, header, waitS) => {
    const connector = await answering((_question, response) => {
      response.writeHead(status, { 'retry-after': header }).end();
    });
    const error = await failureOf(connector.inspect(edge, callContext('a')));
    expect(error).toMatchObject({ kind: 'retryable', retryAfterS: waitS });
  });

  test.each([
    ['a signed 500', 500, { error: { code: 'failed', message: 'oops' } }, 'retryable', 'server_error', false],
    [
      'a signed refusal',
      403,
      { error: { code: 'frozen', message: 'not on Sundays' } },
      'terminal',
      'refused',
      true,
    ],
    ['a signed 418 without a reason', 418, { result: {} }, 'terminal', 'bad_answer', false],
  ] as const)('%s is told as what it is', async (_, status, body, kind, code, outcomeKnown) => {
    const connector = await answering(({ id, attempt }, response) =>
      send(response, `re_${id}`, { attempt, target: 'a', ...body }, status),
    );
    expect(await failureOf(connector.grant(edge, callContext('a')))).toMatchObject({
      kind,
      code,
      outcomeKnown,
    });
  });

  test.each([
    ['no holding', {}],
    ['a holding in words', { direct: 'no', inherited: [] }],
    ['half a holding', { direct: false }],
    ['nothing', null],
  ])('a signed inspect with %s is an error, never "absent"', async (_, result) => {
    const connector = await answering(({ id, attempt }, response) =>
      send(response, `re_${id}`, { attempt, target: 'a', result }),
    );
    expect(await failureOf(connector.inspect(edge, callContext('a')))).toMatchObject({ code: 'bad_answer' });
  });

  test('what is accepted but not done yet does not show as held until it is', async () => {
    const world = await startWebhookWorld({
      accounts: { 'ana@acme.test': 'ana' },
      permissions: [permission],
    });
    cleanUps.push(world.close);
    const { access } = world.system();
    const grant = access.grant;
    let finish = async () => {};
    access.grant = async (...args) => {
      finish = async () => void (await grant(...args));
      return { pending: true };
    };
    const connector = connect(world.url);
    await connector.grant(edge, callContext(null));
    expect(await connector.inspect(edge, callContext(null))).toEqual(absent);
    await finish();
    expect(await connector.inspect(edge, callContext(null))).toEqual({ direct: true, inherited: [] });
  });

  test('a long list comes in pages, and one without end is an error', async () => {
    let pages = 3;
    const connector = await answering(({ id, attempt, body }, response) => {
      const { cursor } = (JSON.parse(body) as { data: { cursor: string | null } }).data;
      const page = Number(cursor ?? 0);
      const holders = [{ account: `user-${page}`, direct: true, inherited: [] }];
      const next = page + 1 < pages ? String(page + 1) : null;
      send(response, `re_${id}`, { attempt, target: 'a', result: { holders, next } });
    });
    const accounts = (await connector.list(edge, callContext('a'))).map((holder) => holder.account);
    expect(accounts).toEqual(['user-0', 'user-1', 'user-2']);
    pages = Number.POSITIVE_INFINITY;
    expect(await failureOf(connector.list(edge, callContext('a')))).toMatchObject({ code: 'too_many' });
  });

  test('retries of one step bear one message id, other content another', async () => {
    const ids: string[] = [];
    const connector = await answering(({ id, attempt }, response) => {
      ids.push(id);
      send(response, `re_${id}`, { attempt, target: 'a', result: {} });
    });
    const call = callContext('a');
    await connector.grant(edge, call);
    await connector.grant(edge, call);
    await connector.revoke(edge, call);
    expect(ids[0]).toBe(ids[1]);
    expect(ids[2]).not.toBe(ids[1]);
  });

  test('every message has a connection of its own, so that none is lost to one that just closed', async () => {
    const used: (string | undefined)[] = [];
    const connector = await answering(({ id, attempt, headers }, response) => {
      used.push(headers.connection);
      send(response, `re_${id}`, { attempt, target: 'a', result: absent });
    });
    await connector.inspect(edge, callContext('a'));
    await connector.inspect(edge, callContext('a'));
    expect(used).toEqual(['close', 'close']);
  });

  test('the receiver finds the account where the configuration leaves it to it', async () => {
    const world = await startWebhookWorld({
      accounts: { 'ana@acme.test': 'a-7781' },
      permissions: [permission],
    });
    cleanUps.push(world.close);
    const ask = (more: Record<string, unknown>, email: string) =>
      connect(world.url, more).resolveAccount({ email }, callContext(null));
    expect(await ask({}, 'ana@acme.test')).toEqual({ ok: true, account: 'a-7781', accountId: 'a-7781' });
    const onlyMap = { accounts: { map: { 'Omar@acme.test': 'a-7781' } } };
    expect(await ask(onlyMap, 'omar@acme.test')).toEqual({
      ok: true,
      account: 'a-7781',
      accountId: 'a-7781',
    });
    expect(await ask(onlyMap, 'ana@acme.test')).toMatchObject({ ok: false, reason: 'unmapped' });
  });

  test("the order of a permission's keys makes no other permission", async () => {
    const connector = connect('https://billing.acme.test/');
    const idOf = async (one: Record<string, string | number | boolean>) =>
      await connector.resolvePermission(one, callContext('a'));
    const [one, two] = [
      { a: 1, b: true },
      { b: true, a: 1 },
    ];
    expect(connector.relation(one)).toBe(connector.relation(two));
    expect(connector.relation(one)).not.toBe(connector.relation({ a: '1', b: true }));
    expect(await idOf(one)).toEqual(await idOf(two));
    expect(await idOf(one)).not.toEqual(await idOf({ a: '1', b: true }));
    expect(connector.describe(two)).toBe(connector.describe(one));
  });

  test('how long a session outlives a revoke is unknown unless somebody says it', () => {
    const limits = (more: object) =>
      connect('https://billing.acme.test/', { ...more }).limits.sessionOutlivesRevokeS;
    expect(limits({})).toBeNull();
    expect(limits({ end_sessions: true })).toBe(0);
    expect(limits({ session_outlives_revoke_s: 900 })).toBe(900);
    expect(limits({ session_outlives_revoke_s: 30, end_sessions: true })).toBe(30);
  });

  test.each([
    ['plain http to another machine', { url: 'http://billing.acme.test/' }],
    ['a name that only looks like this machine', { url: 'http://localhost.acme.test/' }],
    ['a password in the address', { url: 'https://me:pass@billing.acme.test/' }],
    ['another scheme', { url: 'file:///etc/passwd' }],
    ['a secret without its prefix', { secret: SECRET.slice('whsec_'.length) }],
    ['a short secret', { secret: `whsec_${Buffer.from('short').toString('base64')}` }],
  ])('the configuration refuses %s, without quoting a secret', (_, wrong) => {
    const right = { kind: 'webhook', url: 'https://billing.acme.test/', secret: SECRET };
    expect(webhookConnector.config.safeParse(right).success).toBe(true);
    const { error } = webhookConnector.config.safeParse({ ...right, ...wrong });
    expect(error?.issues.length).toBeGreaterThan(0);
    const { secret } = { ...right, ...wrong };
    expect(JSON.stringify(error)).not.toContain(secret.slice('whsec_'.length));
    expect(JSON.stringify(error)).not.toContain('me:pass');
  });
});
