/** `ROLE DURATION [REFERENCE] REASON`: asks for access. What does not suffice opens the form, prefilled. */
import type { Line, Span } from '../src/chat/card.ts';
import { type FormState, incidentOf, requestForm } from '../src/chat/cards/forms.ts';
import { namePeople } from '../src/chat/name-people.ts';
import { durationAsTyped, durationInWords } from '../src/domain/duration.ts';
import { nearest } from '../src/domain/nearest.ts';
import { lowerAscii, parseReason, upperAscii } from '../src/domain/text.ts';
import { auditRefusal } from '../src/operations/audit-refusal.ts';
import type { OperationContext } from '../src/operations/context.ts';
import { type Submitted, submitRequest } from '../src/operations/submit-request.ts';
import { type Caller, type Command, NOTHING, type Reply, refuse, type Said, text } from './command.ts';
import { type GrammarContext, parseAsked, parseReference, type Understood } from './grammar.ts';

type Problems = Record<string, string>;

export const request: Command<'request'> = {
  usage: 'ROLE DURATION [REFERENCE] REASON',
  does: 'asks for access, such as: prod-dba 1h INC-1042 failing over the primary',
  open(ctx, said) {
    const problems = problemsOf(ctx, said.role, said);
    if (Object.keys(problems).length === 0) return null;
    return { kind: 'form', form: requestForm(prefilled(ctx, said, problems)) };
  },
  /** Reached only when nothing is missing; what was wrong enough for a form is on record as well. */
  async run(ctx, caller, said) {
    const problems = problemsOf(ctx, said.role, said);
    const first = Object.values(problems)[0];
    if (first !== undefined) {
      await auditRefusal(ctx, caller.principal, { role: said.role ?? null, problems });
      return NOTHING;
    }
    return ask(ctx, caller, said);
  },
};

async function ask(ctx: OperationContext, caller: Caller, said: Said<'request'>): Promise<Reply> {
  const { role, duration, reason, reference, incidentId } = said;
  if (role === undefined || !duration || reason === undefined) return NOTHING;
  const { principal: requester, deliveryKey } = caller;
  const result = await submitRequest(ctx, {
    deliveryKey,
    requester,
    role,
    durationS: duration.seconds,
    endsBy: duration.until,
    reference: reference ?? null,
    incidentId: incidentId ?? null,
    reason,
  });
  return submittedReply(ctx, caller, result);
}

/** What the requester reads after asking, for access or for more time. */
export async function submittedReply(
  ctx: OperationContext,
  caller: Caller,
  result: Submitted,
): Promise<Reply> {
  if (!result.ok) return refuse(result.refusal);
  const port = ctx.ports.get(caller.principal.platform);
  const people = port ? await namePeople(ctx.ledger.db, port, result.approvers) : new Map();
  const names = result.approvers.slice(0, 5).map((email): Span => {
    const person = people.get(email);
    return person ? person.name : email;
  });
  const separated = names.flatMap((name, index): Line => (index === 0 ? [name] : [', ', name]));
  const more = result.approvers.length > names.length ? ' and others' : '';
  return text('Asked, as ', { code: result.id }, '. To decide: ', ...separated, `${more}.`);
}

/** The form's fields, read like words. */
export function parseRequestForm(
  values: Readonly<Record<string, string>>,
  context: GrammarContext,
): Said<'request'> {
  const problems: Problems = {};
  const asked = parseAsked(values.duration ?? '', context);
  if (!asked.ok) problems.duration = asked.why;
  const typedReference = (values.reference ?? '').trim();
  const reference = typedReference === '' ? null : parseReference(typedReference, context.knowsReference);
  if (typedReference !== '' && !reference)
    problems.reference = 'Write a ticket such as INC-1042, or an https link.';
  if (reference && !reference.ok) problems.reference = reference.why;
  const incident = incidentOf(values.incident ?? '');
  if (incident && reference?.ok && upperAscii(reference.reference) !== upperAscii(incident.name))
    problems.reference = `You chose ${incident.name} above: choose one, or write here, not both.`;
  const reason = parseReason(values.reason ?? '');
  if (!reason.ok) problems.reason = reason.why;
  return {
    kind: 'request',
    role: lowerAscii(values.role?.trim() ?? '') || undefined,
    duration: asked.ok ? { seconds: asked.seconds, until: asked.until ?? null } : undefined,
    reference: !incident && reference?.ok ? reference.reference : undefined,
    incidentId: incident?.id,
    reason: reason.reason || undefined,
    problems,
  };
}

/** What is wrong, a sentence for each field; empty when it can be asked. Looks at the catalog only. */
export function problemsOf(
  ctx: OperationContext,
  roleName: string | undefined,
  understood: Understood,
): Problems {
  const problems: Problems = { ...understood.problems };
  const role = roleName === undefined ? undefined : ctx.catalog.roles.get(roleName);
  if (roleName === undefined) problems.role ??= 'Choose a role.';
  else if (!role) {
    const names = nearest(roleName, ctx.catalog.roles.keys());
    const hint = names.length > 0 ? ` Did you mean ${names.join(' or ')}?` : '';
    problems.role = `There is no role ${roleName}.${hint}`;
  }
  if (role && understood.duration && understood.duration.seconds > role.maxDurationS) {
    problems.duration = `At most ${durationInWords(role.maxDurationS)} for this role.`;
  }
  return problems;
}

function prefilled(ctx: OperationContext, said: Said<'request'>, problems: Problems): FormState {
  const role = said.role === undefined ? undefined : ctx.catalog.roles.get(said.role);
  const duration = said.durationText ?? (role ? durationAsTyped(role.defaultDurationS) : undefined);
  return {
    values: { role: role?.name, duration, reference: said.reference, reason: said.reason },
    problems,
    roleLabel: role?.title,
  };
}
