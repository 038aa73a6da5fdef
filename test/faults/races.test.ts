/** Two and three processes on one ledger: decided once, done once, and whoever comes second is told. */
import postgres from 'postgres';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it, vi } from 'vitest';
import { verifyAudit } from '../../db/audit-verify.ts';
import type { Ledger } from '../../db/client.ts';
import { grants, requests } from '../../db/schema.ts';
import { createDatabase } from '../../src/playground/postgres-server.ts';
import { createFaultGround, type FaultCase, type FaultGround } from '../support/fault-case.ts';
import { actionsIn } from '../support/fault-problems.ts';
import { endChildren, type FaultChild, startChild } from '../support/fault-processes.ts';

const HOUR = { ledgerS: 3_600, realS: 3_600 };
const ROUNDS = 5;
const BOUND_MS = 900_000;

let ground: FaultGround;
let kase: FaultCase;
let ledger: Ledger;
let children: readonly [FaultChild, FaultChild, FaultChild];
beforeAll(async () => {
  ground = await createFaultGround();
  children = [startChild(), startChild(), startChild()];
});
afterAll(async () => {
  await endChildren();
  await ground.close();
});

async function open(people: number): Promise<void> {
  kase = await ground.begin(people);
  ledger = kase.look();
  await Promise.all(children.map((child) => child.run('open', kase.plan())));
}
async function close(): Promise<void> {
  expect(kase.lies()).toEqual([]);
  expect(await verifyAudit(ledger.db, null)).toMatchObject({ ok: true });
  await Promise.all(children.map((child) => child.run('close', null)));
  await ledger.close();
  await kase.end();
}

async function ask(who: string): Promise<string> {
  const asked = await children[0].run('ask', { who, deliveryKey: `ask ${who}` });
  return asked.ok ? asked.id : expect.fail(JSON.stringify(asked.refusal));
}
const approve = (child: FaultChild, who: string, id: string) =>
  child.run('approve', { who, id, deliveryKey: `approve ${who} ${id}` });
const settleAll = () => Promise.all(children.map((child) => child.run('settle', null)));

async function count(action: string): Promise<number> {
  return (await actionsIn(ledger)).filter((each) => each === action).length;
}

