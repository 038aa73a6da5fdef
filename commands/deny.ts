/** `deny ID REASON`, and the Deny button's form. */
import { denyForm } from '../src/chat/cards/forms.ts';
import { parseReason } from '../src/domain/text.ts';
import { castVote } from '../src/operations/cast-vote.ts';
import type { OperationContext } from '../src/operations/context.ts';
import { type Caller, type Command, type Reply, refuse, text } from './command.ts';

export const deny: Command<'deny'> = {
  usage: 'deny ID REASON',
  does: 'denies a request for a role that you own, and says why',
  open: (_ctx, said) =>
    said.reason === undefined || said.problems.reason ? openDeny(said.id, said.problems.reason) : null,
  run: (ctx, caller, { id, reason }) => denyRequest(ctx, caller, id, reason ?? '', { pressed: false }),
};

export function openDeny(id: string, problem?: string): Reply {
  return { kind: 'form', form: denyForm(id, problem === undefined ? {} : { problems: { reason: problem } }) };
}

export async function submitDeny(
  ctx: OperationContext,
  caller: Caller,
  id: string,
  values: Readonly<Record<string, string>>,
): Promise<Reply> {
  const reason = parseReason(values.reason ?? '');
  if (!reason.ok) return { kind: 'form-errors', errors: { reason: reason.why } };
  return denyRequest(ctx, caller, id, reason.reason, { pressed: true });
}

async function denyRequest(
  ctx: OperationContext,
  caller: Caller,
  requestId: string,
  note: string,
  { pressed }: { readonly pressed: boolean },
): Promise<Reply> {
  const { principal: approver, deliveryKey } = caller;
  const result = await castVote(ctx, {
    deliveryKey,
    approver,
    requestId,
    verdict: 'deny',
    lessS: null,
    note,
    pressed,
  });
  return result.ok ? text('Denied ', { code: requestId }, '.') : refuse(result.refusal);
}
