/** Views of the ledger for tests of cards: Ana asks Omar and Lea for `dba` on `prod-pg`. */
import type { AssignmentRow, ClaimRow } from '../../db/assignments.ts';
import type { GrantRow } from '../../db/grants.ts';
import type { PrincipalRow } from '../../db/principals.ts';
import type { RequestRow } from '../../db/requests.ts';
import type { IncidentRow } from '../../db/schema-incidents.ts';
import type { RequestView } from '../../db/views.ts';
import type { PersonRef } from '../../src/chat/card.ts';
import type { CardContext } from '../../src/chat/cards/scene.ts';
import type { Role } from '../../src/domain/catalog.ts';
import type { FrozenEntitlement } from '../../src/domain/request.ts';

/** A moment of the day on which everything happens, UTC: `at('14:05')`, `at('14:05:03')`. */
export function at(clock: string): Date {
  return new Date(`2026-11-20T${clock.length === 5 ? `${clock}:00` : clock}.000Z`);
}

function principal(id: number, name: string, over: Partial<PrincipalRow> = {}): PrincipalRow {
  const lower = name.toLowerCase();
  return {
    id,
    kind: 'human',
    email: `${lower}@acme.test`,
    name,
    active: true,
    boundAt: at('08:00'),
    ...over,
  };
}

export const ana = principal(1, 'Ana');
export const omar = principal(2, 'Omar');
export const lea = principal(3, 'Lea');
export const ben = principal(4, 'Ben');

export const dba: FrozenEntitlement = {
  connector: 'prod-pg',
  permission: { role: 'dba' },
  description: 'member of dba on prod-pg',
  targetId: 'pg:1',
  permissionId: '16390',
  edge: '["16390","16391"]',
  account: 'ana',
  accountId: '16391',
  sessionOutlivesRevokeS: 0,
  endsSessions: false,
};

export const prodDba: Role = {
  name: 'prod-dba',
  title: 'Production database admin',
  owners: [omar.email, lea.email],
  risk: 'high',
  environment: 'production',
  sensitivity: 'confidential',
  recertifyBy: '2027-06-30',
  maxDurationS: 4 * 3600,
  defaultDurationS: 3600,
  requesters: null,
  channel: null,
  requiresIncident: false,
  entitlements: [{ connector: 'prod-pg', permission: { role: 'dba' } }],
  problems: [],
};

export function contextOf(over: Partial<CardContext> = {}): CardContext {
  const people = new Map<string, PersonRef>(
    [ana, omar, lea, ben].map(({ email, name }) => [
      email,
      { platform: 'slack', userId: `U0${name.toUpperCase()}`, name },
    ]),
  );
  return { now: at('14:30'), role: prodDba, people, ...over };
}

/** INC-1042 of PagerDuty, open since 13:50. */
export function incidentRow(over: Partial<IncidentRow> = {}): IncidentRow {
  return {
    id: 17,
    source: 'pagerduty',
    key: 'Q1ABC',
    number: 'INC-1042',
    url: 'https://acme.pagerduty.test/incidents/Q1ABC',
    title: 'Checkout is down',
    state: 'open',
    nature: 'real',
    severity: 'sev1',
    service: 'payments',
    acknowledgedBy: 'omar@acme.test',
    channel: null,
    mergedInto: null,
    seenAt: at('13:55'),
    openedAt: at('13:50'),
    closedAt: null,
    endDueAt: null,
    confirmedAt: at('13:55'),
    pollDueAt: null,
    leaseToken: null,
    leaseUntil: null,
    attempts: 0,
    lastError: null,
    unknownSince: null,
    unconfirmedAlerted: false,
    noteDueAt: null,
    noteDoubts: 0,
    ...over,
  };
}

/** The same, closed at 14:40 without grace. */
export function closedIncident(over: Partial<IncidentRow> = {}): IncidentRow {
  return incidentRow({ state: 'closed', closedAt: at('14:40'), endDueAt: at('14:40'), ...over });
}

export interface ViewOver {
  readonly request?: Partial<RequestRow>;
  readonly requester?: Partial<PrincipalRow>;
  readonly subject?: Partial<PrincipalRow>;
  readonly votes?: RequestView['votes'];
  readonly pendingExtension?: RequestRow | null;
  readonly incident?: RequestView['incident'];
}

