/** What policy answers to somebody who asks: each rule by itself, and their order. */
import { describe, expect, it } from 'vitest';
import { decide } from '../../src/policy/decide.ts';
import type { AccessFacts } from '../../src/policy/facts.ts';
import { accessFacts, entitlementFacts, incidentFacts } from '../support/facts.ts';
import { testRole } from '../support/house.ts';

const ben = { email: 'ben@acme.test', name: 'Ben' };
const omar = { email: 'omar@acme.test', name: 'Omar' };
const at = (iso: string) => new Date(iso);

it('asks the owners when nothing stands in the way', () => {
  expect(decide(accessFacts())).toMatchObject({
    outcome: 'approval',
    rule: 'owner-approves',
    stages: [{ approvers: ['omar@acme.test', 'lea@acme.test'], required: 1 }],
    policyVersion: 'sha256:test',
  });
});

describe('who asks for access is refused', () => {
  it.each<[string, string, Partial<AccessFacts>, RegExp]>([
    ['while Curfew is frozen', 'frozen', { frozen: true }, /frozen/],
    [
      'a role with a problem, in its words',
      'role-usable',
      { role: testRole({ problems: ['It has no owner.'] }) },
      /It has no owner\./,
    ],
    [
      'a role never recertified',
      'recertified',
      { role: testRole({ recertifyBy: null }) },
      /no recertification date/,
    ],
    [
      'a role past its recertification',
      'recertified',
      { role: testRole({ recertifyBy: '2026-11-19' }) },
      /by 2026-11-19/,
    ],
    [
      'a role kept for others',
      'requester-allowed',
      { role: testRole({ requesters: ['ben@acme.test'] }) },
      /not among those/,
    ],
    [
      'a role that only they own',
      'someone-can-approve',
      { role: testRole({ owners: ['ana@acme.test'] }) },
      /only owner/,
    ],
    [
      'a role owned only by requester and subject',
      'someone-can-approve',
      { requester: omar, subject: ben, role: testRole({ owners: ['omar@acme.test', 'ben@acme.test'] }) },
      /Nobody could approve/,
    ],
    ['more time than the role allows', 'duration-cap', { durationS: 4 * 3600 + 1 }, /at most 4 h/],
    ['a length of time that is none', 'duration-cap', { durationS: Number.NaN }, /at most/],
    [
      'a role that needs an incident',
      'incident-required',
      { role: testRole({ requiresIncident: true }) },
      /needs an open incident: name/,
    ],
    [
      'a role that needs an incident, for a ticket',
      'incident-required',
      { role: testRole({ requiresIncident: true }), reference: 'JIRA-88' },
      /no source of incidents knows JIRA-88/,
    ],
    [
      'a role that needs an incident, for one that was opened by hand',
      'incident-required',
      { role: testRole({ requiresIncident: true }), incident: incidentFacts({ trusted: false }) },
      /INC-1042 was opened by hand/,
    ],
    [
      'for an incident that is closed',
      'incident-open',
      { incident: incidentFacts({ open: false }) },
      /INC-1042 is closed/,
    ],
    [
      'for an incident that does not count, in its words',
      'incident-open',
      { incidentProblem: 'pagerduty has no incident INC-9.' },
      /^pagerduty has no incident INC-9\.$/,
    ],
    [
      'what they have asked for already',
      'not-open-already',
      { open: { id: 'R-2222', what: 'pending' } },
      /R-2222 is waiting/,
    ],
    [
      'what they hold already',
      'not-open-already',
      { open: { id: 'R-2222', what: 'held' } },
      /as R-2222: extend/,
    ],
    [
      'what could not be checked',
      'facts-known',
      { unknown: ['vault does not answer.'] },
      /refused: vault does not answer\./,
    ],
    [
      'without an account there',
      'account-resolves',
      {
        entitlements: [
          entitlementFacts({ account: null, accountProblem: 'There is no account ana on vault' }),
        ],
      },
      /no account ana on vault/,
    ],
    [
      'with an account that is somebody else’s',
      'account-is-own',
      { entitlements: [entitlementFacts({ pinnedToAnother: true })] },
      /belongs to somebody else/,
    ],
    [
      'what they hold outside Curfew',
      'not-held-outside',
      { entitlements: [entitlementFacts({ heldOutside: true, heldThrough: ['through ops'] })] },
      /already, outside Curfew \(through ops\)/,
    ],
    [
      'when just one of several things does not fit',
      'account-is-own',
      { entitlements: [entitlementFacts(), entitlementFacts({ pinnedToAnother: true })] },
      /somebody else/,
    ],
  ])('%s', (_, rule, over, message) => {
    const decision = decide(accessFacts(over));
    expect(decision).toMatchObject({ outcome: 'deny', rule, stages: [] });
    expect(decision.message).toMatch(message);
  });

  it('by the first rule that objects, the reasons nearest to the role before those of the person', () => {
    const everything: AccessFacts = accessFacts({
      frozen: true,
      role: testRole({
        problems: ['broken'],
        recertifyBy: null,
        requesters: [],
        owners: [],
        maxDurationS: 1,
        requiresIncident: true,
      }),
      open: { id: 'R-2222', what: 'held' },
      unknown: ['?'],
      incidentProblem: 'No such incident.',
      entitlements: [
        entitlementFacts({ account: null }),
        entitlementFacts({ pinnedToAnother: true }),
        entitlementFacts({ heldOutside: true }),
      ],
    });
    const fixes: [string, (facts: AccessFacts) => AccessFacts][] = [
      ['frozen', (f) => ({ ...f, frozen: false })],
      ['role-usable', (f) => ({ ...f, role: { ...f.role, problems: [] } })],
      ['recertified', (f) => ({ ...f, role: { ...f.role, recertifyBy: '2099-01-01' } })],
      ['requester-allowed', (f) => ({ ...f, role: { ...f.role, requesters: null } })],
      ['someone-can-approve', (f) => ({ ...f, role: { ...f.role, owners: ['omar@acme.test'] } })],
      ['duration-cap', (f) => ({ ...f, durationS: 1 })],
      ['not-open-already', (f) => ({ ...f, open: null })],
      ['facts-known', (f) => ({ ...f, unknown: [] })],
      ['incident-open', (f) => ({ ...f, incidentProblem: null })],
      ['incident-required', (f) => ({ ...f, incident: incidentFacts() })],
      ['account-resolves', (f) => ({ ...f, entitlements: f.entitlements.slice(1) })],
      ['account-is-own', (f) => ({ ...f, entitlements: f.entitlements.slice(1) })],
      ['not-held-outside', (f) => ({ ...f, entitlements: f.entitlements.slice(1) })],
    ];
    let facts = everything;
    for (const [rule, fix] of fixes) {
      expect(decide(facts).rule).toBe(rule);
      facts = fix(facts);
    }
    expect(decide(facts).rule).toBe('owner-approves');
  });
});

