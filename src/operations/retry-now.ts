/** "Try now" on an overdue revocation: looks again at once instead of waiting for the next retry. */

import { retryAssignmentsOf } from '../../db/assignments.ts';
import { recordAudit } from '../../db/audit.ts';
import { once } from '../../db/deliveries.ts';
import { findGrant } from '../../db/grants.ts';
import type { SpeakingPrincipal } from '../../db/principals.ts';
import { auditTrespass } from './audit-refusal.ts';
import { actorOf, type OperationContext, type Result, refused } from './context.ts';
import { mayEnd, mayKnow } from './end-access.ts';

export async function retryNow(
  ctx: OperationContext,
  input: { deliveryKey: string; speaker: SpeakingPrincipal; grantId: string },
): Promise<Result<{ readonly id: string }>> {
  const { speaker, grantId } = input;
  const result = await ctx.ledger.tx((tx) =>
    once(tx, input.deliveryKey, ctx.clocks.real(), async (): Promise<Result<{ readonly id: string }>> => {
      const found = await findGrant(tx, grantId);
      if (!found) return refused({ code: 'unknown-request', typed: grantId });
      if (!mayEnd(ctx.catalog, found, speaker)) {
        const trespass = { speaker, action: 'retry.refused', request: grantId };
        await auditTrespass(tx, ctx.clocks.now(), trespass);
        if (!mayKnow(ctx.catalog, found, speaker))
          return refused({ code: 'unknown-request', typed: grantId });
        return refused({ code: 'not-allowed', what: 'do this: only an owner of the role or an admin can' });
      }
      if (found.grant.state === 'ended') return refused({ code: 'already-over', id: grantId });
      await retryAssignmentsOf(tx, grantId);
      const details = { grant: grantId };
      await recordAudit(tx, ctx.clocks.now(), [{ actor: actorOf(speaker), action: 'retry.asked', details }]);
      return { ok: true, id: grantId };
    }),
  );
  ctx.nudge();
  return result;
}
