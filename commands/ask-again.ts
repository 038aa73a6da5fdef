/** "Ask again": the form, filled with what was asked before, if the ledger says so in time; else empty. */
import { findRequest } from '../db/requests.ts';
import { requestForm } from '../src/chat/cards/forms.ts';
import { durationAsTyped } from '../src/domain/duration.ts';
import type { OperationContext } from '../src/operations/context.ts';
import type { Caller, Reply } from './command.ts';

export async function askAgain(ctx: OperationContext, { principal }: Caller, id: string): Promise<Reply> {
  const found = await findRequest(ctx.ledger.db, id);
  const own = found && [found.requester.email, found.subject.email].includes(principal.email);
  if (!found || !own) return { kind: 'form', form: requestForm() };
  const { role, roleTitle, durationS, reference, reason } = found.request;
  const values = { role, duration: durationAsTyped(durationS), reference: reference ?? undefined, reason };
  return { kind: 'form', form: requestForm({ values, roleLabel: roleTitle }) };
}
