/** "Try now" on an overdue revocation: looks again at once instead of waiting for the next retry. */

import { connectorsOf, retryAssignmentsOf } from '../../db/assignments.ts';
import { recordAudit } from '../../db/audit.ts';
import { readWaits } from '../../db/connector-waits.ts';
import { once } from '../../db/deliveries.ts';
import { findGrant } from '../../db/grants.ts';
import type { SpeakingPrincipal } from '../../db/principals.ts';
import { auditTrespass } from './audit-refusal.ts';
import { actorOf, type OperationContext, type Result, refused } from './context.ts';
import { mayEnd, mayKnow } from './end-access.ts';

interface Retried {
  readonly id: string;
  /** Targets that have asked not to be called before a moment (ISO 8601, real), which is kept. */
  readonly waits: readonly { readonly connector: string; readonly until: string }[];
}

export async function retryNow(
  ctx: OperationContext,
  input: { deliveryKey: string; speaker: SpeakingPrincipal; grantId: string },
): Promise<Result<Retried>> {
  const { speaker, grantId } = input;
  const result = await ctx.ledger.tx((tx) =>
    once(tx, input.deliveryKey, ctx.clocks.real(), async (): Promise<Result<Retried>> => {
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
      const told = new Set(await connectorsOf(tx, grantId));
      const waits = (await readWaits(tx, ctx.clocks.real()))
        .filter(({ connector }) => told.has(connector))
        .map(({ connector, until }) => ({ connector, until: until.toISOString() }));
      return { ok: true, id: grantId, waits };
    }),
  );
  ctx.nudge();
  return result;
}
