/** The audit log is put on record beside everything else: nothing that is due waits for it. */
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { SEAL_BATCH } from '../../db/audit-seal.ts';
import { silentMetrics } from '../../src/observability/metrics.ts';
import { createSweep } from '../../src/reconcile/sweep.ts';
import { deny } from '../support/acts.ts';
import { ledgerForFile } from '../support/empty-ledger.ts';
import { createHouse, type House, silent } from '../support/house.ts';

const ledger = ledgerForFile();
const nothing = { sweep: async () => {}, drain: async () => {} };

let house: House;
let done: string[];
/** What the sealer says that it sealed; null ends it. */
let sealed: number | null;
let seals: number;

beforeEach(async () => {
  house = await createHouse({ ledger: ledger() });
  done = [];
  seals = 0;
});
afterEach(() => {
  sealed = null;
});

function sweepOf() {
  const note = (what: string) => async () => {
    done.push(what);
    return 0;
  };
  return createSweep({
    ...house.ctx,
    grants: {
      endDue: note('ends'),
      endFrozen: note('frozen'),
      remind: note('remind'),
      alert: note('alert'),
      batch: 100,
    },
    requests: { expire: note('expire'), remind: note('ask again'), batch: 100 },
    assignments: nothing,
    incidents: nothing,
    messages: nothing,
    directories: nothing,
    async sealAudit() {
      seals += 1;
      await turn();
      return sealed ?? 0;
    },
    tellHead: note('head'),
    alerts: [],
    log: silent,
    metrics: silentMetrics,
  });
}

it.each([
  ['a few at a time', 1],
  ['faster than they are sealed', SEAL_BATCH],
])('expiry waits for no sealing while events keep coming %s', async (_, count) => {
  sealed = count;
  await house.ask();
  const { sweep, drain } = sweepOf();
  await sweep();
  await vi.waitFor(() => expect(seals).toBeGreaterThan(0));
  expect(done).not.toContain('expire');
  house.clocks.pass(30 * 86_400);
  await sweep();
  await vi.waitFor(() => expect(done).toContain('expire'));
  sealed = null;
  await drain();
});

it('seals again at once only where a whole batch was sealed', async () => {
  await deny(house, await house.ask());
  sealed = SEAL_BATCH - 1;
  const { sweep, drain } = sweepOf();
  await sweep();
  await drain();
  expect(seals).toBe(1);
  expect(done.at(-1)).toBe('head');
});
