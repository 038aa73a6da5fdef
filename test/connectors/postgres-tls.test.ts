/** The postgres connector over TLS: it encrypts when it is told to, and believes nobody without reason. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { postgresConnector } from '../../src/connectors/postgres/postgres-connector.ts';
import type { PostgresServer } from '../../src/playground/postgres-server.ts';
import { callContext } from '../support/connector-fixture.ts';
import { type PostgresFixture, postgresFixture } from '../support/postgres-fixture.ts';
import { startTlsPostgres } from '../support/tls-postgres.ts';

const call = (forMs = 10_000) => callContext(null, { forMs });

describe('the postgres connector over TLS', () => {
  let server: PostgresServer;
  let fixture: PostgresFixture;
  let rootCert: string;

  beforeAll(async () => {
    ({ server, rootCert } = await startTlsPostgres());
  });
  afterAll(() => server.stop());
  beforeEach(async () => {
    fixture = await postgresFixture(server.url, inject('pg15Url'));
  });
  afterEach(() => fixture.tearDown());

  /** A connector by that host name, with these parameters, through the proxy. */
  const over = (host: string, parameters: Record<string, string>) => {
    const url = new URL(fixture.url);
    url.hostname = host;
    url.search = new URLSearchParams(parameters).toString();
    return fixture.connect({ url: url.href });
  };
  const encrypted = async () => {
    const rows = await fixture.admin`select from pg_stat_ssl join pg_stat_activity using (pid)
      where usename = ${fixture.names.bot} and ssl`;
    return rows.length > 0;
  };

  test.each([
    ['localhost', 'require', false],
    ['127.0.0.1', 'verify-ca', true],
    ['localhost', 'verify-full', true],
  ] as const)('%s with sslmode=%s is encrypted', async (host, sslmode, withRoot) => {
    const connector = over(host, { sslmode, ...(withRoot && { sslrootcert: rootCert }) });
    await connector.grant(fixture.edge, call());
    expect(await fixture.holds(fixture.edge)).toBe(true);
    expect(await encrypted()).toBe(true);
  });

  test.each([
    ['an unknown signer', 'localhost', 'verify-full', false],
    ['another name', '127.0.0.1', 'verify-full', true],
  ] as const)(
    'a certificate with %s is refused, and trying again would not help',
    async (_what, host, sslmode, withRoot) => {
      const connector = over(host, { sslmode, ...(withRoot && { sslrootcert: rootCert }) });
      await expect(connector.grant(fixture.edge, call())).rejects.toMatchObject({
        kind: 'terminal',
        code: 'certificate_refused',
        outcomeKnown: true,
      });
      expect(await fixture.holds(fixture.edge)).toBe(false);
    },
  );

  test('a server that does not encrypt never sees the login', async () => {
    const sent: Buffer[] = [];
    fixture.proxy.retarget(Number(new URL(inject('pg18Url')).port));
    fixture.proxy.hold((chunk) => {
      sent.push(chunk);
      return false;
    });
    await expect(
      over('localhost', { sslmode: 'require' }).inspect(fixture.edge, call()),
    ).rejects.toMatchObject({
      kind: 'terminal',
      code: 'certificate_refused',
    });
    expect(Buffer.concat(sent).toString('latin1')).not.toContain(fixture.names.bot);
  });

  test('an encrypted connection that falls silent, or is closed, is cut without harm', async () => {
    const connector = over('localhost', { sslmode: 'require' });
    await Promise.all([1, 2, 3].map(() => connector.inspect(fixture.edge, call())));
    fixture.proxy.hold();
    await expect(connector.inspect(fixture.edge, call(200))).rejects.toMatchObject({ code: 'timeout' });
    fixture.proxy.pass();
    await Promise.all([1, 2, 3].map(() => connector.inspect(fixture.edge, call())));
    fixture.proxy.refuse();
    await expect(connector.inspect(fixture.edge, call())).rejects.toMatchObject({ code: 'unavailable' });
    fixture.proxy.pass();
    await connector.inspect(fixture.edge, call());
    await connector.close();
  });
});

test.each(['prefer', 'allow', 'yes'])('sslmode=%s is refused: it would encrypt only sometimes', (sslmode) => {
  for (const query of [`sslmode=${sslmode}`, `ssl=${sslmode}`]) {
    const url = `postgres://curfew:pw@db.test/app?${query}`;
    expect(postgresConnector.config.safeParse({ kind: 'postgres', url }).success).toBe(false);
  }
});
