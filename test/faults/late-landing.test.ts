/**
 * A process dies while its GRANT waits for a lock in the target. What it asked for may land after its
 * death; it never outlasts the access, and nobody is told that it is over while it can still come.
 */
import { afterAll, afterEach, beforeAll, beforeEach, expect, inject, it, vi } from 'vitest';
import type { Ledger } from '../../db/client.ts';
import { grants } from '../../db/schema.ts';
import { createFaultGround, type FaultCase, type FaultGround } from '../support/fault-case.ts';
import { actionsIn } from '../support/fault-problems.ts';
import { endChildren, type FaultChild, startChild } from '../support/fault-processes.ts';
import type { TargetPlan } from '../support/fault-target.ts';

const MINUTE = { ledgerS: 61, realS: 61 };
const TEN_MINUTES = { ledgerS: 601, realS: 601 };

let ground: FaultGround;
let kase: FaultCase;
let ledger: Ledger;
let second: FaultChild;
beforeAll(async () => {
  // On 15 a REVOKE does not wait for a GRANT that waits: absence is seen while the GRANT is still to come.
  ground = await createFaultGround(inject('pg15Url'));
});
beforeEach(async () => {
  kase = await ground.begin();
  ledger = kase.look();
  second = startChild();
});
afterEach(async () => {
  await second.kill();
  await ledger.close();
  await kase.end();
});
afterAll(async () => {
  await endChildren();
  await ground.close();
});

/** The first process dies while its GRANT waits. `letGo` lets the GRANT go on. */
async function dieWaiting(target: Partial<TargetPlan>) {
  const blocker = await kase.admin.reserve();
  await blocker.unsafe(`begin; grant ${kase.role} to ${kase.who}`);
  const first = startChild();
  await first.run('open', kase.plan({ target }));
  const asked = await first.run('ask', { who: kase.who, deliveryKey: 'ask' });
  const id = asked.ok ? asked.id : expect.fail('refused');
  await first.run('approve', { who: 'omar', id, deliveryKey: 'approve' });
  first.run('settle', null).catch(() => {});
  const [waiting] = await vi.waitFor(
    async () => {
      const rows = await kase.admin<{ pid: number }[]>`
        select pid from pg_stat_activity
        where wait_event_type = 'Lock' and query ilike '%grant %' and query like ${`%${kase.who}%`}`;
      expect(rows).toHaveLength(1);
      return rows;
    },
    { interval: 50 },
  );
  await first.kill();
  return {
    id,
    async letGo() {
      await blocker.unsafe('rollback');
      blocker.release();
      await vi.waitFor(
        async () => {
          expect(await kase.admin`select from pg_stat_activity where pid = ${waiting?.pid ?? 0}`).toEqual([]);
        },
        { interval: 50 },
      );
    },
  };
}

const state = async () => (await ledger.db.select().from(grants))[0]?.state;

async function later(seconds: typeof MINUTE): Promise<void> {
  await second.run('pass', seconds);
  await second.run('settle', null);
}

it('is not said to be over while a GRANT of the dead may still land, and is over once it has landed and was removed', async () => {
  const target = { careless: true, maxLateLandingS: 600 };
  const { id, letGo } = await dieWaiting(target);
  await second.run('open', kase.plan({ target, ahead: MINUTE }));
  await second.run('revoke', { who: 'omar', id, deliveryKey: 'revoke' });
  await second.run('settle', null);
  expect(await kase.members()).toEqual([]);
  expect(await state()).toBe('ending');

  await letGo();
  expect(await kase.members()).toEqual([kase.who]);
  await later(TEN_MINUTES);
  await later(MINUTE);
  expect(await kase.members()).toEqual([]);
  expect(await state()).toBe('ended');
  expect(kase.lies()).toEqual([]);
});

it('is found by reading again and removed, when it lands even later than the target declares', async () => {
  const target = { careless: true, maxLateLandingS: 5 };
  const { id, letGo } = await dieWaiting(target);
  await second.run('open', kase.plan({ target, ahead: MINUTE }));
  await second.run('revoke', { who: 'omar', id, deliveryKey: 'revoke' });
  await second.run('settle', null);
  await later(MINUTE);
  expect(await state()).toBe('ended');

  await letGo();
  expect(await kase.members()).toEqual([kase.who]);
  await later(TEN_MINUTES);
  await later(MINUTE);
  expect(await kase.members()).toEqual([]);
  expect(await actionsIn(ledger)).toContain('access.landed_late');
  expect(kase.lies()).toEqual([]);
});

it('does not land at all by the real connector, and who comes next gives the access', async () => {
  const { letGo } = await dieWaiting({});
  await letGo();
  expect(await kase.members()).toEqual([]);
  await second.run('open', kase.plan({ ahead: MINUTE }));
  await second.run('settle', null);
  expect(await kase.members()).toEqual([kase.who]);
  expect(await state()).toBe('live');
  expect(kase.lies()).toEqual([]);
});
