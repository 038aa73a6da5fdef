/** `cancel ID`: takes a pending request back. */
import { cancelRequest } from '../src/operations/cancel-request.ts';
import type { OperationContext } from '../src/operations/context.ts';
import { type Caller, type Command, type Reply, refuse, text } from './command.ts';

export const cancel: Command<'cancel'> = {
  usage: 'cancel ID',
  does: 'takes back a request of yours that nobody has decided yet',
  run: (ctx, caller, { id }) => cancelById(ctx, caller, id),
};

export async function cancelById(ctx: OperationContext, caller: Caller, requestId: string): Promise<Reply> {
  const { principal: speaker, deliveryKey } = caller;
  const result = await cancelRequest(ctx, { deliveryKey, speaker, requestId });
  return result.ok ? text('Cancelled ', { code: requestId }, '.') : refuse(result.refusal);
}
