/** While frozen, nothing new is granted, and what was approved and is not live yet is not begun; revocations go on. */
import { recordAudit } from '../../db/audit.ts';
import { endStarting } from '../../db/end-grants.ts';
import { intendNotices } from '../../db/messages.ts';
import { setFreeze } from '../../db/switches.ts';
import type { OperationContext } from './context.ts';

export async function freeze(
  ctx: Pick<OperationContext, 'ledger' | 'clocks' | 'nudge'>,
  input: { on: boolean; actor: string; note: string | null },
): Promise<void> {
  const times = { now: ctx.clocks.now(), real: ctx.clocks.real() };
  await ctx.ledger.tx(async (tx) => {
    await setFreeze(tx, { ...input, at: times.now });
    const { actor, on, note } = input;
    // Approvals wait for this transaction, so that none of them adds a grant that is missed here.
    if (on) await endStarting(tx, actor, times);
    await recordAudit(tx, times.now, [{ actor, action: on ? 'freeze.on' : 'freeze.off', details: { note } }]);
    const notice = { kind: 'frozen', by: actor, on } as const;
    await intendNotices(tx, [{ requestId: null, audience: 'alerts', platform: '', notice }], times);
  });
  ctx.nudge();
}
