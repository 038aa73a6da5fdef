/** What a recorded step means for the log, the timeline and the alerts channel. Pure. */
import type { AssignmentRow } from '../../db/assignments.ts';
import type { Settlement } from '../domain/assignment.ts';
import type { Notice } from '../domain/notice.ts';
import type { Acted } from './act.ts';

export interface Finding {
  readonly actor: string;
  readonly action: string;
  readonly details: Readonly<Record<string, unknown>>;
  readonly timeline?: Notice;
  readonly alert?: Notice;
}

/** Codes of errors that no retry mends: somebody has to look. */
const STUCK_CODES = new Set(['connector_missing', 'target_replaced', 'gone', 'not_found']);

/** Empty: nothing changed that anybody has to know, such as a read-back that saw what it should. */
export function findingsOf(acted: Acted, row: AssignmentRow, settlement: Settlement): Finding[] {
  const finding = findingOf(acted, row, settlement);
  return [goneOf(acted, row, settlement), finding].filter((each) => each !== null);
}

/** Said once, by the step that takes the access for ended: later reads see the same. */
function goneOf({ outcome }: Acted, row: AssignmentRow, settlement: Settlement): Finding | null {
  if (outcome.kind !== 'read' || !outcome.holding.gone || !settlement.removed) return null;
  const { gone } = outcome.holding;
  const id = gone === 'account' ? row.accountId : row.permissionId;
  const proof = `the target was asked by id: it has no such ${gone}, and no access of that id`;
  return {
    actor: 'outside',
    action: 'access.gone',
    details: { gone, id, proof },
    timeline: { kind: 'gone', what: `${row.account} on ${row.connector}`, gone },
  };
}

function findingOf(acted: Acted, row: AssignmentRow, settlement: Settlement): Finding | null {
  const { outcome, leased } = acted;
  const what = `${row.account} on ${row.connector}`;
  if (settlement.error) {
    const { code, message } = settlement.error;
    // The grant's end says why; nothing is tried again.
    if (settlement.finding === 'refused')
      return { actor: 'outside', action: 'access.refused', details: { code, message } };
    const stuck = STUCK_CODES.has(code) && row.lastErrorCode !== code;
    return {
      actor: 'curfew',
      action: 'connector.failed',
      details: { step: leased.step, code, message, attempt: settlement.attempts },
      // Said once, when it begins: the card shows what holds now.
      timeline: settlement.attempts === 1 ? { kind: 'trouble', what, message } : undefined,
      alert: stuck ? { kind: 'stuck', what, message } : undefined,
    };
  }
  switch (settlement.finding) {
    case 'held_before':
      return { actor: 'curfew', action: 'access.held_before', details: { inherited: settlement.inherited } };
    case 'vanished':
      return { actor: 'outside', action: 'access.vanished', details: {} };
    case 'landed_late':
      return {
        actor: 'curfew',
        action: 'access.landed_late',
        details: {},
        alert: { kind: 'landed-late', what },
      };
    case 'found_again':
      return {
        actor: 'outside',
        action: 'access.found_again',
        details: {},
        alert: { kind: 'found-again', what },
      };
    case null:
      break;
  }
  if (outcome.kind === 'sessions_ended') {
    return { actor: 'curfew', action: 'sessions.ended', details: { count: outcome.count } };
  }
  if (settlement.state === 'present' && row.state !== 'present') {
    return { actor: 'curfew', action: 'access.granted', details: {} };
  }
  if (settlement.removed) {
    return { actor: 'curfew', action: 'access.removed', details: { inherited: settlement.inherited } };
  }
  return null;
}