it.each([
  ['of a source', incidentFacts()],
  ['opened by hand, where those are trusted', incidentFacts({ source: 'manual', trusted: true })],
])('a role that needs an incident is asked of its owners for an open one %s', (_, incident) => {
  const role = testRole({ requiresIncident: true });
  expect(decide(accessFacts({ role, incident })).outcome).toBe('approval');
});

it('what was seen of the incident is frozen with the decision', () => {
  const { facts } = decide(accessFacts({ incident: incidentFacts() }));
  expect(facts.incident).toEqual({
    open: true,
    nature: 'real',
    severity: 'sev1',
    service: 'payments',
    acknowledgedBy: 'omar@acme.test',
    source: 'pagerduty',
    number: 'INC-1042',
    graceS: 0,
    trusted: true,
  });
});

it.each([
  ['the day before', '2026-11-20T23:59:59.999Z', '2026-11-20', 'approval'],
  ['as soon as that day is over', '2026-11-21T00:00:00.000Z', '2026-11-20', 'deny'],
])(
  'a role can be asked for through the whole day of its recertification: %s',
  (_, now, recertifyBy, outcome) => {
    expect(decide(accessFacts({ now: at(now), role: testRole({ recertifyBy }) })).outcome).toBe(outcome);
  },
);

it.each([
  ['test', 'is a test'],
  ['retrospective', 'was entered afterwards'],
  ['maintenance', 'is scheduled maintenance'],
  ['other', 'is of a kind that Curfew does not know'],
  [null, 'may be a test, as far as its source has said'],
] as const)('an incident whose nature is %s does not lift the rule that needs one', (nature, words) => {
  const facts = { role: testRole({ requiresIncident: true }), incident: incidentFacts({ nature }) };
  expect(decide(accessFacts(facts))).toMatchObject({
    outcome: 'deny',
    rule: 'incident-required',
    message: `Production database admin needs an open incident that is real: INC-1042 ${words}.`,
  });
});
