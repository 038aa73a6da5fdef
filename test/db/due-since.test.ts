/** "Since when should it be gone?" has one answer, whoever asks: code, ledger, health, command line, alerts. */

import { sql } from 'drizzle-orm';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { dueNow } from '../../db/due-now.ts';
import { type GrantRow, lockOverdueGrants } from '../../db/grants.ts';
import { readLedgerState } from '../../db/ledger-state.ts';
import { bindPrincipal } from '../../db/principals.ts';
import { dueSinceOf, grants, requests } from '../../db/schema.ts';
import { createLedgerService } from '../../src/control/serve-ledger.ts';
import { dueSince, GRANT_STATES, isOverdue } from '../../src/domain/grant.ts';
import { emptyLedger } from '../support/empty-ledger.ts';
import { createTestLedger, type TestLedger } from '../support/ledger.ts';

const at = (minute: number) => new Date(Date.UTC(2026, 10, 20, 14, minute));
const OVERDUE_AFTER_S = 60;

let test: TestLedger;
beforeAll(async () => {
  test = await createTestLedger();
});
beforeEach(() => emptyLedger(test.ledger));
afterAll(() => test.close());

const minute = fc.integer({ min: 0, max: 120 }).map(at);
const maybe = fc.option(minute);
const anyTimes = fc
  .record({
    state: fc.constantFrom(...GRANT_STATES),
    startBy: minute,
    endsAt: minute,
    liveAt: maybe,
    endingAt: maybe,
  })
  .map((times) => ({
    ...times,
    liveAt:
      times.state === 'live' ? (times.liveAt ?? at(0)) : times.state === 'starting' ? null : times.liveAt,
    endingAt: times.state === 'ending' || times.state === 'ended' ? (times.endingAt ?? at(60)) : null,
  }));

async function insert(all: readonly Partial<GrantRow>[]): Promise<void> {
  const identity = { platform: 'slack', workspace: 'T1', userId: 'U1', email: 'ana@acme.test', name: 'Ana' };
  const bound = await bindPrincipal(
    test.ledger.db,
    { ...identity, timeZone: null },
    { now: at(0), platforms: ['slack'] },
  );
  const subjectId = bound.ok ? bound.principal.id : expect.fail('not bound');
  const common = { subjectId, role: 'prod-dba', durationS: 3600 };
  await test.ledger.db.insert(requests).values(
    all.map((_, i) => ({
      ...common,
      id: `R-${i}`,
      kind: 'access' as const,
      platform: 'slack',
      requesterId: subjectId,
      roleTitle: 'DBA',
      risk: 'high',
      environment: 'production',
      reason: 'failing over',
      entitlements: [],
      state: 'approved' as const,
      decision: {} as never,
      createdAt: at(0),
      expiresAt: at(60),
    })),
  );
  const set = { startBy: at(15), endsAt: at(60), state: 'live' as const };
  await test.ledger.db
    .insert(grants)
    .values(all.map((each, i) => ({ ...common, ...set, approvedAt: at(0), ...each, id: `R-${i}` })));
}

it('is the same for any grant in the code and in the ledger', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyTimes, { minLength: 1, maxLength: 30 }), async (all) => {
      await emptyLedger(test.ledger);
      await insert(all);
      const rows = await test.ledger.db
        .select({ grant: grants, since: sql<string>`${dueSinceOf(grants)}` })
        .from(grants);
      for (const { grant, since } of rows) expect(new Date(since)).toEqual(dueSince(grant));
    }),
    { numRuns: 15 },
  );
});

it('is the same in health, at the command line and for who is called', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyTimes, { minLength: 1, maxLength: 30 }), minute, async (all, now) => {
      await emptyLedger(test.ledger);
      await insert(all);
      const { ledger } = test;
      const rows = await ledger.db.select().from(grants);
      const clock = { now, overdueAfterS: OVERDUE_AFTER_S };
      const expected = rows.filter((row) => isOverdue(row, clock)).map(({ id }) => id);

      const state = await readLedgerState(ledger.db, clock);
      expect(state.overdue.count).toBe(expected.length);
      const before = new Date(now.getTime() - OVERDUE_AFTER_S * 1000);
      const called = await ledger.tx((tx) => lockOverdueGrants(tx, before, 100));
      expect(called.map(({ id }) => id).toSorted()).toEqual(expected.toSorted());
      expect((await dueNow(ledger.db, now, before)).overdue).toBe(expected.length > 0);

      const clocks = { now: () => now, real: () => now };
      const service = createLedgerService({ ledger, clocks, overdueAfterS: OVERDUE_AFTER_S, nudge() {} });
      const listed = (await service.grants({ selection: {}, ended: true })).grants;
      expect(
        listed
          .filter(({ overdue }) => overdue)
          .map(({ id }) => id)
          .toSorted(),
      ).toEqual(expected.toSorted());
      const oldest = rows.filter(({ id }) => expected.includes(id)).map((row) => dueSince(row).getTime());
      expect(state.overdue.oldestS).toBe(
        oldest.length === 0 ? 0 : (now.getTime() - Math.min(...oldest)) / 1000,
      );
    }),
    { numRuns: 15 },
  );
});

it.each([
  ['its end', { state: 'live', liveAt: at(1) }, 60],
  ['its end, where that was noticed late', { state: 'ending', liveAt: at(1), endingAt: at(90) }, 60],
  ['an earlier end', { state: 'ending', liveAt: at(1), endingAt: at(30) }, 30],
  ['when it had to be live, where it never was', { state: 'starting' }, 15],
  ['when it had to be live, also where that was noticed late', { state: 'ending', endingAt: at(40) }, 15],
] as const)('is %s', (_, over, minutes) => {
  const grant = { startBy: at(15), endsAt: at(60), liveAt: null, endingAt: null, ...over };
  expect(dueSince(grant)).toEqual(at(minutes));
});
