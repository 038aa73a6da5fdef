/**
 * A reading that outsiders can ask for as often as they like: at most one is under way, its result serves
 * everybody for a moment, and nobody waits for longer than the bound. So a flood of probes, or a ledger
 * that hangs, cannot use up the connections that revocations need.
 */
import { performance } from 'node:perf_hooks';

export interface SharedReadOptions {
  readonly withinMs: number;
  readonly keepMs: number;
}

/** The result rejects as `read` does, or when there is no answer within the bound. */
export function createSharedRead<T>(
  read: () => Promise<T>,
  { withinMs, keepMs }: SharedReadOptions,
): () => Promise<T> {
  let latest: { readonly reading: Promise<T>; settledAt: number | null } | null = null;

  function current(): Promise<T> {
    const fresh = latest && (latest.settledAt === null || performance.now() - latest.settledAt < keepMs);
    if (latest && fresh) return latest.reading;
    const entry = { reading: read(), settledAt: null as number | null };
    const settled = () => {
      entry.settledAt = performance.now();
    };
    entry.reading.then(settled, settled);
    latest = entry;
    return entry.reading;
  }

  return async () => {
    let timer: NodeJS.Timeout | undefined;
    const tooLate = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`There was no answer within ${withinMs} ms.`)), withinMs);
    });
    try {
      return await Promise.race([current(), tooLate]);
    } finally {
      clearTimeout(timer);
    }
  };
}
