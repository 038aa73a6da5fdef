/** The parts that cards of every state put together: what it gives, for what, who decides, the footer. */
import type { RequestView } from '../../../db/views.ts';
import { durationInWords } from '../../domain/duration.ts';
import type { FrozenEntitlement } from '../../domain/request.ts';
import type { CardElement, Line, Span } from '../card.ts';
import { incidentLine } from './incident-words.ts';
import { type CardContext, isForAnother, isPersonal, type Scene } from './scene.ts';
import { listed, nameOf, personOf, says, short } from './words.ts';

const MOST_ENTITLEMENTS = 6;
const MOST_NAMES = 10;
const TEXT_MAX = 300;

/**
 * What it really gives: `member of dba on prod-pg, as ana`, a line each. `lead` is said first where it does
 * not give that any more.
 */
export function gives(entitlements: readonly FrozenEntitlement[], lead = ''): readonly CardElement[] {
  const shown = entitlements
    .slice(0, MOST_ENTITLEMENTS)
    .map(({ description, account }) =>
      says(`${lead}${short(description, TEXT_MAX)}, as `, { code: short(account, TEXT_MAX) }),
    );
  const more = entitlements.length - shown.length;
  return more > 0 ? [...shown, says(`and ${more} more`)] : shown;
}

/** A ticket or a link. A link shows the address that it leads to. */
export function referenceSpan(reference: string): Span {
  const text = short(reference, TEXT_MAX);
  return /^https:\/\//.test(reference) ? { link: reference, text } : text;
}

export function facts(
  view: RequestView,
  context: CardContext,
  length: { readonly label: string; readonly value: Line },
): CardElement {
  const { risk, environment } = view.request;
  const all: { label: string; value: Line }[] = [length, { label: 'Risk', value: [risk] }];
  all.push({ label: 'Environment', value: [short(environment, TEXT_MAX)] });
  if (context.role) all.push({ label: 'Data', value: [short(context.role.sensitivity, TEXT_MAX)] });
  return { kind: 'facts', facts: [...all, ...changeFor(view)] };
}

/** The incident that it is for, else the ticket. */
function changeFor(view: RequestView): readonly { label: string; value: Line }[] {
  const { incident, request } = view;
  if (incident) return [{ label: 'Incident', value: incidentLine(view, incident) }];
  return request.reference ? [{ label: 'Reference', value: [referenceSpan(request.reference)] }] : [];
}

/** The incident alone, for those who know the rest. */
export function incidentOf(view: RequestView): readonly CardElement[] {
  return view.incident ? [{ kind: 'facts', facts: changeFor(view) }] : [];
}

/** Incident or ticket, and their own words: why it was given, for whoever reads the card afterwards. */
export function whyAsked(view: RequestView): readonly CardElement[] {
  const quote: CardElement = { kind: 'quote', text: view.request.reason };
  const facts = changeFor(view);
  return facts.length > 0 ? [{ kind: 'facts', facts }, quote] : [quote];
}

/** For each stage, what is missing and from whom: `Waits for 1 of 2: Omar, Lea`. */
export function whoDecides({ view, context }: Scene): readonly CardElement[] {
  const { stages } = view.request.decision;
  return stages.map((stage, index) => {
    const said = view.votes.filter((vote) => vote.stage === index && vote.verdict === 'approve');
    const asked = stage.approvers.filter((email) => !said.some(({ approver }) => approver.email === email));
    const missing = Math.max(0, stage.required - said.length);
    const line: Span[] = stages.length > 1 ? [`${short(stage.name, TEXT_MAX)}: `] : [];
    if (missing > 0) {
      line.push(`Waits for ${missing}${said.length > 0 ? ' more' : ''} of ${asked.length}: `);
      line.push(...named(asked, context));
    }
    if (said.length > 0) line.push(missing > 0 ? '; approved by ' : 'Approved by ', ...voters(said));
    return says(...line);
  });
}

function named(emails: readonly string[], { people }: CardContext): Line {
  const shown = emails.slice(0, MOST_NAMES).flatMap((email, index): Span[] => {
    const person = people.get(email);
    // By name only: a card that mentioned people would ring their phones.
    const name = person ? nameOf({ ...person, email }) : short(email, TEXT_MAX);
    return index === 0 ? [name] : [', ', name];
  });
  return emails.length > MOST_NAMES ? [...shown, ` and ${emails.length - MOST_NAMES} more`] : shown;
}

function voters(votes: RequestView['votes']): Line {
  return listed(votes.map(({ approver }) => nameOf(approver)));
}

/** In the channel: which owners have no card of their own, and why, so that somebody calls them. */
export function notReached({ view, audience, context }: Scene): readonly CardElement[] {
  if (audience !== 'channel') return [];
  return view.unreached.slice(0, MOST_NAMES).map(({ email, why }) => {
    const person = context.people.get(email);
    return says(
      `Not reached directly: ${person ? nameOf({ ...person, email }) : short(email, TEXT_MAX)}. ${short(why, TEXT_MAX)}`,
    );
  });
}

/** Who said yes: `Omar and Lea`. */
export function approvers(view: RequestView): Line {
  const said = view.votes.filter(({ verdict }) => verdict === 'approve');
  return said.length > 0 ? voters(said) : ['the rules'];
}

/** Said where approvers gave less than was asked for. */
export function forLess(view: RequestView): readonly CardElement[] {
  const { approvedDurationS, durationS } = view.request;
  if (approvedDurationS === null) return [];
  const given = durationInWords(approvedDurationS);
  return [says(`Approved for less: ${given} instead of ${durationInWords(durationS)}.`)];
}

/**
 * Small, last: id, when asked and by whom, when it lapses, the rule. To others, requester and subject are
 * mentioned and shown with their bound addresses, since anybody can choose the name of somebody else.
 */
export function footer({ view, audience, context }: Scene): Line {
  const { request, requester, subject } = view;
  const line: Span[] = [request.id, ' · asked ', { at: request.createdAt, style: 'time' }];
  if (!isPersonal(audience))
    line.push(' by ', personOf(requester, context.people), ` (${short(requester.email, TEXT_MAX)})`);
  if (isForAnother(view))
    line.push(' for ', personOf(subject, context.people), ` (${short(subject.email, TEXT_MAX)})`);
  if (request.state === 'pending') line.push(' · lapses ', { at: request.expiresAt, style: 'time' });
  return [...line, ` · rule ${short(request.decision.rule, TEXT_MAX)}`];
}
