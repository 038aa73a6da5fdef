/** What the scheduler does next, in words, from what the ledger holds. Pure. */

import type { AssignmentRow } from '../../db/assignments.ts';
import type { ListedGrant } from '../../db/grant-list.ts';
import type { RequestRow } from '../../db/requests.ts';
import { dueSince } from '../domain/grant.ts';

export interface Pending {
  readonly request: RequestRow;
  readonly requester: string;
}

export interface Due {
  readonly grants: readonly ListedGrant[];
  readonly pending: readonly Pending[];
  /** Those with something to do. */
  readonly assignments: readonly AssignmentRow[];
  readonly overdueAfterS: number;
  /** How far ledger time is ahead of real time, in which retries are kept. */
  readonly offsetMs: number;
}

export interface Step {
  readonly at: Date;
  readonly what: string;
}

const MOST_STEPS = 8;

/** Soonest first. */
export function nextSteps(due: Due): Step[] {
  return [
    ...due.grants.flatMap((listed) => grantSteps(listed, due.overdueAfterS)),
    ...due.pending.flatMap(pendingSteps),
    ...due.assignments.flatMap((assignment) => assignmentSteps(assignment, due.offsetMs)),
  ]
    .sort((a, b) => a.at.getTime() - b.at.getTime())
    .slice(0, MOST_STEPS);
}

function grantSteps({ grant, name }: ListedGrant, overdueAfterS: number): Step[] {
  const what = `${name}'s ${grant.role} (${grant.id})`;
  if (grant.state === 'ending') {
    if (grant.overdueAlertedAt !== null) return [];
    const at = new Date(dueSince(grant).getTime() + overdueAfterS * 1000);
    return [{ at, what: `calls security if ${what} is not gone by then` }];
  }
  const steps = [{ at: grant.endsAt, what: `ends ${what}` }];
  if (grant.state === 'starting') {
    steps.push({ at: grant.startBy, what: `gives ${what} up if it is not live by then` });
  } else if (grant.remindAt) {
    steps.push({ at: grant.remindAt, what: `reminds ${name} that ${grant.id} is about to end` });
  }
  return steps;
}

function pendingSteps({ request, requester }: Pending): Step[] {
  const lapse = { at: request.expiresAt, what: `lets ${requester}'s request ${request.id} lapse` };
  if (!request.remindAt) return [lapse];
  return [
    { at: request.remindAt, what: `reminds the owners of ${requester}'s request ${request.id}` },
    lapse,
  ];
}

function assignmentSteps(assignment: AssignmentRow, offsetMs: number): Step[] {
  const { dueAt, retryAt, attempts } = assignment;
  if (!dueAt) return [];
  const retry = retryAt ? retryAt.getTime() + offsetMs : 0;
  const at = new Date(Math.max(dueAt.getTime(), retry));
  const again = attempts > 0 ? `tries again, time ${attempts + 1}: ` : '';
  return [{ at, what: `${again}${verb(assignment)}` }];
}

function verb({ state, rereads, account, permission, connector }: AssignmentRow): string {
  const role = Object.values(permission).join(' ');
  switch (state) {
    case 'absent':
      if (rereads > 0) return `reads once more that ${account} is not in ${role} on ${connector}`;
      return `puts ${account} in ${role} on ${connector}`;
    case 'granting':
      return `puts ${account} in ${role} on ${connector}`;
    case 'present':
      return `reads whether ${account} is still in ${role} on ${connector}`;
    case 'removing':
      return `takes ${account} out of ${role} on ${connector}`;
    case 'ending_sessions':
      return `ends ${account}'s sessions on ${connector}`;
  }
}
