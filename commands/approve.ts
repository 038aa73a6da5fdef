/** `approve ID`, the Approve button, and Approve for less. */
import { approveLessForm } from '../src/chat/cards/forms.ts';
import { durationInWords } from '../src/domain/duration.ts';
import { castVote } from '../src/operations/cast-vote.ts';
import type { OperationContext } from '../src/operations/context.ts';
import { type Caller, type Command, type Reply, refuse, text } from './command.ts';
import { type GrammarContext, parseAsked } from './grammar.ts';

export const approve: Command<'approve'> = {
  usage: 'approve ID',
  does: 'approves a request for a role that you own',
  run: (ctx, caller, { id }) => approveRequest(ctx, caller, id, null, { pressed: false }),
};

export async function approveRequest(
  ctx: OperationContext,
  caller: Caller,
  requestId: string,
  lessS: number | null,
  { pressed }: { readonly pressed: boolean },
): Promise<Reply> {
  const { principal: approver, deliveryKey } = caller;
  const result = await castVote(ctx, {
    deliveryKey,
    approver,
    requestId,
    verdict: 'approve',
    lessS,
    note: null,
    pressed,
  });
  if (!result.ok) return refuse(result.refusal);
  if (result.state === 'pending')
    return text('Your approval of ', { code: requestId }, ' counts; others are still missing.');
  return text('Approved ', { code: requestId }, ` for ${durationInWords(result.durationS)}.`);
}

export const openApproveLess = (id: string): Reply => ({ kind: 'form', form: approveLessForm(id) });

export async function submitApproveLess(
  ctx: OperationContext,
  caller: Caller,
  id: string,
  values: Readonly<Record<string, string>>,
  context: GrammarContext,
): Promise<Reply> {
  const asked = parseAsked(values.duration ?? '', context);
  if (!asked.ok) return { kind: 'form-errors', errors: { duration: asked.why } };
  return approveRequest(ctx, caller, id, asked.seconds, { pressed: true });
}
