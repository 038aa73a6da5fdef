/** `extend ID DURATION REASON`, and the Extend button's form: asks the owners for more time. */
import { findGrant } from '../db/grants.ts';
import { extendForm } from '../src/chat/cards/forms.ts';
import { parseReason } from '../src/domain/text.ts';
import type { OperationContext } from '../src/operations/context.ts';
import { requestExtension } from '../src/operations/request-extension.ts';
import { type Caller, type Command, type Reply, refuse, text } from './command.ts';
import { type Asked, type GrammarContext, parseAsked } from './grammar.ts';
import { submittedReply } from './request.ts';

export const extend: Command<'extend'> = {
  usage: 'extend ID DURATION REASON',
  does: 'asks an owner for more time',
  open(_ctx, { id, duration, durationText, reason, problems }) {
    if (duration && reason !== undefined && Object.keys(problems).length === 0) return null;
    return { kind: 'form', form: extendForm(id, { values: { duration: durationText, reason }, problems }) };
  },
  async run(ctx, caller, { id, duration, reason }) {
    if (!duration || reason === undefined) return openExtend(id);
    return extendGrant(ctx, caller, id, duration, reason);
  },
};

export const openExtend = (id: string): Reply => ({ kind: 'form', form: extendForm(id) });

export async function submitExtend(
  ctx: OperationContext,
  caller: Caller,
  id: string,
  values: Readonly<Record<string, string>>,
  context: GrammarContext,
): Promise<Reply> {
  const asked = parseAsked(values.duration ?? '', context);
  const reason = parseReason(values.reason ?? '');
  if (!asked.ok || !reason.ok) {
    const errors = {
      ...(asked.ok ? {} : { duration: asked.why }),
      ...(reason.ok ? {} : { reason: reason.why }),
    };
    return { kind: 'form-errors', errors };
  }
  return extendGrant(ctx, caller, id, { seconds: asked.seconds, until: asked.until ?? null }, reason.reason);
}

async function extendGrant(
  ctx: OperationContext,
  caller: Caller,
  grantId: string,
  asked: Asked,
  reason: string,
): Promise<Reply> {
  const { principal: requester, deliveryKey } = caller;
  // "until 18:00" names the new end: what is asked for is what lies between. Others learn nothing of the end.
  const named = asked.until ? await findGrant(ctx.ledger.db, grantId) : null;
  const found = named?.subject.email === requester.email ? named : null;
  const durationS =
    asked.until && found
      ? Math.floor((asked.until.getTime() - found.grant.endsAt.getTime()) / 1000)
      : asked.seconds;
  if (durationS < 60) return text('It lasts at least as long as that already.');
  const result = await requestExtension(ctx, { deliveryKey, requester, grantId, durationS, reason });
  return result.ok ? submittedReply(ctx, caller, result) : refuse(result.refusal);
}
