/** What buttons do. A click carries an id and no authority: the operation behind it asks who may. */
import type { ActionVerb } from '../src/chat/card.ts';
import { requestForm } from '../src/chat/cards/forms.ts';
import type { OperationContext } from '../src/operations/context.ts';
import { retryNow } from '../src/operations/retry-now.ts';
import { approveRequest, openApproveLess } from './approve.ts';
import { askAgain } from './ask-again.ts';
import { cancelById } from './cancel.ts';
import { type Caller, type Reply, refuse, text } from './command.ts';
import { openDeny } from './deny.ts';
import { handBackById } from './done.ts';
import { openExtend } from './extend.ts';
import { revokeById } from './revoke.ts';

type Act = (ctx: OperationContext, caller: Caller, id: string) => Promise<Reply>;
/** `open`: answers at once, before it is known who clicked. */
type Button = { readonly open: (id: string) => Reply } | { readonly run: Act };

export const actions: { readonly [V in ActionVerb]: Button } = {
  approve: { run: (ctx, caller, id) => approveRequest(ctx, caller, id, null, { pressed: true }) },
  'approve-less': { open: openApproveLess },
  deny: { open: (id) => openDeny(id) },
  cancel: { run: cancelById },
  done: { run: handBackById },
  extend: { open: openExtend },
  revoke: { run: (ctx, caller, id) => revokeById(ctx, caller, id, null) },
  retry: { run: tryNow },
  'ask-again': { run: askAgain },
  'new-request': { open: () => ({ kind: 'form', form: requestForm() }) },
};

async function tryNow(
  ctx: OperationContext,
  { principal: speaker, deliveryKey }: Caller,
  grantId: string,
): Promise<Reply> {
  const result = await retryNow(ctx, { deliveryKey, speaker, grantId });
  if (!result.ok) return refuse(result.refusal);
  const [wait] = result.waits;
  if (!wait) return text('Trying ', { code: grantId }, ' again now.');
  const until = { at: new Date(wait.until), style: 'time' } as const;
  const why = ` will be tried again when ${wait.connector} takes calls: it asked to be left alone until `;
  return text({ code: grantId }, why, until, '.');
}
