/** One Curfew process of (b): reconciler and scheduler, told by its parent when to begin and to finish. */
import { createNoopConnector } from './noop-connector.ts';
import { createBenchReconciler } from './reconciler.ts';

export interface ReconcilerReport {
  /** Edge and when this process last saw the target without it, wall clock. */
  readonly absentAt: readonly (readonly [string, number])[];
}

const { connector, absentAt } = createNoopConnector({ heldAtFirst: true, concurrency: 8 });
const reconciler = await createBenchReconciler(process.env.BENCH_LEDGER ?? '', connector);

process.on('message', (word) => {
  if (word === 'begin') {
    reconciler.start();
    process.send?.('begun');
  }
  if (word === 'finish') {
    const report: ReconcilerReport = { absentAt: [...absentAt] };
    void reconciler.stop().then(() => process.send?.(report));
  }
});
process.on('disconnect', () => process.exit());
process.send?.('ready');
