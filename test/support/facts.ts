/** Facts as policy sees them: Ana asks Omar and Lea for an hour of `prod-dba`, and nothing stands in the way. */
import type { AccessFacts, EntitlementFacts, ExtensionFacts, IncidentFacts } from '../../src/policy/facts.ts';
import type { VoteFacts } from '../../src/policy/may-vote.ts';
import { testRole } from './house.ts';

export const factsNow = new Date('2026-11-20T14:00:00.000Z');
const later = (seconds: number) => new Date(factsNow.getTime() + seconds * 1000);

const ana = { email: 'ana@acme.test', name: 'Ana' };
const common = {
  now: factsNow,
  policyVersion: 'sha256:test',
  frozen: false,
  role: testRole(),
  standing: { present: ['ana@acme.test', 'omar@acme.test', 'lea@acme.test'], unread: [] },
  requester: ana,
  subject: ana,
  durationS: 3600,
  incident: null,
  open: null,
};

/** INC-1042 of PagerDuty, open. */
export function incidentFacts(over: Partial<IncidentFacts> = {}): IncidentFacts {
  return {
    open: true,
    nature: 'real',
    severity: 'sev1',
    service: 'payments',
    acknowledgedBy: 'omar@acme.test',
    source: 'pagerduty',
    number: 'INC-1042',
    graceS: 0,
    trusted: true,
    ...over,
  };
}

export function entitlementFacts(over: Partial<EntitlementFacts> = {}): EntitlementFacts {
  return {
    connector: 'vault',
    description: 'holder of dba on vault',
    account: 'ana',
    accountProblem: null,
    pinnedToAnother: false,
    heldOutside: false,
    heldThrough: [],
    ...over,
  };
}

export function accessFacts(over: Partial<AccessFacts> = {}): AccessFacts {
  const base = {
    kind: 'access',
    reference: null,
    incidentProblem: null,
    unknown: [],
    entitlements: [entitlementFacts()],
  } as const;
  return { ...common, ...base, ...over };
}

export function extensionFacts(over: Partial<ExtensionFacts> = {}): ExtensionFacts {
  const grant = { id: 'R-7K3M', live: true, endsAt: later(600), durationS: 3600 };
  return { ...common, kind: 'extension', grant, ...over };
}

/** Omar approves all of it. */
export function voteFacts(
  over: Partial<VoteFacts> = {},
  request: Partial<VoteFacts['request']> = {},
): VoteFacts {
  const role = testRole();
  return {
    now: factsNow,
    frozen: false,
    verdict: 'approve',
    approverEmail: 'omar@acme.test',
    role,
    request: {
      state: 'pending',
      expiresAt: later(3600),
      requesterEmail: ana.email,
      subjectEmail: ana.email,
      subjectActive: true,
      durationS: 3600,
      heldS: 0,
      endsBy: null,
      entitlements: role.entitlements,
      ...request,
    },
    lessS: null,
    ...over,
  };
}
