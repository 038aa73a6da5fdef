/** What a step of an assignment finds: a situation, and what may be seen in it. */
import type { Outcome, Situation } from '../../src/domain/assignment.ts';

export const now = new Date('2026-11-20T14:00:00.000Z');
export const real = new Date('2026-11-20T16:00:00.000Z');
export const plus = (seconds: number, from = now) => new Date(from.getTime() + seconds * 1000);

export const situation = (over: Partial<Situation> = {}): Situation => ({
  state: 'absent',
  rereads: 0,
  attempts: 0,
  lateLandingPossible: false,
  earlierUnsettledUntil: null,
  callUnsettledUntil: plus(15, real),
  endsSessions: false,
  stale: false,
  wanted: true,
  claimed: true,
  now,
  real,
  readBackEveryS: 300,
  jitter: 0.5,
  ...over,
});
export const held: Outcome = { kind: 'read', holding: { direct: true, inherited: [] }, readBegunAt: real };
export const absent: Outcome = { kind: 'read', holding: { direct: false, inherited: [] }, readBegunAt: real };
export const inherited: Outcome = {
  kind: 'read',
  holding: { direct: false, inherited: ['ops'] },
  readBegunAt: real,
};
export const failure = (over: Partial<Outcome & { kind: 'error' }> = {}): Outcome => ({
  kind: 'error',
  code: 'unreachable',
  message: 'no answer',
  called: false,
  outcomeKnown: true,
  ...over,
});
