/** `revoke ID-or-@user [REASON]`: an owner or an admin takes access away at once. */
import { findMentioned } from '../db/principals.ts';
import type { OperationContext } from '../src/operations/context.ts';
import { type Ended, revokeGrant, revokePerson } from '../src/operations/end-access.ts';
import { type Caller, type Command, type Reply, refuse, text } from './command.ts';

/** One answer, whoever it is and whatever they hold: it tells nobody their address, or that Curfew knows them. */
const NOTHING_OF_YOURS = { code: 'nobody-holds', who: 'This person' } as const;

export const revoke: Command<'revoke'> = {
  usage: 'revoke ID-or-@user [REASON]',
  does: 'takes access away at once: one grant, or all that somebody holds and waits for',
  async run(ctx, caller, { target, reason }) {
    if ('id' in target) return revokeById(ctx, caller, target.id, reason);
    const person = await findMentioned(ctx.ledger.db, caller.principal, target.userId);
    if (!person) return refuse(NOTHING_OF_YOURS);
    const { principal: speaker, deliveryKey } = caller;
    const { email } = person.principal;
    const result = await revokePerson(ctx, { deliveryKey, speaker, email, note: reason });
    return result.ok ? answer(result) : refuse(NOTHING_OF_YOURS);
  },
};

export async function revokeById(
  ctx: OperationContext,
  caller: Caller,
  grantId: string,
  note: string | null,
): Promise<Reply> {
  const { principal: speaker, deliveryKey } = caller;
  return answer(await revokeGrant(ctx, { deliveryKey, speaker, grantId, note }));
}

function answer(result: Ended): Reply {
  if (!result.ok) return refuse(result.refusal);
  const { ids, cancelled = [] } = result;
  const sentences = [
    ids.length > 0 ? `Being taken away: ${ids.join(', ')}. The card says when it is gone.` : null,
    cancelled.length > 0 ? `Cancelled before anybody decided: ${cancelled.join(', ')}.` : null,
  ];
  return text(sentences.filter((sentence) => sentence !== null).join(' '));
}
