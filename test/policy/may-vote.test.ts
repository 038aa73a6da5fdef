/** Whether a click may decide: authority is asked anew each time, of the state and the catalog as they are now. */
import { describe, expect, it } from 'vitest';
import type { Role } from '../../src/domain/catalog.ts';
import { refuseVote, type VoteFacts } from '../../src/policy/may-vote.ts';
import { factsNow, voteFacts } from '../support/facts.ts';
import { testRole } from '../support/house.ts';

type Over = Partial<VoteFacts>;
type RequestOver = Partial<VoteFacts['request']>;
const without = (over: Partial<Role>): Over => ({ role: testRole(over) });
const otherThing = [{ connector: 'vault', permission: { key: 'root' } }];

it('an owner may approve a pending request', () => expect(refuseVote(voteFacts())).toBeNull());

describe('an approval is refused', () => {
  it.each<[string, string, Over, RequestOver]>([
    [
      'from the requester',
      'not-own-request',
      { approverEmail: 'omar@acme.test' },
      { requesterEmail: 'omar@acme.test' },
    ],
    ['from the one it is for', 'not-own-request', {}, { subjectEmail: 'omar@acme.test' }],
    ['when the role is gone', 'role-exists', { role: null }, {}],
    ['from an owner of another role', 'owner', { approverEmail: 'eva@acme.test' }, {}],
    ['from somebody who was an owner', 'owner', without({ owners: ['lea@acme.test'] }), {}],
    ['from an admin as such', 'owner', { approverEmail: 'mia@acme.test' }, {}],
    ['when it is approved already', 'pending', {}, { state: 'approved' }],
    ['when it was denied', 'pending', {}, { state: 'denied' }],
    ['when it was cancelled', 'pending', {}, { state: 'cancelled' }],
    ['when it has expired', 'pending', {}, { state: 'expired' }],
    ['at the moment it expires, swept or not', 'pending', {}, { expiresAt: factsNow }],
    ['while Curfew is frozen', 'frozen', { frozen: true }, {}],
    ['when the role cannot be requested any more', 'role-usable', without({ problems: ['x'] }), {}],
    ['when its recertification is overdue', 'recertified', without({ recertifyBy: '2026-11-19' }), {}],
    ['when the person has left', 'subject-active', {}, { subjectActive: false }],
    ['when the role gives something else now', 'role-unchanged', without({ entitlements: otherThing }), {}],
    [
      'when the role gives more now',
      'role-unchanged',
      without({ entitlements: [...testRole().entitlements, ...otherThing] }),
      {},
    ],
    ['when the named end has passed', 'until', {}, { endsBy: factsNow }],
    ['of more than the role allows now', 'duration-cap', without({ maxDurationS: 1800 }), {}],
    ['of more time than the role allows in all', 'duration-cap', {}, { heldS: 3 * 3600 + 1 }],
    ['for less, that is as much', 'less', { lessS: 3600 }, {}],
    ['for less, that is more', 'less', { lessS: 3601 }, {}],
  ])('%s', (_, rule, over, request) => {
    expect(refuseVote(voteFacts(over, request))?.rule).toBe(rule);
  });

  it('with one answer to whoever may not decide, whatever became of the request', () => {
    const answers = (['pending', 'approved', 'denied', 'cancelled', 'expired'] as const).map((state) =>
      refuseVote(voteFacts({ approverEmail: 'eva@acme.test' }, { state })),
    );
    expect(new Set(answers.map((answer) => answer?.message)).size).toBe(1);
  });
});

describe('a denial needs an owner and a pending request, and nothing else', () => {
  it.each<[string, Over, RequestOver]>([
    ['while Curfew is frozen', { frozen: true }, {}],
    ['when the role cannot be requested any more', without({ problems: ['x'] }), {}],
    ['when the role gives something else now', without({ entitlements: otherThing }), {}],
    ['when the person has left', {}, { subjectActive: false }],
  ])('%s', (_, over, request) => {
    expect(refuseVote(voteFacts({ verdict: 'deny', ...over }, request))).toBeNull();
  });
  it.each<[string, Over, RequestOver]>([
    ['from the requester', {}, { requesterEmail: 'omar@acme.test' }],
    ['from no owner', { approverEmail: 'eva@acme.test' }, {}],
    ['of what is over', {}, { state: 'approved' }],
  ])('and is refused %s', (_, over, request) => {
    expect(refuseVote(voteFacts({ verdict: 'deny', ...over }, request))).not.toBeNull();
  });
});

it('a role that lists the same things in another order of words gives the same', () => {
  const entitlements = [{ connector: 'vault', permission: { b: 1, a: 2 } }];
  const role = testRole({ entitlements: [{ permission: { a: 2, b: 1 }, connector: 'vault' }] });
  expect(refuseVote(voteFacts({ role }, { entitlements }))).toBeNull();
});

it('approving for less is how a request stands that asks for more than the role allows now', () => {
  const role = testRole({ maxDurationS: 1800 });
  expect(refuseVote(voteFacts({ role, lessS: 1800 }))).toBeNull();
});
