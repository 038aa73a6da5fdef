/**
 * The rules, in order: the first that answers decides, and the last asks the owners. Pure.
 *
 * A rule looks at facts and gives a denial's sentence or nothing. Richer rules are further entries of the
 * lists below; what they need to know becomes a fact.
 */
import type { Role } from '../domain/catalog.ts';
import { durationInWords } from '../domain/duration.ts';
import type { IncidentNature } from '../domain/incident.ts';
import type { AccessFacts, ExtensionFacts, Facts, Party, StandingFacts } from './facts.ts';

export interface Rule<F> {
  readonly id: string;
  /** Why not, in people's words; null when this rule has no objection. */
  readonly deny: (facts: F) => string | null;
}

const DAY_MS = 86_400_000;

/** Whether the role's recertification date has passed: it holds through the end of that day, UTC. */
export function recertificationOverdue(role: Role, now: Date): boolean {
  if (role.recertifyBy === null) return true;
  return now.getTime() >= Date.parse(`${role.recertifyBy}T00:00:00Z`) + DAY_MS;
}

/**
 * The owners who are asked to decide this request: neither requester nor subject ever counts, nor who is gone.
 * Of whom the directory did not say is asked too, for the directory is asked again when they decide.
 */
export function eligibleApprovers(facts: Facts): readonly string[] {
  const { standing } = facts;
  return otherOwners(facts).filter((owner) => !standing || isNotGone(standing, owner));
}

function isNotGone({ present, unread }: StandingFacts, email: string): boolean {
  return present.includes(email) || unread.includes(email);
}

function otherOwners({ role, requester, subject }: Pick<Facts, 'role' | 'requester' | 'subject'>): string[] {
  return role.owners.filter((owner) => owner !== requester.email && owner !== subject.email);
}

/** Rules that hold for the role as such, for requests, extensions and approvals alike. */
export const ROLE_RULES: readonly Rule<Pick<Facts, 'now' | 'frozen' | 'role'>>[] = [
  {
    id: 'frozen',
    deny: ({ frozen }) =>
      frozen ? 'Nothing new is granted at the moment: an admin has frozen Curfew.' : null,
  },
  {
    id: 'role-usable',
    deny: ({ role }) =>
      role.problems[0] === undefined ? null : `${role.title} cannot be requested: ${role.problems.join(' ')}`,
  },
  {
    id: 'recertified',
    deny: ({ role, now }) => {
      if (!recertificationOverdue(role, now)) return null;
      return role.recertifyBy === null
        ? `${role.title} cannot be requested: it has no recertification date.`
        : `${role.title} cannot be requested: its owners were to recertify it by ${role.recertifyBy}.`;
    },
  },
];

const PARTY_RULES: readonly Rule<Facts>[] = [
  {
    id: 'requester-allowed',
    deny: ({ role, requester }) =>
      role.requesters === null || role.requesters.includes(requester.email)
        ? null
        : `You are not among those who may ask for ${role.title}.`,
  },
  {
    id: 'someone-can-approve',
    deny: (facts) => {
      const { role } = facts;
      const others = otherOwners(facts);
      if (others.length === 0) return `Nobody could approve this: you are the only owner of ${role.title}.`;
      return eligibleApprovers(facts).length > 0
        ? null
        : `Nobody could approve this: no owner of ${role.title} is here any more.`;
    },
  },
  {
    id: 'parties-here',
    deny: ({ requester, subject, standing }) => {
      const isGone = ({ email }: Party) => standing && !isNotGone(standing, email);
      const gone = [requester, subject].find(isGone);
      return gone ? `${gone.name} is no full member any more, by the word of the directory.` : null;
    },
  },
  {
    id: 'standing-known',
    deny: (facts) => {
      const { requester, subject, standing, role } = facts;
      if (!standing) return null;
      const unread = [requester, subject].find(({ email }) => standing.unread.includes(email));
      const isSure = otherOwners(facts).some((owner) => standing.present.includes(owner));
      const who = unread?.name ?? (isSure ? null : `any owner of ${role.title}`);
      return who && `The directory did not say just now whether ${who} is still here: try again in a moment.`;
    },
  },
];

/** Why an incident lifts no rule, by what it is. */
const NOT_REAL: Readonly<Record<IncidentNature | 'unsaid', string>> = {
  real: 'is one',
  test: 'is a test',
  retrospective: 'was entered afterwards',
  maintenance: 'is scheduled maintenance',
  other: 'is of a kind that Curfew does not know',
  unsaid: 'may be a test, as far as its source has said',
};

