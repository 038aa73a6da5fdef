/** The requester takes a pending request back. */
import { once } from '../../db/deliveries.ts';
import { touchCards } from '../../db/messages.ts';
import type { SpeakingPrincipal } from '../../db/principals.ts';
import { lockRequest, updateRequest } from '../../db/requests.ts';
import { plotOf, tell } from '../../db/story.ts';
import { auditTrespass } from './audit-refusal.ts';
import { actorOf, type OperationContext, type Result, refused } from './context.ts';

export type Cancelled = Result<{ readonly id: string }>;

export async function cancelRequest(
  ctx: OperationContext,
  input: { deliveryKey: string; speaker: SpeakingPrincipal; requestId: string },
): Promise<Cancelled> {
  const { speaker, requestId } = input;
  const result = await ctx.ledger.tx((tx) =>
    once(tx, input.deliveryKey, ctx.clocks.real(), async (): Promise<Cancelled> => {
      const times = { now: ctx.clocks.now(), real: ctx.clocks.real() };
      const found = await lockRequest(tx, requestId);
      const own = found && (found.requester.id === speaker.id || found.subject.email === speaker.email);
      if (!found || !own) {
        const trespass = { speaker, action: 'cancel.refused', request: requestId };
        if (found) await auditTrespass(tx, times.now, trespass);
        return refused({ code: 'unknown-request', typed: requestId });
      }
      const { state } = found.request;
      if (state !== 'pending') return refused({ code: 'not-pending', id: requestId, state });
      await updateRequest(tx, requestId, {
        state: 'cancelled',
        decidedAt: times.now,
        decidedBy: speaker.id,
        remindAt: null,
      });
      const timeline = { kind: 'cancelled', by: speaker.name } as const;
      const plot = plotOf(found);
      await tell(tx, [{ plot, actor: actorOf(speaker), action: 'request.cancelled', timeline }], times);
      if (found.request.extendsGrant !== null) await touchCards(tx, [found.request.extendsGrant], times.real);
      return { ok: true, id: requestId };
    }),
  );
  ctx.nudge();
  return result;
}
