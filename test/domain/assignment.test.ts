/** An assignment's life as tables: every step in every state, with everything it can see. */
import { describe, expect, it } from 'vitest';
import {
  type AssignmentState,
  type Outcome,
  plan,
  type Settlement,
  type Situation,
  type Step,
  settle,
} from '../../src/domain/assignment.ts';
import { absent, held, inherited, now, plus, real, situation } from '../support/situation.ts';

const unwanted = { wanted: false } as const;
const over = { wanted: false, claimed: false } as const;

describe('what comes next', () => {
  it.each<[AssignmentState, number, Step, Step]>([
    // state, re-reads owed, when wanted, when not
    ['absent', 0, 'begin', 'settle'],
    ['absent', 2, 'begin', 'reread'],
    ['granting', 0, 'resume', 'remove'],
    ['present', 0, 'observe', 'remove'],
    ['removing', 0, 'remove', 'remove'],
    ['ending_sessions', 0, 'end_sessions', 'end_sessions'],
  ])('%s, with %i re-reads owed: %s when wanted, else %s', (state, rereads, wanted, not) => {
    expect([plan({ state, rereads }, true), plan({ state, rereads }, false)]).toEqual([wanted, not]);
  });
});

describe('what a step changes', () => {
  const present = {
    state: 'present',
    dueAt: plus(300),
    claims: 'confirm',
    attempts: 0,
    error: null,
  } as const;
  const gone = { state: 'absent', rereads: 2, dueAt: plus(60), claims: 'release' } as const;
  const waits = { retryAt: plus(0.75, real), attempts: 1, claims: 'none' } as const;

  it.each<[string, Step, Outcome, Partial<Situation>, Partial<Settlement>]>([
    ['a grant that is seen is present', 'begin', held, { state: 'granting' }, present],
    [
      'a grant not shown yet is tried again',
      'begin',
      absent,
      { state: 'granting' },
      { ...waits, state: 'granting' },
    ],
    ['holding it another way is not being granted it', 'begin', inherited, { state: 'granting' }, waits],
    ['a resumed grant that is seen is present', 'resume', held, { state: 'granting' }, present],
    [
      'a resumed grant not shown yet is tried again',
      'resume',
      absent,
      { state: 'granting', attempts: 1 },
      { attempts: 2 },
    ],
    [
      'a grant nobody wants any more is due at once',
      'begin',
      held,
      { state: 'granting', ...unwanted },
      { state: 'present', dueAt: now, claims: 'confirm' },
    ],
    [
      'a grant whose claims changed is due at once',
      'resume',
      held,
      { state: 'granting', stale: true },
      { state: 'present', dueAt: now },
    ],
    [
      'what was there before is a finding and no claim',
      'begin',
      { kind: 'held_before', holding: { direct: true, inherited: [] } },
      {},
      { state: 'absent', dueAt: now, claims: 'none', finding: 'held_before' },
    ],
    ['a read-back that sees it comes round again', 'observe', held, { state: 'present' }, present],
    [
      'a read-back that misses it finds it vanished',
      'observe',
      absent,
      { state: 'present' },
      { state: 'absent', finding: 'vanished', removed: true },
    ],
    [
      'a read-back that sees only another way finds it vanished',
      'observe',
      inherited,
      { state: 'present' },
      { finding: 'vanished', inherited: ['ops'] },
    ],
    [
      'vanished access still has its sessions ended',
      'observe',
      absent,
      { state: 'present', endsSessions: true },
      { state: 'ending_sessions', finding: 'vanished', dueAt: now, claims: 'none' },
    ],
    [
      'a removal that is seen to have worked is gone',
      'remove',
      absent,
      { state: 'removing', ...unwanted },
      { ...gone, removed: true },
    ],
    [
      'a removal leaves what is held another way, and says so',
      'remove',
      inherited,
      { state: 'removing', ...unwanted },
      { ...gone, inherited: ['ops'] },
    ],
    [
      'a removal is followed by sessions',
      'remove',
      absent,
      { state: 'removing', endsSessions: true, ...unwanted },
      { state: 'ending_sessions', removed: true, claims: 'none', dueAt: now },
    ],
    [
      'a removal that did not take is tried again',
      'remove',
      held,
      { state: 'removing', ...unwanted },
      { ...waits, state: 'removing', error: { code: 'still_present', message: expect.any(String) } },
    ],
    [
      'a removal counts only from a reading begun after what may land',
      'remove',
      absent,
      { state: 'removing', earlierUnsettledUntil: plus(9, real), ...unwanted },
      { state: 'removing', retryAt: plus(9, real), claims: 'none' },
    ],
    [
      'a removal counts from a reading begun just then',
      'remove',
      absent,
      { state: 'removing', earlierUnsettledUntil: real, ...unwanted },
      { ...gone, unsettledUntil: null },
    ],
    [
      'a removal of what is wanted again begins anew at once',
      'remove',
      absent,
      { state: 'removing', wanted: true },
      { state: 'absent', dueAt: now, claims: 'release' },
    ],
    [
      'ended sessions are the end',
      'end_sessions',
      { kind: 'sessions_ended', count: 2 },
      { state: 'ending_sessions', ...unwanted },
      gone,
    ],
    [
      'ended sessions of what is wanted again begin anew at once',
      'end_sessions',
      { kind: 'sessions_ended', count: 0 },
      { state: 'ending_sessions' },
      { state: 'absent', dueAt: now },
    ],
    [
      'nothing ever called is nothing to take away',
      'settle',
      { kind: 'nothing_to_do' },
      unwanted,
      { state: 'absent', dueAt: null, claims: 'release' },
    ],
    ['nothing called and wanted after all begins', 'settle', { kind: 'nothing_to_do' }, {}, { dueAt: now }],
    [
      'the first re-read leaves one, ten minutes after the end',
      'reread',
      absent,
      { rereads: 2, ...over },
      { state: 'absent', rereads: 1, dueAt: plus(540), claims: 'none' },
    ],
    [
      'the second re-read is the last',
      'reread',
      absent,
      { rereads: 1, ...over },
      { state: 'absent', rereads: 0, dueAt: null },
    ],
    [
      'a re-read releases a grant that ended meanwhile, and begins anew',
      'reread',
      absent,
      { rereads: 1, ...unwanted },
      gone,
    ],
    [
      'a re-read of what is wanted again begins at once',
      'reread',
      absent,
      { rereads: 1 },
      { state: 'absent', dueAt: now },
    ],
    [
      'what a call of ours left late is removed by a new call',
      'reread',
      held,
      { rereads: 2, lateLandingPossible: true, ...over },
      { state: 'removing', renew: true, finding: 'landed_late', dueAt: now },
    ],
    [
      'what somebody else gave is theirs',
      'reread',
      held,
      { rereads: 2, ...over },
      { state: 'absent', rereads: 0, dueAt: null, renew: false, finding: 'found_again' },
    ],
    [
      'what somebody else gave holds up no grant that ended meanwhile',
      'reread',
      held,
      { rereads: 2, ...unwanted },
      { rereads: 0, dueAt: now, finding: 'found_again' },
    ],
  ])('%s', (_, step, outcome, over, expected) => {
    expect(settle(step, outcome, situation(over))).toMatchObject(expected);
  });
});
