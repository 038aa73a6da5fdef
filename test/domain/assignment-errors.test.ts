/** What goes wrong in a step: nothing is settled, it is tried again, and what nobody saw the end of is remembered. */
import { describe, expect, it } from 'vitest';
import { backoffS, type Step, settle } from '../../src/domain/assignment.ts';
import { failure, held, now, plus, real, situation } from '../support/situation.ts';

const steps: Step[] = ['begin', 'resume', 'observe', 'remove', 'end_sessions', 'reread'];
const stateBefore = {
  begin: 'absent',
  resume: 'granting',
  observe: 'present',
  remove: 'removing',
  end_sessions: 'ending_sessions',
  reread: 'absent',
  settle: 'absent',
} as const;
it.each(steps)('an error in "%s" changes no state, settles no claim, and is tried again', (step) => {
  const state = stateBefore[step];
  expect(settle(step, failure(), situation({ state, attempts: 2 }))).toMatchObject({
    ...{ state, claims: 'none', attempts: 3, retryAt: plus(3, real), dueAt: now, finding: null },
    error: { code: 'unreachable', message: 'no answer' },
  });
});

describe('a call whose end nobody saw', () => {
  const unseen = failure({ called: true, outcomeKnown: false });
  it('may land until its deadline and what the target takes beyond', () => {
    expect(settle('begin', unseen, situation({ state: 'granting' }))).toMatchObject({
      unsettledUntil: plus(15, real),
      lateLandingPossible: true,
    });
  });
  it('does not shorten the wait for an earlier one', () => {
    const earlierUnsettledUntil = plus(20, real);
    const settled = settle('resume', unseen, situation({ state: 'granting', earlierUnsettledUntil }));
    expect(settled.unsettledUntil).toEqual(earlierUnsettledUntil);
  });
  it.each([
    ['a call that certainly had no effect', failure({ called: true, outcomeKnown: true })],
    ['a failed reading before any call', failure({ called: false, outcomeKnown: false })],
  ])('is not %s', (_, outcome) => {
    expect(settle('begin', outcome, situation())).toMatchObject({
      unsettledUntil: null,
      lateLandingPossible: false,
    });
  });
  it('is not forgotten when the next one is seen', () => {
    const earlierUnsettledUntil = plus(9, real);
    const before = situation({ state: 'granting', earlierUnsettledUntil, lateLandingPossible: true });
    expect(settle('resume', held, before)).toMatchObject({
      state: 'present',
      unsettledUntil: earlierUnsettledUntil,
      lateLandingPossible: true,
    });
  });
});

describe('the wait between attempts', () => {
  it.each([
    [1, 0, 0.5],
    [1, 1, 1],
    [2, 0.5, 1.5],
    [6, 0, 16],
    [7, 0, 30],
    [7, 1, 60],
    [1_000_000, 1, 60],
  ])('after %i failures, by chance %d: %d s', (attempts, jitter, seconds) => {
    expect(backoffS(attempts, jitter)).toBe(seconds);
  });
});
