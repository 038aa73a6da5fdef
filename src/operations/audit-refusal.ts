/** Puts on record that somebody asked for access in a way that was refused before policy was asked. */
import { recordAudit } from '../../db/audit.ts';
import type { PrincipalRow } from '../../db/principals.ts';
import { actorOf, type OperationContext } from './context.ts';

export async function auditRefusal(
  ctx: Pick<OperationContext, 'ledger' | 'clocks'>,
  principal: PrincipalRow,
  details: Readonly<Record<string, unknown>>,
): Promise<void> {
  await recordAudit(ctx.ledger.db, ctx.clocks.now(), [
    { actor: actorOf(principal), action: 'request.refused', details },
  ]);
}