/** A request asked at 14:00 for an hour. */
export function requestView(over: ViewOver = {}): RequestView {
  const requester = { ...ana, ...over.requester };
  const request: RequestRow = {
    id: 'R-7K3M',
    kind: 'access',
    extendsGrant: null,
    platform: 'slack',
    requesterId: requester.id,
    subjectId: requester.id,
    role: prodDba.name,
    roleTitle: prodDba.title,
    risk: prodDba.risk,
    environment: prodDba.environment,
    durationS: 3600,
    endsBy: null,
    reference: 'INC-1042',
    incidentId: null,
    reason: 'failing over the primary',
    entitlements: [dba],
    state: 'pending',
    decision: {
      outcome: 'approval',
      rule: 'owner-approves',
      message: 'An owner of Production database admin decides.',
      stages: [{ name: 'owner', approvers: [omar.email, lea.email], required: 1 }],
      policyVersion: 'sha256:0',
      facts: {},
    },
    createdAt: at('14:00'),
    expiresAt: at('22:00'),
    remindAt: at('18:00'),
    decidedAt: null,
    decidedBy: null,
    decisionNote: null,
    approvedDurationS: null,
    ...over.request,
  };
  return {
    request,
    requester,
    subject: { ...requester, ...over.subject },
    incident: over.incident ?? null,
    votes: over.votes ?? [],
    grant: null,
    assignments: [],
    unreached: [],
    pendingExtension: over.pendingExtension ?? null,
  };
}

export function voteBy(
  approver: PrincipalRow,
  over: Partial<RequestView['votes'][number]> = {},
): RequestView['votes'][number] {
  return {
    id: approver.id,
    requestId: 'R-7K3M',
    stage: 0,
    approverId: approver.id,
    verdict: 'approve',
    durationS: null,
    note: null,
    decision: null,
    at: at('14:02'),
    live: true,
    approver,
    ...over,
  };
}

export interface GrantOver extends ViewOver {
  readonly grant?: Partial<GrantRow>;
  /** One for each entitlement, in order. */
  readonly edges?: readonly { assignment?: Partial<AssignmentRow>; claim?: Partial<ClaimRow> }[];
}

/** Approved by Omar at 14:04, called at once, and 15:04 is the end. */
export function grantView(state: GrantRow['state'], over: GrantOver = {}): RequestView {
  const wasLive = state !== 'starting';
  const view = requestView({
    votes: [voteBy(omar)],
    ...over,
    request: { state: 'approved', decidedAt: at('14:04'), decidedBy: omar.id, ...over.request },
  });
  const isOver = state === 'ending' || state === 'ended';
  const grant: GrantRow = {
    id: view.request.id,
    subjectId: view.subject.id,
    role: view.request.role,
    state,
    durationS: view.request.durationS,
    approvedAt: at('14:04'),
    startBy: at('14:19'),
    endsAt: at('15:04'),
    endsBy: null,
    firstCallAt: at('14:04'),
    liveAt: wasLive ? at('14:04:01') : null,
    remindAt: wasLive && !isOver ? at('14:59') : null,
    endingAt: isOver ? at('15:04') : null,
    endReason: isOver ? 'window' : null,
    endedBy: null,
    endNote: null,
    endedAt: state === 'ended' ? at('15:04:03') : null,
    overdueAlertedAt: null,
    ...over.grant,
  };
  const assignments = view.request.entitlements.map((entitlement, index) => ({
    assignment: assignmentFor(entitlement, index, state, over.edges?.[index]?.assignment),
    claim: claimFor(grant, index, over.edges?.[index]?.claim),
  }));
  return { ...view, grant, assignments };
}

const ASSIGNMENT_STATE = {
  starting: 'granting',
  live: 'present',
  ending: 'removing',
  ended: 'absent',
} as const;

function assignmentFor(
  entitlement: FrozenEntitlement,
  index: number,
  state: GrantRow['state'],
  over: Partial<AssignmentRow> = {},
): AssignmentRow {
  return {
    id: index + 1,
    targetId: entitlement.targetId,
    edge: entitlement.edge,
    connector: entitlement.connector,
    permission: entitlement.permission,
    permissionId: entitlement.permissionId,
    account: entitlement.account,
    accountId: entitlement.accountId,
    renamedTo: null,
    state: ASSIGNMENT_STATE[state],
    generation: 1,
    dueAt: null,
    retryAt: null,
    attempts: 0,
    lastError: null,
    lastErrorCode: null,
    leaseToken: null,
    leaseUntil: null,
    baseline: 'absent',
    unsettledUntil: null,
    lateLandingPossible: false,
    removedAt: null,
    rereads: 0,
    inherited: [],
    observedAt: null,
    absentAt: null,
    ...over,
  };
}

function claimFor(grant: GrantRow, index: number, over: Partial<ClaimRow> = {}): ClaimRow {
  return {
    grantId: grant.id,
    assignmentId: index + 1,
    generation: 1,
    confirmedAt: grant.liveAt,
    releasedAt: grant.endedAt,
    shared: false,
    ...over,
  };
}
