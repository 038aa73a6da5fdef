/** The embedded ledger, whose process is killed: what was committed is there when the next one opens it. */
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { openEmbedded } from '../../db/client.ts';
import { migrateLedger } from '../../db/migrate.ts';
import { packageRoot } from '../../src/package-root.ts';
import { createFaultGround, type FaultCase, type FaultGround } from '../support/fault-case.ts';
import { actionsIn, problemsAfterLife } from '../support/fault-problems.ts';
import { ChildGone, endChildren, startChild } from '../support/fault-processes.ts';
import { PATIENCE_MS } from '../support/patience.ts';

const BOUND_MS = 5 * PATIENCE_MS;
const HOUR = { ledgerS: 3_600, realS: 3_600 };
const MINUTE = { ledgerS: 61, realS: 61 };
const TEN_MINUTES = { ledgerS: 601, realS: 601 };

let ground: FaultGround;
let migrated: string;
beforeAll(async () => {
  ground = await createFaultGround();
  migrated = await mkdtemp(path.join(tmpdir(), 'curfew-embedded-'));
  const ledger = await openEmbedded(migrated);
  await migrateLedger(ledger, packageRoot());
  await ledger.close();
}, BOUND_MS);
afterAll(async () => {
  await endChildren();
  await ground.close();
  await rm(migrated, { recursive: true, force: true });
});

async function beginEmbedded(): Promise<FaultCase> {
  const kase = await ground.begin();
  await cp(migrated, kase.directory, { recursive: true });
  return kase;
}

it.each(['target: after GRANT', 'ledger: before the commit of access.removed'])(
  'killed %s: the next process finds what was committed, and the life ends as it should',
  async (step) => {
    const kase = await beginEmbedded();
    const ledger = { directory: kase.directory };
    const first = startChild();
    await first.run('open', kase.plan({ ledger, steps: { killAt: { step, time: 1 } } }));
    const asked = await first.run('ask', { who: kase.who, deliveryKey: 'ask' });
    const id = asked.ok ? asked.id : expect.fail('refused');
    const rest = async () => {
      await first.run('approve', { who: 'omar', id, deliveryKey: 'approve' });
      await first.run('settle', null);
      await first.run('pass', HOUR);
      await first.run('settle', null);
    };
    await expect(rest()).rejects.toThrow(ChildGone);

    const second = startChild();
    await second.run('open', kase.plan({ ledger, ahead: MINUTE }));
    await second.run('approve', { who: 'omar', id, deliveryKey: 'approve' });
    for (const time of [HOUR, MINUTE, TEN_MINUTES]) {
      await second.run('settle', null);
      await second.run('pass', time);
    }
    await second.run('settle', null);
    await second.run('close', null);
    await second.kill();

    const opened = await openEmbedded(kase.directory);
    expect(await problemsAfterLife(kase, opened)).toEqual([]);
    await opened.close();
    await kase.end();
  },
  BOUND_MS,
);

it(
  'has every commit that was acknowledged before the kill',
  async () => {
    const kase = await beginEmbedded();
    const child = startChild();
    await child.run('open', kase.plan({ ledger: { directory: kase.directory } }));
    child.run('scribble', null).catch(() => {});
    const acknowledged = () =>
      kase.steps().filter((step) => step === 'ledger: after the commit of note').length;
    await vi.waitFor(() => expect(acknowledged()).toBeGreaterThan(200), { interval: 20 });
    await child.kill();

    const opened = await openEmbedded(kase.directory);
    const kept = (await actionsIn(opened)).length;
    expect(kept).toBeGreaterThanOrEqual(acknowledged());
    // At most the one whose commit was under way.
    expect(kept).toBeLessThanOrEqual(acknowledged() + 1);
    await opened.close();
    await kase.end();
  },
  BOUND_MS,
);

it('keeps the log of a process that never ends short, so that starting after a kill stays quick', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  const ledger = await openEmbedded(null);
  try {
    const lastCheckpoint = async () => {
      const [row] = await ledger.db
        .select({ at: sql<string>`checkpoint_lsn::text` })
        .from(sql`pg_control_checkpoint()`);
      return row?.at;
    };
    const before = await lastCheckpoint();
    await ledger.db.execute(sql`create table filler as select * from generate_series(1, 1000)`);
    expect(await lastCheckpoint()).toBe(before);
    vi.advanceTimersByTime(600_000);
    expect(await lastCheckpoint()).not.toBe(before);
  } finally {
    vi.useRealTimers();
    await ledger.close();
  }
});
