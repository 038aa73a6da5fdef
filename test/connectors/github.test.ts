import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { AccountRef } from '../../src/connectors/connector.ts';
import { githubConnector } from '../../src/connectors/github/github-connector.ts';
import { connectorContract } from '../support/connector-contract.ts';
import { callContext } from '../support/connector-fixture.ts';
import { type GithubWorld, ORG, startGithub, TOKEN } from '../support/github-emulator.ts';
import { connectGithub, githubFixture } from '../support/github-fixture.ts';

connectorContract({ name: 'github', setUp: githubFixture });

describe('github', () => {
  let world: GithubWorld;
  let connector: ReturnType<typeof connectGithub>;
  let ana: AccountRef;
  let permissionId: string;
  const permission = { team: 'prod-admins', role: 'member' as const };
  const call = () => callContext(null);
  const edge = () => ({ permission, permissionId, ...ana });

  beforeEach(async () => {
    world = await startGithub();
    await world.createTeam('prod-admins');
    connector = connectGithub(world.port);
    ana = await world.account('ana');
    permissionId = await world.teamId('prod-admins');
  });
  afterEach(async () => {
    await connector.close();
    await world.close();
  });

  test('an open invitation to the team counts as held, is listed, and a revoke takes it back', async () => {
    world.gaps.invitations.add('prod-admins/ana');
    expect(await connector.inspect(edge(), call())).toEqual({ direct: true, inherited: [] });
    expect(await connector.list(edge(), call())).toContainEqual({
      ...ana,
      direct: true,
      inherited: [],
    });
    await connector.revoke(edge(), call());
    expect(world.gaps.invitations.size).toBe(0);
    expect(await connector.inspect(edge(), call())).toEqual({ direct: false, inherited: [] });
  });

  test('nobody outside the organisation is invited by a grant', async () => {
    const outsider = { ...edge(), ...(await world.account('outsider')) };
    await expect(connector.grant(outsider, call())).rejects.toMatchObject({
      kind: 'terminal',
      code: 'account_unusable',
    });
    expect(world.seen.filter(({ method }) => method === 'PUT')).toEqual([]);
  });

  test('somebody outside the organisation, or only invited to it, cannot ask for access', async () => {
    const answer = () => connector.resolveAccount({ email: 'left@acme.test' }, call());
    expect(await answer()).toMatchObject({ ok: false, reason: 'unknown' });
    world.intercept(({ path }) =>
      path.startsWith(`/orgs/${ORG}/memberships/`)
        ? { status: 200, body: { state: 'pending', role: 'member' } }
        : undefined,
    );
    expect(await answer()).toMatchObject({ ok: false, reason: 'disabled' });
  });

  test('a suspended user cannot ask for access', async () => {
    world.intercept(({ path }) =>
      path === '/users/ana'
        ? { status: 200, body: { login: 'ana', id: 7, type: 'User', suspended_at: '2026-01-01T00:00:00Z' } }
        : undefined,
    );
    const answer = await connector.resolveAccount({ email: 'ana@acme.test' }, call());
    expect(answer).toMatchObject({ ok: false, reason: 'disabled' });
  });

  test('an owner of the organisation is shown as holding it without the team, here and in the list', async () => {
    await world.makeOwner('ana');
    const holding = { direct: false, inherited: ['as an owner of the organisation'] };
    expect(await connector.inspect(edge(), call())).toEqual(holding);
    expect(await connector.list(edge(), call())).toContainEqual({ ...ana, ...holding });
  });

  test('changing the login does not hide the access, and the revoke follows it', async () => {
    await connector.grant(edge(), call());
    world.gaps.logins.rename('ana', 'anna');
    expect(await connector.inspect(edge(), call())).toEqual({
      direct: true,
      inherited: [],
      renamed: { account: 'anna' },
    });
    await connector.revoke(edge(), call());
    const changes = world.seen.filter(({ method }) => method === 'DELETE');
    expect(changes.map(({ path }) => path)).toEqual([
      expect.stringMatching(/^\/organizations\/\d+\/team\/\d+\/memberships\/anna$/),
    ]);
    expect(await world.isMember('prod-admins', 'anna')).toBe(false);
  });

  test('somebody else who took the old login is left alone', async () => {
    await world.join('prod-admins', 'ana');
    const former = { ...edge(), accountId: '999' };
    expect(await connector.inspect(former, call())).toEqual({
      direct: false,
      inherited: [],
      gone: 'account',
    });
    await connector.revoke(former, call());
    expect(await world.isMember('prod-admins', 'ana')).toBe(true);
  });

  test('a team that is gone, renamed or hidden is never read as "absent" nor taken as revoked', async () => {
    const lost = { ...edge(), permissionId: '987654' };
    for (const operation of [
      () => connector.inspect(lost, call()),
      () => connector.revoke(lost, call()),
      () => connector.list(lost, call()),
    ]) {
      await expect(operation()).rejects.toMatchObject({ kind: 'terminal', code: 'not_found' });
    }
  });

  test('a maintainer and a member of one team are one relation, whatever the case of the slug', async () => {
    const asMaintainer = { team: 'Prod-Admins', role: 'maintainer' as const };
    expect(connector.relation(asMaintainer)).toBe(connector.relation(permission));
  });

  test('the role asked for is the role given', async () => {
    await connector.grant({ ...edge(), permission: { ...permission, role: 'maintainer' } }, call());
    const put = world.seen.find(({ method }) => method === 'PUT');
    expect(JSON.parse(put?.body ?? '')).toEqual({ role: 'maintainer' });
  });

  test('an invitation in place of a membership is a failure, not a grant', async () => {
    world.intercept(({ method }) =>
      method === 'PUT' ? { status: 200, body: { state: 'pending', role: 'member' } } : undefined,
    );
    await expect(connector.grant(edge(), call())).rejects.toMatchObject({ code: 'invitation' });
  });

  test('unchanged reads come back as 304, which GitHub does not count', async () => {
    await connector.grant(edge(), call());
    await connector.inspect(edge(), call());
    const before = world.seen.length;
    expect(await connector.inspect(edge(), call())).toEqual({ direct: true, inherited: [] });
    expect(new Set(world.seen.slice(before).map(({ status }) => status))).toEqual(new Set([304]));
    await connector.revoke(edge(), call());
    expect(await connector.inspect(edge(), call())).toEqual({ direct: false, inherited: [] });
  });

  test('members on later pages are listed', async () => {
    const page = (from: number, count: number) =>
      Array.from({ length: count }, (_, n) => ({ login: `user-${from + n}`, id: 1000 + from + n }));
    world.intercept(({ path }) => {
      if (!path.includes(`/team/${permissionId}/members`)) return undefined;
      return { status: 200, body: path.includes('page=2') ? page(100, 3) : page(0, 100) };
    });
    const direct = (await connector.list(edge(), call())).filter((holder) => holder.direct);
    expect(direct).toHaveLength(103);
  });

  const limited = { 'x-ratelimit-remaining': '0' };
  test.each([
    ['a spent hourly limit', 403, limited, 'API rate limit exceeded', 'retryable', 'rate_limited', true],
    ['a limit with a pause', 429, { 'retry-after': '60' }, 'Wait', 'retryable', 'rate_limited', true],
    [
      'a secondary limit',
      403,
      {},
      'You have exceeded a secondary rate limit',
      'retryable',
      'rate_limited',
      true,
    ],
    ['a missing right', 403, {}, 'Must have admin rights', 'terminal', 'permission_denied', true],
    ['a team of the identity provider', 422, {}, 'Managed by team sync', 'terminal', 'refused', true],
    ['an outage', 502, {}, 'Bad Gateway', 'retryable', 'server_error', false],
    ['a redirect', 307, { location: 'http://127.0.0.1:9/' }, '', 'terminal', 'redirected', true],
  ] as const)(
    'a change that meets %s says so',
    async (_, status, headers, message, kind, code, outcomeKnown) => {
      world.intercept(({ method }) =>
        method === 'PUT' || method === 'DELETE' ? { status, headers, body: { message } } : undefined,
      );
      for (const change of [() => connector.grant(edge(), call()), () => connector.revoke(edge(), call())]) {
        await expect(change()).rejects.toMatchObject({ kind, code, outcomeKnown });
      }
    },
  );

  test.each([
    ['a page of HTML', { status: 200, headers: { 'content-type': 'text/html' }, body: '<h1>Back soon</h1>' }],
    ['half an answer', { status: 200, body: '{"state":' }],
    ['an answer of another shape', { status: 200, body: { state: 'perhaps' } }],
    ['far too much', { status: 200, body: JSON.stringify({ state: 'active', role: 'x'.repeat(3_000_000) }) }],
  ])('%s in place of a membership is an error, never "absent"', async (_, answer) => {
    world.intercept(({ path }) => (path.includes(`/team/${permissionId}/memberships/`) ? answer : undefined));
    const error = await connector.inspect(edge(), call()).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ name: 'ConnectorError', outcomeKnown: true });
  });

  test.each([
    ['plain http to another machine', { api_url: 'http://github.acme.test/api/v3' }],
    ['a password in the address', { api_url: 'https://me:secret@github.acme.test/api/v3' }],
    ['an unknown word', { organisation: 'acme' }],
    ['an organisation that is a path', { org: 'acme/../globex' }],
  ])('the configuration refuses %s', (_, wrong) => {
    const right = { kind: 'github', org: ORG, token: TOKEN };
    expect(githubConnector.config.safeParse(right).success).toBe(true);
    expect(githubConnector.config.safeParse({ ...right, ...wrong }).success).toBe(false);
  });
});