/** Why this is not for an incident that the role's rule counts; null where it is, or the role has no such rule. */
function missingIncident(
  { role, incident }: Pick<Facts, 'role' | 'incident'>,
  withoutOne: string,
): string | null {
  if (!role.requiresIncident || (incident?.trusted && incident.nature === 'real')) return null;
  const needs = `${role.title} needs an open incident`;
  if (!incident) return `${needs}${withoutOne}.`;
  return incident.trusted
    ? `${needs} that is real: ${incident.number} ${NOT_REAL[incident.nature ?? 'unsaid']}.`
    : `${needs} of a source: ${incident.number} was opened by hand.`;
}

const ACCESS_RULES: readonly Rule<AccessFacts>[] = [
  {
    id: 'duration-cap',
    deny: ({ role, durationS }) =>
      durationS <= role.maxDurationS
        ? null
        : `${role.title} is given for at most ${durationInWords(role.maxDurationS)}; you asked for ${durationInWords(durationS)}.`,
  },
  {
    id: 'not-open-already',
    deny: ({ open, role }) => {
      if (!open) return null;
      return open.what === 'pending'
        ? `You have asked for ${role.title} already: ${open.id} is waiting for a decision.`
        : `You hold ${role.title} already, as ${open.id}: extend that, or say when you are done with it.`;
    },
  },
  {
    id: 'facts-known',
    deny: ({ unknown }) =>
      unknown.length > 0 ? `This could not be checked, so it is refused: ${unknown.join(' ')}` : null,
  },
  {
    id: 'incident-open',
    deny: ({ incident, incidentProblem }) => {
      if (incidentProblem !== null) return incidentProblem;
      return incident && !incident.open ? `The incident ${incident.number} is closed.` : null;
    },
  },
  {
    id: 'incident-required',
    deny: ({ role, incident, reference }) =>
      missingIncident(
        { role, incident },
        reference === null
          ? ': name the one that it is for'
          : `, and no source of incidents knows ${reference}`,
      ),
  },
  {
    id: 'account-resolves',
    deny: ({ entitlements }) => {
      const missing = entitlements.find((entitlement) => entitlement.account === null);
      return missing
        ? `${missing.accountProblem ?? 'There is no account'} (for ${missing.description}).`
        : null;
    },
  },
  {
    id: 'account-is-own',
    deny: ({ entitlements }) => {
      const taken = entitlements.find((entitlement) => entitlement.pinnedToAnother);
      return taken ? `The account ${taken.account} on ${taken.connector} belongs to somebody else.` : null;
    },
  },
  {
    id: 'not-held-outside',
    deny: ({ entitlements }) => {
      const held = entitlements.find((entitlement) => entitlement.heldOutside);
      if (!held) return null;
      const through = held.heldThrough.length > 0 ? ` (${held.heldThrough.join(', ')})` : '';
      return `The account ${held.account} is ${held.description} already, outside Curfew${through}.`;
    },
  },
];

const EXTENSION_RULES: readonly Rule<ExtensionFacts>[] = [
  {
    id: 'grant-live',
    deny: ({ grant, now }) => (grant.live && now < grant.endsAt ? null : `${grant.id} is over: ask anew.`),
  },
  {
    id: 'incident-open',
    deny: ({ incident, grant }) =>
      incident && !incident.open
        ? `The incident ${incident.number} is closed, and ${grant.id} ends with it: ask anew.`
        : null,
  },
  {
    id: 'incident-required',
    deny: ({ role, incident, grant }) =>
      missingIncident({ role, incident }, `, and ${grant.id} was given without one: ask anew with it`),
  },
  {
    id: 'duration-cap',
    deny: ({ role, grant, durationS }) => {
      const left = role.maxDurationS - grant.durationS;
      if (durationS <= left) return null;
      return left <= 0
        ? `${grant.id} has the longest time that ${role.title} allows, ${durationInWords(role.maxDurationS)}.`
        : `${role.title} is given for at most ${durationInWords(role.maxDurationS)} in all: ${durationInWords(left)} more is what is left.`;
    },
  },
  {
    id: 'not-open-already',
    deny: ({ open }) => (open ? `${open.id} is waiting for a decision already.` : null),
  },
];

export function rulesFor(facts: Facts): readonly (() => { id: string; message: string | null })[] {
  const bind = <F>(rules: readonly Rule<F>[], value: F) =>
    rules.map((rule) => () => ({ id: rule.id, message: rule.deny(value) }));
  return facts.kind === 'access'
    ? [...bind(ROLE_RULES, facts), ...bind(PARTY_RULES, facts), ...bind(ACCESS_RULES, facts)]
    : [...bind(ROLE_RULES, facts), ...bind(PARTY_RULES, facts), ...bind(EXTENSION_RULES, facts)];
}
