/** What PostgreSQL adds to the contract: sessions, grantors, other ways to a role, accounts. */
import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest';
import { postgresConnector } from '../../src/connectors/postgres/postgres-connector.ts';
import { callContext } from '../support/connector-fixture.ts';
import { type PostgresFixture, postgresFixture } from '../support/postgres-fixture.ts';

const call = (forMs = 10_000) => callContext(null, { forMs });
const absent = { direct: false, inherited: [] };

describe.each(['pg18Url', 'pg15Url'] as const)('the postgres connector on %s', (key) => {
  let fixture: PostgresFixture;
  beforeEach(async () => {
    fixture = await postgresFixture(inject(key), inject(key === 'pg18Url' ? 'pg15Url' : 'pg18Url'));
  });
  afterEach(() => fixture.tearDown());

  describe('sessions', () => {
    test('a session that took the role before keeps it after the revoke, until sessions are ended', async () => {
      const { connector, edge, names, admin } = fixture;
      const table = `only_${names.dba}`;
      await admin.unsafe(`create table ${table} (); grant select on ${table} to ${names.dba}`);
      await connector.grant(edge, call());
      const session = fixture.login(names.ana);
      await session.unsafe(`set role ${names.dba}`);
      await connector.revoke(edge, call());
      await session.unsafe(`select from ${table}`);

      const after = new Date((await fixture.sessions.now()).getTime() + 1);
      expect(await connector.endSessions(edge, after, call())).toBe(1);
      await expect(session.unsafe(`select from ${table}`)).rejects.toThrow();
      await admin.unsafe(`drop table ${table}`);
    });

    test('without pg_read_all_stats, all of the account go: one too many rather than one too few', async () => {
      const { admin, connector, edge, names, sessions } = fixture;
      await admin.unsafe(`revoke pg_read_all_stats from ${names.bot}`);
      const begun = await sessions.now();
      const young = await sessions.open(names.ana);
      expect(await connector.endSessions(edge, begun, call())).toBe(1);
      expect(await young.alive()).toBe(false);
    });

    test('without pg_signal_backend, it says what to grant', async () => {
      const { admin, connector, edge, names, sessions } = fixture;
      await admin.unsafe(`revoke pg_signal_backend from ${names.bot}`);
      const session = await sessions.open(names.ana);
      const after = new Date((await sessions.now()).getTime() + 1);
      await expect(connector.endSessions(edge, after, call())).rejects.toMatchObject({
        kind: 'terminal',
        code: 'permission_denied',
        message: expect.stringContaining('GRANT pg_signal_backend'),
      });
      expect(await session.alive()).toBe(true);
    });

    test('without pg_signal_backend, nobody is given what could not be ended wholly, unless sessions may stay', async () => {
      const { admin, connector, edge, names } = fixture;
      await admin.unsafe(`revoke pg_signal_backend from ${names.bot}`);
      expect(await connector.resolvePermission(edge.permission, call())).toEqual({
        ok: false,
        message: `prod-pg: Curfew could not end sessions afterwards (end_sessions). Run: GRANT pg_signal_backend TO "${names.bot}";`,
      });
      const plain = fixture.connect({ end_sessions: false });
      expect(await plain.resolvePermission(edge.permission, call())).toMatchObject({ ok: true });
    });

    test('a connector that is not to end sessions ends none, and says that they are unbounded', async () => {
      const plain = fixture.connect({ end_sessions: false });
      const session = await fixture.sessions.open(fixture.names.ana);
      const after = new Date((await fixture.sessions.now()).getTime() + 1);
      expect(await plain.endSessions(fixture.edge, after, call())).toBe(0);
      expect(await session.alive()).toBe(true);
      expect(plain.limits).toMatchObject({ endsSessions: false, sessionOutlivesRevokeS: null });
      expect(fixture.connector.limits).toMatchObject({ endsSessions: true, sessionOutlivesRevokeS: 0 });
    });
  });

  describe('who gave it', () => {
    test('what somebody else gave meanwhile: on 15 it is the same edge, later it stays and is told apart', async () => {
      const { admin, connector, edge, version } = fixture;
      await connector.grant(edge, call());
      await admin.unsafe(`grant "${edge.permission.role}" to "${edge.account}"`);
      expect(await connector.inspect(edge, call())).toMatchObject({ direct: true });
      await connector.revoke(edge, call());
      const left = await connector.inspect(edge, call());
      if (version < 16) return expect(left).toEqual(absent);
      expect(left).toEqual({ direct: false, inherited: ['granted by postgres as well'] });
      const holders = await connector.list(edge, call());
      expect(holders).toContainEqual({ account: edge.account, accountId: edge.accountId, ...left });
      const grantors = await admin`
        select pg_get_userbyid(grantor) as name from pg_auth_members where member = ${edge.account}::regrole`;
      expect(grantors.map((each) => each.name)).toEqual(['postgres']);
    });

    test('ADMIN OPTION held through a group role gives, shows and takes away', async () => {
      const { admin, connector, edge, names, version } = fixture;
      const option = version < 16 ? 'admin option' : 'admin true, inherit false, set false';
      await admin.unsafe(`revoke ${names.dba} from ${names.bot};
        grant ${names.dba} to ${names.ops} with ${option}; grant ${names.ops} to ${names.bot} ${version < 16 ? '' : 'with inherit true'}`);
      const found = await connector.resolvePermission(edge.permission, call());
      if (!found.ok) return expect.fail(found.message);
      const through = { ...edge, permissionId: found.permissionId };
      await connector.grant(through, call());
      expect(await connector.inspect(through, call())).toEqual({ direct: true, inherited: [] });
      // The bot's rights grow meanwhile: the server would now choose another grantor.
      await admin.unsafe(`grant ${names.dba} to ${names.bot} with ${option}`);
      expect(await connector.inspect(through, call())).toEqual({ direct: true, inherited: [] });
      await connector.revoke(through, call());
      expect(await connector.inspect(through, call())).toEqual(absent);
      expect(await fixture.holds(edge)).toBe(false);
    });

    test('a role that the bot may not give is refused with the statement that mends it', async () => {
      const { admin, connector, edge, names } = fixture;
      await admin.unsafe(`revoke ${names.dba} from ${names.bot}`);
      expect(await connector.resolvePermission(edge.permission, call())).toEqual({
        ok: false,
        message: expect.stringContaining(`GRANT "${names.dba}" TO "${names.bot}" WITH ADMIN`),
      });
    });

    test('a bot without ADMIN OPTION is told so', async () => {
      const { admin, connector, edge, names } = fixture;
      await admin.unsafe(`revoke ${names.dba} from ${names.bot}`);
      for (const verb of ['grant', 'revoke'] as const) {
        await expect(connector[verb](edge, call())).rejects.toMatchObject({
          kind: 'terminal',
          code: 'permission_denied',
          outcomeKnown: true,
        });
      }
    });

    test("the bot's own ADMIN OPTION is not a holding", async () => {
      const { connector, edge, names } = fixture;
      const holders = await connector.list(edge, call());
      expect(holders.map((each) => each.account)).not.toContain(names.bot);
    });
  });

  describe('other ways to hold a role', () => {
    test('a superuser holds everything, and so does who may become one', async () => {
      const { admin, connector, edge, names } = fixture;
      await admin.unsafe(`alter role ${names.ops} superuser; grant ${names.ops} to ${names.ana}`);
      expect(await connector.inspect(edge, call())).toEqual({
        direct: false,
        inherited: [`through role ${names.ops}`],
      });
      await admin.unsafe(`alter role ${names.omar} superuser`);
      const omar = fixture.edgeBy(names.dba, names.omar);
      const inherited = ['is a superuser'];
      expect(await connector.inspect(omar, call())).toEqual({ direct: false, inherited });
      expect(await connector.list(edge, call())).toContainEqual({
        account: names.omar,
        accountId: omar.accountId,
        direct: false,
        inherited,
      });
      await admin.unsafe(`alter role ${names.ops} nosuperuser; alter role ${names.omar} nosuperuser`);
    });

    test('a role of a role of a role is followed to its end', async () => {
      const { admin, connector, edge, names, other, version } = fixture;
      const middle = other.permission.role;
      await admin.unsafe(`grant ${names.dba} to ${names.ops}; grant ${names.ops} to ${middle};
        grant ${middle} to ${names.ana}`);
      const holding = { direct: false, inherited: [`through role ${middle}`] };
      expect(await connector.inspect(edge, call())).toEqual(holding);
      const holders = await connector.list(edge, call());
      expect(holders).toContainEqual({ account: names.ana, accountId: edge.accountId, ...holding });
      const ops =
        version < 16
          ? { direct: true, inherited: [] }
          : { direct: false, inherited: ['granted by postgres as well'] };
      expect(holders).toContainEqual({ account: names.ops, accountId: expect.any(String), ...ops });
    });

    test('from 16 on, ADMIN OPTION alone is a way to the role, not a holding of it', async () => {
      const { admin, connector, edge, names, version } = fixture;
      const option = version < 16 ? 'admin option' : 'admin true, inherit false, set false';
      await admin.unsafe(`grant ${names.dba} to ${names.ana} with ${option}`);
      expect(await connector.inspect(edge, call())).toEqual(
        version < 16
          ? { direct: true, inherited: [] }
          : { direct: false, inherited: [`may give itself role ${names.dba}`] },
      );
    });
  });

  describe('accounts', () => {
    test('an expired login is disabled, one that expires later is not', async () => {
      const { admin, connector, names, subjects } = fixture;
      const resolve = () => connector.resolveAccount(subjects.ruled, call());
      await admin.unsafe(`alter role ${names.ana} valid until '2020-01-01'`);
      expect(await resolve()).toMatchObject({ ok: false, reason: 'disabled' });
      await admin.unsafe(`alter role ${names.ana} valid until 'infinity'`);
      expect(await resolve()).toEqual({ ok: true, account: names.ana, accountId: fixture.edge.accountId });
    });

    test("Curfew's own login is nobody's account", async () => {
      const subject = { email: `${fixture.names.bot}@acme.test` };
      expect(await fixture.connector.resolveAccount(subject, call())).toMatchObject({ reason: 'unknown' });
    });

    test('by whole mail address, or by the map alone', async () => {
      const { admin, names, subjects } = fixture;
      const email = `ana@${names.ana.replaceAll('_', '-')}.test`;
      await admin.unsafe(`create role "${email}" login`);
      const whole = fixture.connect({ accounts: { from: 'email', map: {} } });
      expect(await whole.resolveAccount({ email }, call())).toEqual({
        ok: true,
        account: email,
        accountId: expect.any(String),
      });
      const mapOnly = fixture.connect({ accounts: { map: {} } });
      expect(await mapOnly.resolveAccount(subjects.ruled, call())).toMatchObject({ reason: 'unmapped' });
    });
  });
});

