/**
 * Whatever happens, in whatever order, with up to three processes that die in the middle of calls, on a target
 * that fails: the promises hold after every step, and in the end nobody holds what Curfew gave.
 */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { emptyLedger, ledgerForFile } from '../support/empty-ledger.ts';
import { history } from '../support/model/deeds.ts';
import { createPromises } from '../support/model/promises.ts';
import { createWorld } from '../support/model/world.ts';
import { PATIENCE_MS } from '../support/patience.ts';

const ledger = ledgerForFile();
const RUNS = Number(process.env.CURFEW_HISTORIES ?? 30);

it(`keeps every promise through ${RUNS} random histories`, { timeout: RUNS * PATIENCE_MS }, async () => {
  let deeds = 0;
  await fc.assert(
    fc.asyncProperty(history, fc.boolean(), async (story, endsSessions) => {
      await emptyLedger(ledger().ledger);
      const world = await createWorld(ledger(), { endsSessions });
      const promises = createPromises(world);
      for (const deed of story) {
        await world.perform(deed);
        await promises.hold(deed);
        deeds += 1;
      }
      await promises.allIsOver();
    }),
    { numRuns: RUNS, endOnFailure: true },
  );
  expect(deeds).toBeGreaterThanOrEqual(RUNS * 10);
});
