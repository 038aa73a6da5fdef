/** What every card of a request is made from, and the questions that several of them ask of it. */
import type { AssignmentRow, ClaimRow } from '../../../db/assignments.ts';
import type { GrantRow } from '../../../db/grants.ts';
import type { Audience } from '../../../db/messages.ts';
import type { PrincipalRow } from '../../../db/principals.ts';
import type { RequestView } from '../../../db/views.ts';
import type { Role } from '../../domain/catalog.ts';
import { domainOf } from '../../domain/mail-address.ts';
import { nameAndMail } from '../../domain/person-name.ts';
import type { FrozenEntitlement } from '../../domain/request.ts';
import { approversOf } from '../../policy/decision.ts';
import type { PersonRef } from '../card.ts';
import { nameOf, short } from './words.ts';

const TITLE_MAX = 140;
const ROLE_TITLE_MAX = 75;

export interface CardContext {
  /** Ledger time. */
  readonly now: Date;
  /** The role as the catalog has it now; null when it is gone. */
  readonly role: Role | null;
  /** People by mail address, lower case; who is missing is shown by address. */
  readonly people: ReadonlyMap<string, PersonRef>;
}

export interface Scene {
  readonly view: RequestView;
  readonly audience: Audience;
  readonly context: CardContext;
}

/** A card of an approved access request. */
export interface GrantScene extends Scene {
  readonly grant: GrantRow;
}

/** One entitlement of the role, with what became of it. */
export interface Edge {
  readonly entitlement: FrozenEntitlement;
  readonly assignment: AssignmentRow;
  readonly claim: ClaimRow;
}

export function edgesOf(view: RequestView): readonly Edge[] {
  return view.assignments.flatMap(({ assignment, claim }) => {
    const entitlement = entitlementsOf(view).find(
      ({ targetId, edge }) => targetId === assignment.targetId && edge === assignment.edge,
    );
    return entitlement ? [{ entitlement, assignment, claim }] : [];
  });
}

/** What the role gives, by the names that the targets use today as far as they were read since. */
export function entitlementsOf(view: RequestView): readonly FrozenEntitlement[] {
  return view.request.entitlements.map((entitlement) => {
    const read = view.assignments.find(
      ({ assignment: { targetId, edge } }) => targetId === entitlement.targetId && edge === entitlement.edge,
    );
    if (!read) return entitlement;
    const { account, renamedTo } = read.assignment;
    return { ...entitlement, account, description: renamedTo ?? entitlement.description };
  });
}

/** Whether anything of this grant may ever have reached a target. */
export function wasGiven(view: RequestView): boolean {
  const { grant, assignments } = view;
  if (!grant) return false;
  return grant.firstCallAt !== null || assignments.some(({ claim }) => claim.confirmedAt !== null);
}

/** An error of the present effort. One from before the inputs last changed has no attempt beside it. */
export function presentError({ assignment }: Pick<Edge, 'assignment'>): string | null {
  return assignment.attempts > 0 ? assignment.lastError : null;
}

/** Those who decide see who it is for; the requester knows. */
export function isPersonal(audience: Audience): boolean {
  return audience === 'requester' || audience === 'live' || audience === 'reminder';
}

export function isDecider(audience: Audience): boolean {
  return audience === 'channel' || audience === 'owner';
}

export function roleTitle(view: RequestView): string {
  return short(view.request.roleTitle, ROLE_TITLE_MAX);
}

/** `Live: Production database admin for Ana`, and to herself without her name. */
export function titleOf({ view, audience }: Scene, state: string): string {
  const whose = isPersonal(audience) && !isForAnother(view) ? '' : ` for ${nameIn(view, view.subject)}`;
  return short(`${state}: ${roleTitle(view)}${whose}`, TITLE_MAX);
}

/** Requester or subject. Whoever has another mail domain than those who decide is no namesake of theirs: both stand there. */
export function nameIn(view: RequestView, person: Pick<PrincipalRow, 'name' | 'email'>): string {
  const deciders = approversOf(view.request.decision);
  const isOfAnother = deciders.some((email) => domainOf(email) !== domainOf(person.email));
  return isOfAnother ? nameAndMail(person) : nameOf(person);
}

export function isForAnother(view: RequestView): boolean {
  return view.subject.id !== view.requester.id;
}
