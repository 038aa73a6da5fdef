/** What a scrape shows: the work as it was done, and the ledger as it is. */
import { sql } from 'drizzle-orm';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { readLedgerState } from '../../db/ledger-state.ts';
import { createLedgerWatch } from '../../src/http/ledger-watch.ts';
import { createMetrics } from '../../src/observability/metrics.ts';
import { createReconcile } from '../../src/reconcile/reconcile.ts';
import { createHouse, type House, testRole } from '../support/house.ts';
import { createTestLedger, type TestLedger } from '../support/ledger.ts';

let testLedger: TestLedger;
let house: House;

beforeEach(async () => {
  testLedger = await createTestLedger();
  house = await createHouse({ ledger: testLedger });
});
afterEach(() => testLedger.close());

/** The house's reconciler, counted. */
function counted() {
  const { ledger, clocks, ctx } = house;
  const readLedger = () =>
    readLedgerState(ledger.db, { now: clocks.now(), overdueAfterS: ctx.timing.overdueAfterS });
  const metrics = createMetrics({ readLedger });
  const reconcile = createReconcile({ ...ctx, metrics, random: () => 0.5 });
  return {
    metrics,
    settle: () => reconcile.settle(),
    shown: async () => series((await metrics.scrape()).body),
  };
}

/** Name and labels → value. */
function series(body: string): Map<string, number> {
  const lines = body.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => {
      const at = line.lastIndexOf(' ');
      return [line.slice(0, at), Number(line.slice(at + 1))];
    }),
  );
}

test('a life from the request to confirmed absence shows at each step', async () => {
  const { settle, shown } = counted();
  const id = await house.ask();
  await settle();
  let now = await shown();
  expect(now.get('curfew_requests_pending')).toBe(1);
  expect(now.get('curfew_grants{state="starting"}')).toBe(0);
  expect(now.get('curfew_ledger_up')).toBe(1);

  await house.approve(id);
  now = await shown();
  expect(now.get('curfew_requests_pending')).toBe(0);
  expect(now.get('curfew_grants{state="starting"}')).toBe(1);
  expect(now.get('curfew_audit_unsealed_events')).toBeGreaterThan(0);
  // There is no chat in this house: what is to be said waits.
  expect(now.get('curfew_messages_waiting{kind="card"}')).toBeGreaterThan(0);
  expect(now.get('curfew_messages_failing{kind="card"}')).toBe(0);

  await settle();
  now = await shown();
  expect(now.get('curfew_grants{state="live"}')).toBe(1);
  expect(now.get('curfew_audit_unsealed_events')).toBe(0);
  expect(now.get('curfew_connector_calls_total{connector="vault",step="grant",outcome="ok"}')).toBe(1);

  house.vault.state.down = true;
  house.clocks.pass(3600);
  await settle();
  house.clocks.pass(100);
  now = await shown();
  expect(now.get('curfew_grants{state="ending"}')).toBe(1);
  expect(now.get('curfew_revocations_overdue')).toBe(1);
  expect(now.get('curfew_revocation_overdue_oldest_seconds')).toBe(100);
  expect(now.get('curfew_assignments_failing{connector="vault"}')).toBe(1);
  expect(now.get('curfew_connector_calls_total{connector="vault",step="revoke",outcome="unreachable"}')).toBe(
    1,
  );
  expect(now.get('curfew_grants_ended_total{reason="window"}')).toBeUndefined();

  house.vault.state.down = false;
  await settle();
  now = await shown();
  expect(now.get('curfew_grants{state="ending"}')).toBe(0);
  expect(now.get('curfew_revocations_overdue')).toBe(0);
  expect(now.get('curfew_revocation_overdue_oldest_seconds')).toBe(0);
  expect(now.has('curfew_assignments_failing{connector="vault"}')).toBe(false);
  expect(now.get('curfew_grants_ended_total{reason="window"}')).toBe(1);
  expect(now.get('curfew_revocation_lag_seconds_sum{reason="window"}')).toBe(100);
  expect(now.get('curfew_revocation_lag_seconds_count{reason="window"}')).toBe(1);
  expect(now.get('curfew_connector_call_duration_seconds_count{connector="vault",step="revoke"}')).toBe(2);
  // Each settling sweeps twice.
  expect(now.get('curfew_sweep_duration_seconds_count')).toBe(8);
});

test('the lag of a window that closed while Curfew was down counts from its end, not from the restart', async () => {
  const { settle, shown } = counted();
  await house.approve(await house.ask());
  await settle();
  house.clocks.pass(3600 + 900);
  await settle();
  expect((await shown()).get('curfew_revocation_lag_seconds_sum{reason="window"}')).toBe(900);
});

test('a grant that never reached its target ends without a lag: nothing was taken away', async () => {
  const { settle, shown } = counted();
  const id = await house.ask();
  await house.approve(id);
  house.vault.state.down = true;
  await settle();
  house.clocks.pass(3600);
  await settle();
  const now = await shown();
  expect(now.get('curfew_grants_ended_total{reason="failed"}')).toBe(1);
  expect(now.has('curfew_revocation_lag_seconds_count{reason="failed"}')).toBe(false);
});

