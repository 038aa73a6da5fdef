import type { Clocks } from '../../src/domain/clock.ts';

/** Clocks that stand still until they are moved. Ledger time and real time move apart on purpose. */
export function createManualClocks(start = new Date('2026-11-20T14:00:00.000Z')) {
  let ledger = start.getTime();
  let real = start.getTime() + 7_000_000;
  const clocks: Clocks = { now: () => new Date(ledger), real: () => new Date(real) };
  return {
    ...clocks,
    /** Moves both, as time does. */
    pass(seconds: number): void {
      ledger += seconds * 1000;
      real += seconds * 1000;
    },
    passReal(seconds: number): void {
      real += seconds * 1000;
    },
  };
}

export type ManualClocks = ReturnType<typeof createManualClocks>;
