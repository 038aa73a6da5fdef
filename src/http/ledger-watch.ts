/** The ledger in numbers, for health and metrics alike: read at most once a second, and for at most 2 s. */
import type { Ledger } from '../../db/client.ts';
import { type LedgerState, readLedgerState } from '../../db/ledger-state.ts';
import type { Clocks } from '../domain/clock.ts';
import type { Timing } from '../domain/timing.ts';
import { createSharedRead } from './shared-read.ts';

export function createLedgerWatch({
  ledger,
  clocks,
  timing,
}: {
  ledger: Ledger;
  clocks: Clocks;
  timing: Pick<Timing, 'overdueAfterS'>;
}): () => Promise<LedgerState> {
  const { overdueAfterS } = timing;
  const read = async () => readLedgerState(ledger.db, { now: clocks.now(), overdueAfterS });
  return createSharedRead(read, { withinMs: 2_000, keepMs: 1_000 });
}
