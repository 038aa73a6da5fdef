/** `done [ID]`: hands access back early. Without an id it means the only thing that is held. */
import { openGrantsOf } from '../db/grants.ts';
import type { OperationContext } from '../src/operations/context.ts';
import { handBack } from '../src/operations/end-access.ts';
import { type Caller, type Command, type Reply, refuse, text } from './command.ts';

export const done: Command<'done'> = {
  usage: 'done [ID]',
  does: 'hands access back before its time',
  async run(ctx, caller, { id }) {
    if (id !== null) return handBackById(ctx, caller, id);
    const held = await openGrantsOf(ctx.ledger.db, [caller.principal.id]);
    const ids = held.filter(({ grant }) => grant.state !== 'ending').map(({ grant }) => grant.id);
    const [only] = ids;
    if (only === undefined || ids.length > 1) return refuse({ code: 'which-one', what: 'done', ids });
    return handBackById(ctx, caller, only);
  },
};

export async function handBackById(ctx: OperationContext, caller: Caller, grantId: string): Promise<Reply> {
  const { principal: speaker, deliveryKey } = caller;
  const result = await handBack(ctx, { deliveryKey, speaker, grantId });
  return result.ok
    ? text('Thank you. ', { code: grantId }, ' is being taken away; you will read here when it is gone.')
    : refuse(result.refusal);
}
