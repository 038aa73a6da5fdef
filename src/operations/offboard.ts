/** Somebody left: everything that they hold ends, and everything that they asked for is cancelled. */
import { recordAudit } from '../../db/audit.ts';
import { once } from '../../db/deliveries.ts';
import { endGrants } from '../../db/end-grants.ts';
import { openGrantsOf } from '../../db/grants.ts';
import { deactivatePrincipal, findSpeaker } from '../../db/principals.ts';
import { lockRequest, pendingOfPeople, updateRequest } from '../../db/requests.ts';
import { plotOf, tell } from '../../db/story.ts';
import type { OperationContext } from './context.ts';
import type { SpeakerInput } from './identify-speaker.ts';

/** Unknown people are ignored: Curfew never gave them anything. Returns what was ended and cancelled. */
export async function offboard(
  ctx: OperationContext,
  input: { deliveryKey: string; person: SpeakerInput },
): Promise<{ ended: readonly string[]; cancelled: readonly string[] }> {
  const result = await ctx.ledger.tx((tx) =>
    once(tx, input.deliveryKey, ctx.clocks.real(), async () => {
      const times = { now: ctx.clocks.now(), real: ctx.clocks.real() };
      const known = await findSpeaker(tx, input.person);
      if (!known) return { ended: [], cancelled: [] };
      const { principal } = known;
      await deactivatePrincipal(tx, known);
      const actor = `${input.person.platform}:directory`;

      const cancelled: string[] = [];
      for (const { request } of await pendingOfPeople(tx, [principal.id])) {
        const found = await lockRequest(tx, request.id);
        if (found?.request.state !== 'pending') continue;
        await updateRequest(tx, request.id, {
          state: 'cancelled',
          decidedAt: times.now,
          decisionNote: `The account of ${principal.name} in chat was deactivated.`,
          remindAt: null,
        });
        const timeline = { kind: 'cancelled', by: 'the directory' } as const;
        const details = { because: 'offboarded' };
        await tell(
          tx,
          [{ plot: plotOf(found), actor, action: 'request.cancelled', details, timeline }],
          times,
        );
        cancelled.push(request.id);
      }

      const held = await openGrantsOf(tx, [principal.id]);
      const ids = held.map(({ grant }) => grant.id).sort();
      const end = { reason: 'offboarded', actor, by: null, note: null } as const;
      const ended = (await endGrants(tx, ids, end, times)).map(({ id }) => id);
      const details = { email: principal.email, ended, cancelled };
      await recordAudit(tx, times.now, [{ actor, action: 'principal.offboarded', details }]);
      return { ended, cancelled };
    }),
  );
  ctx.nudge();
  return result;
}
