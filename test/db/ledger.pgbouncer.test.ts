/** A ledger, and a target, behind PgBouncer in transaction mode: found out by itself, and nothing left on a connection. */
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { connectPostgres, type Ledger, openPostgres } from '../../db/client.ts';
import { migrateLedger } from '../../db/migrate.ts';
import { sqlState } from '../../db/sql-state.ts';
import { packageRoot } from '../../src/package-root.ts';
import { createDatabase } from '../../src/playground/postgres-server.ts';
import { liveGrant } from '../support/acts.ts';
import { callContext } from '../support/connector-fixture.ts';
import { createHouse } from '../support/house.ts';
import { type PgBouncer, startPgBouncer } from '../support/pgbouncer.ts';
import { postgresFixture } from '../support/postgres-fixture.ts';

const setting = async (db: Ledger['db'], name: string) => {
  const [row] = await db
    .select({ value: sql<string>`current_setting(${name}::text)` })
    .from(sql`(select 1) as one`);
  return row?.value;
};

describe.each([
  ['which refuses settings of a session', [], ''],
  ['which was told to ignore them', ['ignore_startup_parameters = statement_timeout,lock_timeout'], ''],
  ['which the URL names', [], '?pgbouncer=true'],
])('a ledger behind PgBouncer, %s,', (_, settings, query) => {
  let bouncer: PgBouncer;
  let database: Awaited<ReturnType<typeof createDatabase>>;
  let ledger: Ledger;

  beforeAll(async () => {
    bouncer = await startPgBouncer(inject('pg18Url'), settings);
    database = await createDatabase(inject('pg18Url'));
    ledger = await connectPostgres(`${bouncer.url(database.url)}${query}`, { max: 6 });
    await migrateLedger(ledger, packageRoot());
  });
  afterAll(async () => {
    await ledger.close();
    await bouncer.stop();
    await database.drop();
  });

  it('gives access and takes it away', async () => {
    const house = await createHouse({ ledger: { ledger, url: '', close: async () => {} } });
    const id = await liveGrant(house);
    expect(house.vault.holds('dba', 'ana')).toBe(true);
    house.clocks.pass(3600);
    await house.settle();
    expect(house.vault.holds('dba', 'ana')).toBe(false);
    expect((await house.view(id)).grant?.state).toBe('ended');
  });

  it('limits the time of every statement, by itself and in a transaction', async () => {
    expect(await setting(ledger.db, 'statement_timeout')).toBe('30s');
    expect(await ledger.tx((tx) => setting(tx, 'lock_timeout'))).toBe('10s');
  });

  it('leaves no setting on a connection that others borrow next', async () => {
    const direct = openPostgres(`${bouncer.url(database.url)}?pgbouncer=true`, { max: 1 });
    await ledger.tx(async (tx) => {
      await tx.execute(sql`set local statement_timeout = '1s'`);
    });
    expect(await setting(direct.db, 'statement_timeout')).toBe('30s');
    await direct.close();
  });

  it('rolls back what fails, says why, and goes on', async () => {
    const failed = ledger.tx(async (tx) => {
      await tx.execute(sql`create table left_over (id int)`);
      await tx.execute(sql`select 1 / 0`);
    });
    expect(await failed.then(() => 'done', sqlState)).toBe('22012');
    expect(await ledger.db.execute(sql`select 1 / 0`).then(() => 'done', sqlState)).toBe('22012');
    const [row] = await ledger.db
      .select({ found: sql<string | null>`to_regclass('left_over')::text` })
      .from(sql`(select 1) as one`);
    expect(row?.found).toBeNull();
  });

  it('serves many at once over few connections', async () => {
    const sums = await Promise.all(
      Array.from({ length: 60 }, (_unused, n) =>
        ledger.tx(async (tx) => {
          const [row] = await tx.select({ n: sql<number>`${n}::int + 1` }).from(sql`(select 1) as one`);
          return row?.n;
        }),
      ),
    );
    expect(sums).toEqual(Array.from({ length: 60 }, (_unused, n) => n + 1));
  });
});

it('a server that is asked directly keeps its settings on its connections', async () => {
  const ledger = await connectPostgres(inject('pg18Url'), { max: 1 });
  expect(await setting(ledger.db, 'statement_timeout')).toBe('30s');
  await ledger.close();
});

it('a target behind PgBouncer is granted, read and revoked', async () => {
  const fixture = await postgresFixture(inject('pg18Url'), inject('pg15Url'));
  const { username, password } = new URL(fixture.url);
  const login = new URL(inject('pg18Url'));
  Object.assign(login, { username, password });
  const bouncer = await startPgBouncer(login.href);
  const connector = fixture.connect({ url: bouncer.url(`${login.href}?pgbouncer=true`) });
  const call = () => callContext(null, { forMs: 10_000 });
  await connector.grant(fixture.edge, call());
  expect(await fixture.holds(fixture.edge)).toBe(true);
  expect((await connector.inspect(fixture.edge, call())).direct).toBe(true);
  await connector.revoke(fixture.edge, call());
  expect(await fixture.holds(fixture.edge)).toBe(false);
  await fixture.tearDown();
  await bouncer.stop();
});
