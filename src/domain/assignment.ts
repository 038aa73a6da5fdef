/**
 * An assignment's life: one edge in one target.
 *
 *            wanted: baseline read, attempt committed              grant read back
 *   absent ────────────────────────────────────────────▶ granting ───────────────▶ present
 *     ▲                                                     │                         │
 *     │                                        not wanted   └────────────┬────────────┘
 *     │ sessions ended (or none to end)                                  ▼
 *   ending_sessions ◀──────────── absence read back ──────────────── removing
 *
 * A removal, once begun, is carried through to confirmed absence even when the access becomes wanted
 * again meanwhile: granting over a revoke in flight could announce what is about to vanish. Everything
 * here is pure; the reconciler supplies times and observations.
 */
import type { Holding } from './holding.ts';

export const ASSIGNMENT_STATES = ['absent', 'granting', 'present', 'removing', 'ending_sessions'] as const;
export type AssignmentState = (typeof ASSIGNMENT_STATES)[number];

/** What the reconciler does next with an assignment. */
export type Step =
  /** Read the baseline, commit the attempt, grant, read back. */
  | 'begin'
  /** An attempt was made before: read, and grant again where it is not there. */
  | 'resume'
  /** Read back what should be there. */
  | 'observe'
  /** Revoke and read back. */
  | 'remove'
  | 'end_sessions'
  /** Read again what should be gone. */
  | 'reread'
  /** Nothing was ever there: no call needed. */
  | 'settle';

export function plan(assignment: { state: AssignmentState; rereads: number }, isWanted: boolean): Step {
  switch (assignment.state) {
    case 'absent':
      if (isWanted) return 'begin';
      return assignment.rereads > 0 ? 'reread' : 'settle';
    case 'granting':
      return isWanted ? 'resume' : 'remove';
    case 'present':
      return isWanted ? 'observe' : 'remove';
    case 'removing':
      return 'remove';
    case 'ending_sessions':
      return 'end_sessions';
  }
}

/** What a step saw. Times are real. */
export type Outcome =
  | { readonly kind: 'read'; readonly holding: Holding; readonly readBegunAt: Date }
  | { readonly kind: 'held_before'; readonly holding: Holding }
  | { readonly kind: 'sessions_ended'; readonly count: number }
  | { readonly kind: 'nothing_to_do' }
  | {
      readonly kind: 'error';
      readonly code: string;
      readonly message: string;
      readonly called: boolean;
      readonly outcomeKnown: boolean;
      /** A grant was called and certainly gave nothing: no time runs from that call. */
      readonly gaveNothing?: boolean;
      /** The target refuses this grant for good, and the call certainly gave nothing. */
      readonly refused?: boolean;
      /** What the target wants us to wait before any further call, seconds. */
      readonly retryAfterS?: number;
    };

export interface Situation {
  readonly state: AssignmentState;
  readonly rereads: number;
  readonly attempts: number;
  readonly lateLandingPossible: boolean;
  /** Real: until then an earlier call, whose outcome nobody saw, may still land. */
  readonly earlierUnsettledUntil: Date | null;
  /** Real: the same for the call made in this step, were its outcome unknown. */
  readonly callUnsettledUntil: Date | null;
  readonly endsSessions: boolean;
  /** The inputs changed while the step ran. */
  readonly stale: boolean;
  /** Whether it is wanted now: if that has changed since the step was planned, look again at once. */
  readonly wanted: boolean;
  /** A grant that has not ended claims it. */
  readonly claimed: boolean;
  /** Ledger. */
  readonly now: Date;
  readonly real: Date;
  readonly readBackEveryS: number;
  /** 0 to 1, for backoff. */
  readonly jitter: number;
}

/** What a step changes. Absent fields stay as they are. */
export interface Settlement {
  readonly state: AssignmentState;
  readonly dueAt: Date | null;
  readonly retryAt: Date | null;
  readonly attempts: number;
  readonly error: { readonly code: string; readonly message: string } | null;
  readonly unsettledUntil: Date | null;
  readonly lateLandingPossible: boolean;
  readonly rereads: number;
  readonly removed: boolean;
  readonly inherited: readonly string[] | null;
  /** Which claims this settles: 'confirm' (seen present), 'release' (seen absent), or none. */
  readonly claims: 'confirm' | 'release' | 'none';
  /**
   * The target contradicts an answer it gave: the next call is a new one, not a repetition that the target
   * may answer from memory.
   */
  readonly renew: boolean;
  /** What people have to be told beyond the state. */
  readonly finding: 'held_before' | 'refused' | 'vanished' | 'landed_late' | 'found_again' | null;
}

const REREAD_AFTER_S: Readonly<Record<number, number>> = { 2: 60, 1: 540 };
const FIRST_RETRY_S = 1;
const LONGEST_RETRY_S = 60;

/** Seconds until the next attempt after `attempts` failures: doubles from 1 to 60, the last half of it by chance. */
export function backoffS(attempts: number, jitter: number): number {
  const full = Math.min(LONGEST_RETRY_S, FIRST_RETRY_S * 2 ** Math.min(attempts - 1, 10));
  return full * (0.5 + jitter / 2);
}

