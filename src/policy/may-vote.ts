/** Whether a click may decide a request: asked anew at every click, of current state and current policy. Pure. */

import { canonicalJson } from '../domain/audit-chain.ts';
import type { EntitlementSpec, Role } from '../domain/catalog.ts';
import type { RequestState, Verdict } from '../domain/request.ts';
import { ROLE_RULES } from './rules.ts';

export interface VoteFacts {
  readonly now: Date;
  readonly frozen: boolean;
  readonly verdict: Verdict;
  readonly approverEmail: string;
  /** The role as the catalog has it now; null when it is gone. */
  readonly role: Role | null;
  readonly request: {
    readonly state: RequestState;
    /** The name of whoever approved or denied it, so that who comes second is told. */
    readonly decidedBy?: string | undefined;
    readonly expiresAt: Date;
    readonly requesterEmail: string;
    readonly subjectEmail: string;
    readonly subjectActive: boolean;
    readonly durationS: number;
    /** What the grant has already that this would extend, seconds; 0 for access. */
    readonly heldS: number;
    /** The latest end, where one was named. */
    readonly endsBy: Date | null;
    readonly entitlements: readonly EntitlementSpec[];
  };
  /** Approve for less than was asked, seconds; null for all of it. */
  readonly lessS: number | null;
}

export type VoteRefusal = { readonly rule: string; readonly message: string };

const OVER: Readonly<Record<Exclude<RequestState, 'pending'>, string>> = {
  approved: 'It is approved already',
  denied: 'It was denied already',
  cancelled: 'It was cancelled',
  expired: 'It has expired',
};

/** Null: the vote counts. */
export function refuseVote(facts: VoteFacts): VoteRefusal | null {
  const { request, role, approverEmail } = facts;
  const no = (rule: string, message: string): VoteRefusal => ({ rule, message });
  // Who may not decide learns nothing of the state.
  if (approverEmail === request.requesterEmail || approverEmail === request.subjectEmail) {
    return no('not-own-request', 'Nobody decides on their own access: another owner has to.');
  }
  if (!role) return no('role-exists', 'This role is not in the catalog any more.');
  if (!role.owners.includes(approverEmail))
    return no('owner', `Only an owner of ${role.title} can decide this.`);
  if (request.state !== 'pending') {
    return no('pending', `${OVER[request.state]}${request.decidedBy ? `, by ${request.decidedBy}` : ''}.`);
  }
  if (facts.now >= request.expiresAt) return no('pending', `${OVER.expired}.`);
  if (facts.verdict === 'deny') return null;

  for (const rule of ROLE_RULES) {
    const message = rule.deny({ now: facts.now, frozen: facts.frozen, role });
    if (message !== null) return no(rule.id, message);
  }
  if (!request.subjectActive) return no('subject-active', 'The person it is for has been deactivated.');
  if (!sameEntitlements(request.entitlements, role.entitlements)) {
    return no(
      'role-unchanged',
      'What this role gives has changed since it was asked for: it has to be asked for anew.',
    );
  }
  if (request.endsBy && facts.now >= request.endsBy)
    return no('until', 'The time until which it was asked for has passed.');
  const durationS = facts.lessS ?? request.durationS;
  if (request.heldS + durationS > role.maxDurationS)
    return no('duration-cap', 'The role is given for less time now: approve it for less.');
  if (facts.lessS !== null && facts.lessS >= request.durationS) {
    return no('less', 'That is not less than what was asked.');
  }
  return null;
}

function sameEntitlements(a: readonly EntitlementSpec[], b: readonly EntitlementSpec[]): boolean {
  const text = (list: readonly EntitlementSpec[]) =>
    canonicalJson(list.map(({ connector, permission }) => ({ connector, permission })));
  return text(a) === text(b);
}