describe('configuration', () => {
  const parse = (changes: object) =>
    postgresConnector.config.safeParse({
      kind: 'postgres',
      url: 'postgres://curfew:pw@db.test/app',
      ...changes,
    });

  test('the least is a URL', () => {
    expect(parse({}).data).toMatchObject({ end_sessions: false, call_timeout_s: 10, concurrency: 8 });
  });

  test.each([
    'mysql://curfew:hunter2@db',
    'postgres://db.test/x?hunter2',
    'postgres://curfew:hunter2@',
    'hunter2',
  ])('a URL that cannot be used is refused without being repeated: %s', (url) => {
    const { error } = parse({ url });
    expect(error?.issues).toMatchObject([{ path: ['url'] }]);
    expect(JSON.stringify(error?.issues) + error?.message).not.toContain('hunter2');
  });

  test('addresses in the map are compared in lower case, and names that are none are refused', () => {
    const accounts = { map: { 'Ana@Acme.test': 'ana' } };
    expect(parse({ accounts }).data?.accounts.map).toEqual({ 'ana@acme.test': 'ana' });
    expect(parse({ accounts: { map: { 'ana@acme.test': 'x'.repeat(64) } } }).success).toBe(false);
    expect(parse({ passwords: true }).success).toBe(false);
  });
});
