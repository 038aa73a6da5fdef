/** Ledger time in the playground: real time, and as far ahead of it as people have moved it. Never back. */

export interface MovableClock {
  offsetMs(): number;
  /** @returns the new offset */
  advance(seconds: number): number;
  /** What ledger time was, or is, at a real moment. */
  ledgerTimeAt(real: Date): Date;
}

/** @param realNow milliseconds since 1970 */
export function createMovableClock(realNow: () => number = Date.now): MovableClock {
  /** Newest first; each offset holds from its moment on. */
  let moves = [{ from: Number.NEGATIVE_INFINITY, offsetMs: 0 }];
  const offsetMs = () => moves[0]?.offsetMs ?? 0;
  return {
    offsetMs,
    advance(seconds) {
      moves = [{ from: realNow(), offsetMs: offsetMs() + seconds * 1000 }, ...moves];
      return offsetMs();
    },
    ledgerTimeAt(real) {
      const at = real.getTime();
      return new Date(at + (moves.find(({ from }) => from <= at)?.offsetMs ?? 0));
    },
  };
}
