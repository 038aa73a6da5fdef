/** "Ask again": the form, filled with what was asked before, if the ledger says so in time; else empty. */
import { incidentById } from '../db/incidents.ts';
import { findRequest, type RequestRow } from '../db/requests.ts';
import { requestForm } from '../src/chat/cards/forms.ts';
import { durationAsTyped } from '../src/domain/duration.ts';
import { incidentName } from '../src/domain/incident-name.ts';
import type { OperationContext } from '../src/operations/context.ts';
import type { Caller, Reply } from './command.ts';

export async function askAgain(ctx: OperationContext, { principal }: Caller, id: string): Promise<Reply> {
  const found = await findRequest(ctx.ledger.db, id);
  const own = found && [found.requester.email, found.subject.email].includes(principal.email);
  if (!found || !own) return { kind: 'form', form: requestForm() };
  const { role, roleTitle, durationS, reason } = found.request;
  const reference = await referenceOf(ctx, found.request);
  const values = { role, duration: durationAsTyped(durationS), reference, reason };
  return { kind: 'form', form: requestForm({ values, roleLabel: roleTitle }) };
}

/** The incident by the name under which the form offers it; a closed one would be refused, so it is left out. */
async function referenceOf(
  ctx: OperationContext,
  { incidentId, reference }: RequestRow,
): Promise<string | undefined> {
  const incident = incidentId === null ? null : await incidentById(ctx.ledger.db, incidentId);
  if (!incident) return reference ?? undefined;
  return incident.state === 'open' ? incidentName(incident) : undefined;
}