const after = (date: Date, seconds: number) => new Date(date.getTime() + seconds * 1000);
const later = (a: Date | null, b: Date | null) => (a && b ? (a > b ? a : b) : (a ?? b));

export function settle(step: Step, outcome: Outcome, s: Situation): Settlement {
  const same: Settlement = {
    state: s.state,
    dueAt: s.now,
    retryAt: null,
    attempts: 0,
    error: null,
    unsettledUntil: s.earlierUnsettledUntil,
    lateLandingPossible: s.lateLandingPossible,
    rereads: s.rereads,
    removed: false,
    inherited: null,
    claims: 'none',
    renew: false,
    finding: null,
  };
  if (outcome.kind === 'error') return failed(outcome, s, same);
  if (outcome.kind === 'nothing_to_do') return { ...same, dueAt: s.wanted ? s.now : null, claims: 'release' };
  if (outcome.kind === 'held_before') {
    return { ...same, inherited: outcome.holding.inherited, finding: 'held_before' };
  }
  if (outcome.kind === 'sessions_ended') return gone(s, same);

  const { holding } = outcome;
  const seen = { ...same, inherited: holding.inherited };
  switch (step) {
    case 'begin':
    case 'resume':
      if (holding.direct) return present(s, seen);
      // The target took the call but does not show it yet (an invitation, an asynchronous job).
      return {
        ...seen,
        attempts: s.attempts + 1,
        retryAt: after(s.real, backoffS(s.attempts + 1, s.jitter)),
      };
    case 'observe':
      return holding.direct ? present(s, seen) : { ...removed(s, seen), finding: 'vanished' };
    case 'remove':
      if (holding.direct) {
        const error = {
          code: 'still_present',
          message: 'The target still shows the access after it was removed.',
        };
        return {
          ...seen,
          attempts: s.attempts + 1,
          error,
          retryAt: after(s.real, backoffS(s.attempts + 1, s.jitter)),
        };
      }
      if (s.earlierUnsettledUntil && outcome.readBegunAt < s.earlierUnsettledUntil) {
        return { ...seen, retryAt: s.earlierUnsettledUntil };
      }
      return removed(s, seen);
    case 'reread':
      return reread(holding, s, seen);
    default:
      return seen;
  }
}

function failed(outcome: Outcome & { kind: 'error' }, s: Situation, same: Settlement): Settlement {
  const attempts = s.attempts + 1;
  const unseen = outcome.called && !outcome.outcomeKnown;
  // Nothing was ever there, so there is nothing to take away, which the target might refuse just as well.
  const neverThere = outcome.refused && !s.lateLandingPossible && !s.earlierUnsettledUntil;
  return {
    ...same,
    state: neverThere ? 'absent' : s.state,
    finding: outcome.refused ? 'refused' : null,
    attempts,
    // Never before the target has said, a removal neither: it would only be refused, and held off for longer.
    retryAt: after(s.real, Math.max(backoffS(attempts, s.jitter), outcome.retryAfterS ?? 0)),
    // A place in our own line is nobody's trouble, and nothing to tell people of.
    error: outcome.code === 'busy' ? null : { code: outcome.code, message: outcome.message },
    unsettledUntil: unseen ? later(s.earlierUnsettledUntil, s.callUnsettledUntil) : s.earlierUnsettledUntil,
    lateLandingPossible: s.lateLandingPossible || unseen,
  };
}

function present(s: Situation, seen: Settlement): Settlement {
  const dueAt = s.stale || !s.wanted ? s.now : after(s.now, s.readBackEveryS);
  return { ...seen, state: 'present', dueAt, claims: 'confirm' };
}

/** Absence of the edge is confirmed; sessions come next where the connector ends them. */
function removed(s: Situation, seen: Settlement): Settlement {
  if (s.endsSessions) return { ...seen, state: 'ending_sessions', removed: true };
  return { ...gone(s, seen), removed: true };
}

function gone(s: Situation, seen: Settlement): Settlement {
  const dueAt = s.wanted ? s.now : after(s.now, REREAD_AFTER_S[2] ?? 60);
  return { ...seen, state: 'absent', rereads: 2, dueAt, unsettledUntil: null, claims: 'release' };
}

function reread(holding: Holding, s: Situation, seen: Settlement): Settlement {
  if (!holding.direct) {
    // A grant ended meanwhile without a call of its own: absence releases it, and its re-reads begin anew.
    if (s.claimed) return gone(s, seen);
    const rereads = s.rereads - 1;
    const wait = REREAD_AFTER_S[rereads];
    return { ...seen, rereads, dueAt: wait ? after(s.now, wait) : null };
  }
  // Ours only where a call of ours ended unseen; else somebody gave it after the end, and it is theirs.
  if (s.lateLandingPossible) return { ...seen, state: 'removing', renew: true, finding: 'landed_late' };
  return { ...seen, rereads: 0, dueAt: s.claimed ? s.now : null, finding: 'found_again' };
}
