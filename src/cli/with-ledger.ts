/** Lets a command ask the ledger. What that takes is loaded only now: help and slips do not wait for a database's packages. */
import type { LedgerService } from '../control/ledger-service.ts';
import type { CliContext } from './context.ts';

export async function withLedger<T>(
  ctx: CliContext,
  work: (service: LedgerService) => Promise<T>,
): Promise<T> {
  const { reachLedger } = await import('./reach-ledger.ts');
  return reachLedger(ctx, work);
}