test('so does one whose access another grant still holds; the last one has the lag', async () => {
  const other = testRole({ name: 'prod-dba-too' });
  const both = await createHouse({ ledger: testLedger, roles: [testRole(), other] });
  house = both;
  const { settle, shown } = counted();
  await both.approve(await both.ask('ana', 'prod-dba', 3600));
  await settle();
  await both.approve(await both.ask('ana', 'prod-dba-too', 7200));
  await settle();
  both.clocks.pass(3600);
  await settle();
  expect((await shown()).get('curfew_grants_ended_total{reason="window"}')).toBe(1);
  expect((await shown()).has('curfew_revocation_lag_seconds_count{reason="window"}')).toBe(false);
  both.clocks.pass(3600);
  await settle();
  expect((await shown()).get('curfew_grants_ended_total{reason="window"}')).toBe(2);
  expect((await shown()).get('curfew_revocation_lag_seconds_count{reason="window"}')).toBe(1);
});

test('a part of a sweep that fails is counted, and the sweep is over all the same', async () => {
  const { metrics, settle, shown } = counted();
  await house.ledger.db.execute(sql`alter table deliveries rename to elsewhere`);
  await settle();
  const now = await shown();
  expect(now.get('curfew_sweep_part_failures_total{part="forget"}')).toBe(1);
  expect(metrics.secondsSinceSweep()).toBeLessThan(30);
});

describe('a scrape', () => {
  test('without a ledger says so, and shows no old numbers', async () => {
    let up = true;
    const { ledger, clocks, ctx } = house;
    const read = createLedgerWatch({ ledger, clocks, timing: ctx.timing });
    const metrics = createMetrics({ readLedger: () => (up ? read() : Promise.reject(new Error('down'))) });
    const ours = async () =>
      [...series((await metrics.scrape()).body).keys()].filter((name) => name.startsWith('curfew_'));
    expect(await ours()).toContain('curfew_revocations_overdue');
    up = false;
    const shown = series((await metrics.scrape()).body);
    expect(shown.get('curfew_ledger_up')).toBe(0);
    expect(
      (await ours()).filter((name) => /grants|requests|revocation|assignments|messages|audit/.test(name)),
    ).toEqual([]);
  });

  test('counts answers, deliveries and the process; two counters never share their numbers', async () => {
    const { metrics, shown } = counted();
    const other = counted();
    metrics.responded({ route: 'slack', status: '200', seconds: 0.01 });
    metrics.delivered({ platform: 'slack', kind: 'action' });
    const now = await shown();
    expect(now.get('curfew_http_responses_total{route="slack",status="200"}')).toBe(1);
    expect(now.get('curfew_deliveries_total{platform="slack",kind="action"}')).toBe(1);
    expect(now.get('process_resident_memory_bytes')).toBeGreaterThan(0);
    expect((await other.shown()).has('curfew_http_responses_total{route="slack",status="200"}')).toBe(false);
  });
});

test('a sweep that is over starts the count of seconds since the last anew', () => {
  let ms = 0;
  const metrics = createMetrics({ readLedger: () => Promise.reject(new Error('down')), monotonic: () => ms });
  ms = 7_000;
  expect(metrics.secondsSinceSweep()).toBe(7);
  metrics.swept({ seconds: 0.1 });
  ms = 9_000;
  expect(metrics.secondsSinceSweep()).toBe(2);
});

describe('with many ended grants', () => {
  let full: TestLedger;
  beforeAll(async () => {
    full = await createTestLedger();
    await fill(full, 20_000);
  });
  afterAll(() => full.close());

  test('none of them is read for a scrape', async () => {
    await full.ledger.tx(async (tx) => {
      // Counted by the server; what this connection did before is in it too.
      const rowsRead = async () => {
        const [row] = await tx
          .select({ count: sql<number>`sum(seq_tup_read + coalesce(idx_tup_fetch, 0))::int` })
          .from(sql`pg_stat_xact_user_tables`)
          .where(sql`relname in ('grants', 'requests', 'cards', 'notices')`);
        return row?.count ?? 0;
      };
      const before = await rowsRead();
      const state = await readLedgerState(tx, { now: new Date(), overdueAfterS: 60 });
      expect(state.grants).toEqual({ starting: 0, live: 3, ending: 0 });
      expect((await rowsRead()) - before).toBe(3);
    });
  });
});

/** Ended lives, each with its card and its line, and three live ones. */
async function fill({ ledger }: TestLedger, count: number): Promise<void> {
  await ledger.tx(async (tx) => {
    await tx.execute(sql`
      insert into principals (id, email, name, bound_at) values (1, 'ana@acme.test', 'ana', now())`);
    await tx.execute(sql`
      insert into requests (id, kind, platform, requester_id, subject_id, role, role_title, risk, environment, duration_s,
        reason, entitlements, state, decision, created_at, expires_at)
      select 'R-' || n, 'access', 'slack', 1, 1, 'prod-dba', 'DBA', 'high', 'production', 3600, 'why', '[]', 'approved', '{}',
        now(), now() from generate_series(1, ${count}::int) n`);
    await tx.execute(sql`
      insert into grants (id, subject_id, role, state, duration_s, approved_at, start_by, ends_at)
      select 'R-' || n, 1, 'prod-dba', case when n <= 3 then 'live' else 'ended' end, 3600,
        now(), now(), now() + interval '1 hour' from generate_series(1, ${count}::int) n`);
    await tx.execute(sql`
      insert into cards (request_id, audience, platform, recipient)
      select 'R-' || n, 'channel', 'slack', '#access' from generate_series(1, ${count}::int) n`);
    await tx.execute(sql`
      insert into notices (request_id, audience, platform, notice, at)
      select 'R-' || n, 'thread', 'slack', '{}', now() from generate_series(1, ${count}::int) n`);
  });
  await ledger.db.execute(sql`analyze`);
}
