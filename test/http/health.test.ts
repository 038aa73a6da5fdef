/** Probes tell the truth, tell nothing private, and never take replicas away because a target is down. */
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { openPostgres } from '../../db/client.ts';
import { createHealth, type Health, type HealthOptions } from '../../src/http/health.ts';
import { createLedgerWatch } from '../../src/http/ledger-watch.ts';
import { packageRoot } from '../../src/package-root.ts';
import { createDatabase } from '../../src/playground/postgres-server.ts';
import { createHouse, type House } from '../support/house.ts';
import { createTestLedger, type TestLedger } from '../support/ledger.ts';

const NO_TROUBLE = { ok: true, body: { ready: true, reasons: [] } };

describe.each(['postgres', 'embedded'] as const)('on %s', (kind) => {
  let testLedger: TestLedger;
  let house: House;
  let sinceSweepS: number;
  let chatReady: boolean;

  beforeAll(async () => {
    testLedger = await createTestLedger(kind);
    house = await createHouse({ ledger: testLedger });
  });
  afterAll(async () => {
    await house.close();
    await testLedger.close();
  });
  beforeEach(() => {
    sinceSweepS = 0.5;
    chatReady = true;
  });

  /** A new one for each question: within a second, an answer would be the last one's. */
  function health(options: Partial<HealthOptions> = {}): Health {
    const { ledger, clocks, ctx } = house;
    return createHealth({
      ledger,
      readLedger: createLedgerWatch({ ledger, clocks, timing: ctx.timing }),
      metrics: { secondsSinceSweep: () => sinceSweepS },
      packageRoot: packageRoot(),
      chatReady: () => chatReady,
      ...options,
    });
  }

  test('it is ready with a migrated ledger and a chat that works', async () => {
    expect(await health().ready()).toEqual(NO_TROUBLE);
  });

  test('without chat it is alive, but not ready', async () => {
    chatReady = false;
    expect(await health().ready()).toMatchObject({ ok: false, body: { reasons: ['Chat cannot be used.'] } });
    expect(await health().alive()).toMatchObject({ ok: true, body: { chat: 'down' } });
  });

  test('while shutting down it is not ready any more, at once', async () => {
    const one = health();
    expect(await one.ready()).toEqual(NO_TROUBLE);
    one.drain();
    expect(await one.ready()).toMatchObject({ ok: false, body: { reasons: ['It is shutting down.'] } });
  });

  test('without a sweep for a minute it is not alive: something hangs', async () => {
    sinceSweepS = 59;
    expect(await health().alive()).toMatchObject({
      ok: true,
      body: { lastSweepSecondsAgo: 59, status: 'late' },
    });
    sinceSweepS = 60;
    expect(await health().alive()).toMatchObject({ ok: false, body: { status: 'stalled' } });
  });

  test('a dead target and overdue access are told in counts and connectors’ names, and change nothing else', async () => {
    const id = await house.ask();
    await house.approve(id);
    await house.settle();
    house.vault.state.down = true;
    house.clocks.pass(3600 + 59);
    await house.settle();
    expect(await health().alive()).toMatchObject({
      body: { revocationsOverdue: 0, oldestOverdueSeconds: 0 },
    });
    house.clocks.pass(61);
    const alive = await health().alive();
    expect(alive).toEqual({
      ok: true,
      body: {
        status: 'ok',
        lastSweepSecondsAgo: 0.5,
        ledger: 'ok',
        chat: 'ok',
        revocationsOverdue: 1,
        oldestOverdueSeconds: 120,
        assignmentsFailing: { vault: 1 },
        auditUnsealed: 0,
      },
    });
    expect(JSON.stringify(alive)).not.toMatch(/ana|acme|dba|R-/);
    expect(await health().ready()).toEqual(NO_TROUBLE);

    house.vault.state.down = false;
    house.clocks.pass(60);
    await house.settle();
    expect(await health().alive()).toMatchObject({ body: { revocationsOverdue: 0, assignmentsFailing: {} } });
  });

  test('access that nobody ended when its time came is overdue too', async () => {
    const id = await house.ask('ben');
    await house.approve(id);
    await house.settle();
    house.clocks.pass(3600 + 90);
    expect(await health().alive()).toMatchObject({
      body: { revocationsOverdue: 1, oldestOverdueSeconds: 90 },
    });
  });
});

describe('a ledger in trouble', () => {
  const metrics = { secondsSinceSweep: () => 0 };
  const common = { metrics, packageRoot: packageRoot(), chatReady: () => true };
  const noState = () => Promise.reject(new Error('down'));

  test('an unmigrated ledger is not ready', async () => {
    const database = await createDatabase(inject('pg18Url'));
    const ledger = openPostgres(database.url, { max: 1 });
    const reasons = ['The ledger is not migrated to this version.'];
    const health = createHealth({ ...common, ledger, readLedger: noState });
    expect(await health.ready()).toEqual({ ok: false, body: { ready: false, reasons } });
    await ledger.close();
    await database.drop();
  });

  test('one that a newer version has migrated is fine; one that an older version has, is not', async () => {
    const { ledger, close } = await createTestLedger();
    const ready = () => createHealth({ ...common, ledger, readLedger: noState }).ready();
    await ledger.db.execute(
      sql`insert into drizzle.__drizzle_migrations (hash, created_at) values ('newer', 9000000000000)`,
    );
    expect(await ready()).toMatchObject({ ok: true });
    await ledger.db.execute(
      sql`delete from drizzle.__drizzle_migrations where id > (select min(id) from drizzle.__drizzle_migrations)`,
    );
    expect(await ready()).toMatchObject({ ok: false });
    await close();
  });

  test('one that hangs gives an answer in time, and is asked once, however many ask', async () => {
    const { ledger, url, close } = await createTestLedger();
    const blocker = openPostgres(url, { max: 1 });
    const health = createHealth({ ...common, ledger, readLedger: noState, withinMs: 200 });
    await blocker.tx(async (tx) => {
      await tx.execute(sql`lock table drizzle.__drizzle_migrations in access exclusive mode`);
      const answers = await Promise.all(Array.from({ length: 50 }, () => health.ready()));
      for (const answer of answers) {
        expect(answer).toEqual({
          ok: false,
          body: { ready: false, reasons: ['The ledger does not answer.'] },
        });
      }
      const waiting = async () => {
        const [row] = await tx
          .select({ count: sql<number>`count(*)::int` })
          .from(sql`pg_stat_activity`)
          .where(sql`datname = current_database() and wait_event_type = 'Lock'`);
        return row?.count ?? 0;
      };
      await expect.poll(waiting).toBeGreaterThan(0);
      expect(await waiting()).toBe(1);
    });
    await blocker.close();
    await close();
  });

  test('a process whose ledger is gone is not ready, but alive: a restart would not help', async () => {
    const { ledger, close } = await createTestLedger();
    await close();
    const health = createHealth({ ...common, ledger, readLedger: noState });
    expect(await health.ready()).toMatchObject({
      ok: false,
      body: { reasons: ['The ledger does not answer.'] },
    });
    expect(await health.alive()).toMatchObject({
      ok: true,
      body: { ledger: 'down', revocationsOverdue: null, auditUnsealed: null },
    });
  });
});