/** Resolves once that many sessions wait for a lock in the ledger. */
function untilWaiting(many: number): Promise<void> {
  return vi.waitFor(
    async () => {
      const waiting = await kase.sql`
        select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
      expect(waiting).toHaveLength(many);
    },
    { interval: 20 },
  );
}

describe('three processes that sweep at once', () => {
  beforeEach(() => open(30));
  afterEach(close);

  it(
    'give and take away the access of thirty people, each with one call',
    async () => {
      for (const who of kase.accounts) await approve(children[0], 'omar', await ask(who));
      await settleAll();
      expect((await kase.members()).toSorted()).toEqual(kase.accounts.toSorted());
      expect((await ledger.db.select().from(grants)).map(({ state }) => state)).toEqual(
        Array(30).fill('live'),
      );

      await Promise.all(children.map((child) => child.run('pass', HOUR)));
      await settleAll();
      await settleAll();
      expect(await kase.members()).toEqual([]);
      const steps = kase.steps();
      for (const call of [
        'target: before GRANT',
        'target: before REVOKE',
        'target: before the end of sessions',
      ]) {
        expect([call, steps.filter((step) => step === call).length]).toEqual([call, 30]);
      }
      for (const action of [
        'grant.attempted',
        'grant.live',
        'grant.ending',
        'revoke.attempted',
        'grant.ended',
      ]) {
        expect([action, await count(action)]).toEqual([action, 30]);
      }
    },
    BOUND_MS,
  );
});

describe('two or three processes at the same instant', () => {
  beforeEach(() => open(ROUNDS));
  afterEach(close);

  it(
    'decide a request once, whichever of two approvers comes first, and tell the other',
    async () => {
      for (const who of kase.accounts) {
        const id = await ask(who);
        const votes = await kase.sql.begin(async (tx) => {
          await tx`select from requests where id = ${id} for update`;
          const both = [approve(children[0], 'omar', id), approve(children[1], 'lea', id)];
          await untilWaiting(2);
          return both;
        });
        const [won, lost] = (await Promise.all(votes)).toSorted((a, b) => Number(b.ok) - Number(a.ok));
        expect(won).toMatchObject({ ok: true, state: 'approved' });
        expect(lost).toMatchObject({ ok: false, refusal: { code: 'policy', rule: 'pending' } });
      }
      expect(await ledger.db.select().from(grants)).toHaveLength(ROUNDS);
      expect(await count('request.approved')).toBe(ROUNDS);
      expect(await count('vote.refused')).toBe(ROUNDS);
    },
    BOUND_MS,
  );

  it('take the same delivery as one, and give both the same answer', async () => {
    const ids: (string | null)[] = [];
    for (const who of kase.accounts) {
      const delivery = { who, deliveryKey: `twice ${who}` };
      const asked = await kase.sql.begin(async (tx) => {
        await tx`lock table deliveries in share mode`;
        const both = [children[0], children[1]].map((child) => child.run('ask', delivery));
        await untilWaiting(2);
        return both;
      });
      const answers = await Promise.all(asked);
      expect(answers[0]).toMatchObject({ ok: true });
      expect(answers[1]).toEqual(answers[0]);
      ids.push(answers[0]?.ok ? answers[0].id : null);
    }
    expect((await ledger.db.select().from(requests)).map(({ id }) => id).toSorted()).toEqual(ids.toSorted());
    expect(await count('request.created')).toBe(ROUNDS);
  });

  it(
    'end access once, when it is handed back, revoked and past its end all at once',
    async () => {
      const [first, second, third] = children;
      await third.run('pass', HOUR);
      for (const who of kase.accounts) {
        const id = await ask(who);
        await approve(first, 'omar', id);
        await first.run('settle', null);
        const [done, revoked] = await Promise.all([
          first.run('done', { who, id, deliveryKey: `done ${id}` }),
          second.run('revoke', { who: 'omar', id, deliveryKey: `revoke ${id}` }),
          third.run('settle', null),
        ]);
        expect([done, revoked].filter(({ ok }) => ok).length).toBeLessThanOrEqual(1);
        for (const answer of [done, revoked]) {
          if (!answer.ok) expect(answer.refusal).toEqual({ code: 'already-over', id });
        }
        await settleAll();
      }
      expect(await kase.members()).toEqual([]);
      for (const action of ['grant.live', 'grant.ending', 'grant.ended']) {
        expect([action, await count(action)]).toEqual([action, ROUNDS]);
      }
    },
    BOUND_MS,
  );
});

describe('a freeze', () => {
  it('that was answered is not followed by a new grant: it waits for an approval that is under way', async () => {
    await open(2);
    const [who, other] = kase.accounts;
    const [first, later] = [await ask(who ?? ''), await ask(other ?? '')];
    const holder = startChild();
    await holder.run(
      'open',
      kase.plan({
        steps: { holdAt: 'ledger: before the commit of vote.approved, account.linked, request.approved' },
      }),
    );
    const approval = approve(holder, 'omar', first);
    await holder.held;
    let frozen = false;
    const freeze = children[1].run('freeze', { on: true }).then(() => {
      frozen = true;
    });
    await untilWaiting(1);
    expect(frozen).toBe(false);
    await holder.run('release', null);
    expect(await approval).toMatchObject({ ok: true, state: 'approved' });
    await freeze;
    expect(await approve(children[2], 'omar', later)).toMatchObject({ ok: false });
    expect(await ledger.db.select().from(grants)).toHaveLength(1);
    await holder.run('close', null);
    await holder.kill();
    await close();
  });
});

describe('three replicas that start at once', () => {
  it('on an empty database apply each migration once', async () => {
    const database = await createDatabase(inject('pg18Url'));
    kase = await ground.begin();
    const plan = kase.plan({ ledger: { url: database.url } });
    await Promise.all(children.map((child) => child.run('open', plan)));
    await Promise.all(children.map((child) => child.run('migrate', null)));
    const sql = postgres(database.url, { max: 1, onnotice: () => {} });
    const applied = await sql<{ hash: string }[]>`select hash from drizzle.__drizzle_migrations`;
    expect(applied.length).toBeGreaterThan(0);
    expect(new Set(applied.map(({ hash }) => hash)).size).toBe(applied.length);
    expect(await sql`select from audit_events`).toEqual([]);
    await sql.end();
    await Promise.all(children.map((child) => child.run('close', null)));
    await kase.end();
    await database.drop();
  });
});
