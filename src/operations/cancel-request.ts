/** The requester takes a pending request back. */
import { closeRequests } from '../../db/close-request.ts';
import { once } from '../../db/deliveries.ts';
import type { SpeakingPrincipal } from '../../db/principals.ts';
import { lockRequest } from '../../db/requests.ts';
import { nameWithMail } from '../domain/person-name.ts';
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
      const notice = { kind: 'cancelled', by: nameWithMail(speaker) } as const;
      const closing = { state: 'cancelled', actor: actorOf(speaker), decidedBy: speaker, notice } as const;
      await closeRequests(tx, [found.request], closing, times);
      return { ok: true, id: requestId };
    }),
  );
  ctx.nudge();
  return result;
}
