/** What holds of an assignment whatever happens to it: any observations, any wishes, in any order. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type AssignmentState,
  type Outcome,
  plan,
  type Settlement,
  settle,
} from '../../src/domain/assignment.ts';

const now = new Date('2026-11-20T14:00:00.000Z');

interface Turn {
  readonly wanted: boolean;
  readonly wantedAfter: boolean;
  readonly claimed: boolean;
  readonly stale: boolean;
  readonly direct: boolean;
  readonly fails: boolean;
  readonly outcomeKnown: boolean;
}
const turn: fc.Arbitrary<Turn> = fc.record({
  wanted: fc.boolean(),
  wantedAfter: fc.boolean(),
  claimed: fc.boolean(),
  stale: fc.boolean(),
  direct: fc.boolean(),
  fails: fc.boolean(),
  outcomeKnown: fc.boolean(),
});

interface Life {
  readonly state: AssignmentState;
  readonly rereads: number;
  readonly lateLandingPossible: boolean;
  readonly unsettledUntil: Date | null;
}
const born: Life = { state: 'absent', rereads: 0, lateLandingPossible: false, unsettledUntil: null };

/** One step of a life, as the reconciler takes it: the ledger's own marks included. */
function live(before: Life, t: Turn, endsSessions: boolean): { step: string; settled: Settlement } {
  const step = plan(before, t.wanted);
  const marked: Life =
    step === 'remove'
      ? { ...before, state: 'removing' }
      : step === 'begin' && !t.fails && !t.direct
        ? { ...before, state: 'granting' }
        : before;
  const outcome: Outcome = t.fails
    ? { kind: 'error', code: 'x', message: 'x', called: true, outcomeKnown: t.outcomeKnown }
    : step === 'settle'
      ? { kind: 'nothing_to_do' }
      : step === 'end_sessions'
        ? { kind: 'sessions_ended', count: 0 }
        : { kind: 'read', holding: { direct: t.direct, inherited: [] }, readBegunAt: now };
  const settled = settle(step, outcome, {
    ...marked,
    attempts: 0,
    earlierUnsettledUntil: before.unsettledUntil,
    callUnsettledUntil: new Date(now.getTime() + 1000),
    endsSessions,
    stale: t.stale,
    wanted: t.wantedAfter,
    claimed: t.claimed || t.wantedAfter,
    now,
    real: now,
    readBackEveryS: 300,
    jitter: 0,
  });
  return { step, settled };
}

const lives = fc.tuple(fc.boolean(), fc.array(turn, { maxLength: 30 }));
function eachStep(check: (before: Life, t: Turn, step: string, settled: Settlement) => void): void {
  fc.assert(
    fc.property(lives, ([endsSessions, turns]) => {
      let life = born;
      for (const t of turns) {
        const { step, settled } = live(life, t, endsSessions);
        check(life, t, step, settled);
        life = settled;
      }
    }),
  );
}

describe('an assignment, whatever happens', () => {
  it('carries a removal through to confirmed absence, however often it is wanted again', () => {
    eachStep((before, t, step, settled) => {
      if (before.state !== 'removing' && before.state !== 'ending_sessions') return;
      expect(['remove', 'end_sessions']).toContain(step);
      expect(['removing', 'ending_sessions', 'absent']).toContain(settled.state);
      if (settled.state === 'absent') expect(t.fails || (step === 'remove' && t.direct)).toBe(false);
    });
  });

  it('settles claims only by what was read, never by an error', () => {
    eachStep((_, t, __, settled) => {
      if (t.fails) expect([settled.claims, settled.finding, settled.renew]).toEqual(['none', null, false]);
    });
  });

  it('says present only of what was seen there, and releases only what was seen absent or never called', () => {
    eachStep((before, t, step, settled) => {
      if (settled.claims === 'confirm') expect([settled.state, t.direct]).toEqual(['present', true]);
      if (settled.claims === 'release') {
        expect(settled.state).toBe('absent');
        if (step === 'settle') expect(before.state).toBe('absent');
        else expect(step === 'end_sessions' || !t.direct).toBe(true);
      }
    });
  });

  it('has something due as long as something is there or somebody waits for it', () => {
    eachStep((_, t, __, settled) => {
      if (settled.state !== 'absent' || t.wantedAfter) expect(settled.dueAt).not.toBeNull();
      if (t.claimed && settled.claims !== 'release') expect(settled.dueAt).not.toBeNull();
    });
  });

  it('remembers that a call may land late for as long as a call of this life ended unseen', () => {
    eachStep((before, t, __, settled) => {
      if (before.lateLandingPossible || (t.fails && !t.outcomeKnown))
        expect(settled.lateLandingPossible).toBe(true);
    });
  });

  it('is a function: the same step seen twice settles the same', () => {
    fc.assert(
      fc.property(turn, fc.boolean(), (t, endsSessions) => {
        expect(live(born, t, endsSessions)).toEqual(live(born, t, endsSessions));
      }),
    );
  });
});
