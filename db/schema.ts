/**
 * The ledger's tables. Words are those of the design: a request becomes a grant, a grant claims
 * assignments, an assignment is one edge in one target.
 *
 * Two kinds of time stand here. Ledger time drives windows, reminders and expiry. Columns whose comment
 * says "real" hold real time (leases, retries, deadlines); nothing may compare one kind with the other.
 */
import { type SQL, sql } from 'drizzle-orm';
import {
  type AnyPgColumn,
  boolean,
  index,
  integer,
  pgTable,
  primaryKey,
  serial,
  uniqueIndex,
} from 'drizzle-orm/pg-core';
import type { AssignmentState } from '../src/domain/assignment.ts';
import type { EndReason, GrantState } from '../src/domain/grant.ts';
import type { FrozenEntitlement, RequestKind, RequestState, Verdict } from '../src/domain/request.ts';
import type { Decision } from '../src/policy/decision.ts';
import { at, jsonb, text } from './columns.ts';
import { incidents } from './schema-incidents.ts';

export const principals = pgTable(
  'principals',
  {
    id: serial('id').primaryKey(),
    kind: text('kind').$type<'human' | 'service' | 'workload' | 'agent'>().notNull().default('human'),
    /** Lower case; never changes. */
    email: text('email').notNull(),
    name: text('name').notNull(),
    active: boolean('active').notNull().default(true),
    boundAt: at('bound_at').notNull(),
  },
  (t) => [uniqueIndex('principals_email').on(t.email)],
);

/** Who a principal is on a chat platform: at most one identity on each, bound once. */
export const identities = pgTable(
  'identities',
  {
    platform: text('platform').notNull(),
    workspace: text('workspace').notNull(),
    userId: text('user_id').notNull(),
    principalId: integer('principal_id')
      .notNull()
      .references(() => principals.id),
    /** As this platform's directory has them. */
    name: text('name').notNull(),
    timeZone: text('time_zone'),
    /** False: this platform's directory said that they left, and has not said otherwise since. */
    active: boolean('active').notNull().default(true),
    /** How often they left: a directory reading counts only where nobody left after it began. */
    departures: integer('departures').notNull().default(0),
    /** When the directory last confirmed that they are here; null: it is to be asked at once. */
    checkedAt: at('checked_at'),
    /** Real: until then one process is asking about them. */
    checkLeaseUntil: at('check_lease_until'),
    /** Since when the directory does not know them; null: it does. */
    missingSince: at('missing_since'),
    boundAt: at('bound_at').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.platform, t.workspace, t.userId] }),
    uniqueIndex('identities_one_each').on(t.principalId, t.platform),
  ],
);

/** A target account belongs to one mail address, whichever platform its owner speaks from. */
export const accountPins = pgTable(
  'account_pins',
  {
    targetId: text('target_id').notNull(),
    /** The target's id of it: names change hands. */
    accountId: text('account_id').notNull(),
    email: text('email').notNull(),
    pinnedAt: at('pinned_at').notNull(),
  },
  (t) => [primaryKey({ columns: [t.targetId, t.accountId] })],
);

export const requests = pgTable(
  'requests',
  {
    id: text('id').primaryKey(),
    kind: text('kind').$type<RequestKind>().notNull(),
    /** The grant that an extension is for. */
    extendsGrant: text('extends_grant'),
    /** Where it was asked, and so where its requester is spoken to. */
    platform: text('platform').notNull(),
    requesterId: integer('requester_id')
      .notNull()
      .references(() => principals.id),
    subjectId: integer('subject_id')
      .notNull()
      .references(() => principals.id),
    role: text('role').notNull(),
    roleTitle: text('role_title').notNull(),
    risk: text('risk').notNull(),
    environment: text('environment').notNull(),
    durationS: integer('duration_s').notNull(),
    /** Where the end was named (`until 18:00`): no later than this, whenever it begins. */
    endsBy: at('ends_by'),
    reference: text('reference'),
    /** The incident that the reference names; its close ends the grant. */
    incidentId: integer('incident_id').references(() => incidents.id),
    reason: text('reason').notNull(),
    entitlements: jsonb('entitlements').$type<readonly FrozenEntitlement[]>().notNull(),
    state: text('state').$type<RequestState>().notNull(),
    decision: jsonb('decision').$type<Decision>().notNull(),
    createdAt: at('created_at').notNull(),
    expiresAt: at('expires_at').notNull(),
    /** When approvers are reminded; null once they were. */
    remindAt: at('remind_at'),
    decidedAt: at('decided_at'),
    decidedBy: integer('decided_by').references(() => principals.id),
    decisionNote: text('decision_note'),
    /** What was approved, when it is less than what was asked. */
    approvedDurationS: integer('approved_duration_s'),
  },
  (t) => [
    index('requests_pending_expiry').on(t.expiresAt).where(sql`state = 'pending'`),
    index('requests_pending_reminder').on(t.remindAt).where(sql`state = 'pending' and remind_at is not null`),
    index('requests_extensions').on(t.extendsGrant).where(sql`extends_grant is not null`),
    index('requests_incident').on(t.incidentId).where(sql`incident_id is not null`),
    index('requests_requester').on(t.requesterId, t.createdAt),
    /** One open request for each subject and role; an extension is a request of its own. */
    uniqueIndex('requests_one_open').on(t.subjectId, t.role).where(sql`state = 'pending'`),
  ],
);

export const votes = pgTable(
  'votes',
  {
    id: serial('id').primaryKey(),
    requestId: text('request_id')
      .notNull()
      .references(() => requests.id),
    stage: integer('stage').notNull(),
    approverId: integer('approver_id')
      .notNull()
      .references(() => principals.id),
    verdict: text('verdict').$type<Verdict>().notNull(),
    /** Set where an approver said yes to less than was asked. */
    durationS: integer('duration_s'),
    note: text('note'),
    /** What policy answered when it was asked again at this vote; null for a denial. */
    decision: jsonb('decision').$type<Decision>(),
    at: at('at').notNull(),
    live: boolean('live').notNull().default(true),
  },
  (t) => [
    uniqueIndex('votes_one_live').on(t.requestId, t.stage, t.approverId).where(sql`live`),
    index('votes_request').on(t.requestId),
  ],
);

/** One grant for each approved request, under the same id. */
export const grants = pgTable(
  'grants',
  {
    id: text('id')
      .primaryKey()
      .references(() => requests.id),
    subjectId: integer('subject_id')
      .notNull()
      .references(() => principals.id),
    role: text('role').notNull(),
    state: text('state').$type<GrantState>().notNull(),
    durationS: integer('duration_s').notNull(),
    approvedAt: at('approved_at').notNull(),
    startBy: at('start_by').notNull(),
    endsAt: at('ends_at').notNull(),
    /** The latest end, where one was named. */
    endsBy: at('ends_by'),
    /** The start of the earliest call that may have landed. */
    firstCallAt: at('first_call_at'),
    liveAt: at('live_at'),
    /** When the requester is reminded of the end; null once done. */
    remindAt: at('remind_at'),
    endingAt: at('ending_at'),
    endReason: text('end_reason').$type<EndReason>(),
    endedBy: text('ended_by'),
    endNote: text('end_note'),
    endedAt: at('ended_at'),
    overdueAlertedAt: at('overdue_alerted_at'),
  },
  (t) => [
    index('grants_starting').on(t.startBy).where(sql`state = 'starting'`),
    index('grants_live').on(t.endsAt).where(sql`state in ('starting', 'live')`),
    index('grants_reminder').on(t.remindAt).where(sql`state = 'live' and remind_at is not null`),
    index('grants_overdue').on(dueSinceOf(t)).where(sql`state <> 'ended' and overdue_alerted_at is null`),
    index('grants_open_subject').on(t.subjectId).where(sql`state <> 'ended'`),
  ],
);

/** From when on a grant's access should be gone; the same as `dueSince` in `src/domain/grant.ts`. */
export function dueSinceOf(table: Record<'startBy' | 'endsAt' | 'liveAt' | 'endingAt', AnyPgColumn>): SQL {
  return sql`least(${table.endsAt}, ${table.endingAt}, case when ${table.liveAt} is null then ${table.startBy} end)`;
}

export const assignments = pgTable(
  'assignments',
  {
    id: serial('id').primaryKey(),
    targetId: text('target_id').notNull(),
    /** Made of the two ids below, see `edgeName`. */
    edge: text('edge').notNull(),
    connector: text('connector').notNull(),
    permission: jsonb('permission').$type<Readonly<Record<string, unknown>>>().notNull(),
    permissionId: text('permission_id').notNull(),
    /** What the account is called, as last read. */
    account: text('account').notNull(),
    accountId: text('account_id').notNull(),
    /** What the target calls the permission, as last read, where that is not what the catalog calls it. */
    renamedTo: text('renamed_to'),
    state: text('state').$type<AssignmentState>().notNull(),
    generation: integer('generation').notNull(),
    /** When the reconciler is to look at it; null: nothing to do. */
    dueAt: at('due_at'),
    /** Real: not before this, after an error. */
    retryAt: at('retry_at'),
    attempts: integer('attempts').notNull().default(0),
    lastError: text('last_error'),
    lastErrorCode: text('last_error_code'),
    leaseToken: text('lease_token'),
    /** Real. */
    leaseUntil: at('lease_until'),
    /** What the target said before the first call: 'absent' makes what appears ours. */
    baseline: text('baseline').$type<'absent' | 'present'>(),
    /** Real: until then a call whose outcome nobody saw may still land. */
    unsettledUntil: at('unsettled_until'),
    /** True once a call of this life ended unseen: what appears late may be ours. */
    lateLandingPossible: boolean('late_landing_possible').notNull().default(false),
    /** Real: when the removal was confirmed; sessions begun before are ended. */
    removedAt: at('removed_at'),
    /** Re-reads still owed after an end: 2 (after 1 and 10 minutes), 1, 0. */
    rereads: integer('rereads').notNull().default(0),
    /** Ways in which the account still holds it, as last read. */
    inherited: jsonb('inherited').$type<readonly string[]>().notNull().default([]),
    observedAt: at('observed_at'),
    /** When absence was last confirmed. */
    absentAt: at('absent_at'),
  },
  (t) => [
    uniqueIndex('assignments_one_edge').on(t.targetId, t.edge),
    index('assignments_due').on(t.connector, t.dueAt).where(sql`due_at is not null`),
    index('assignments_retry').on(t.retryAt).where(sql`due_at is not null and retry_at is not null`),
  ],
);

/** A grant's claim on an assignment. */
export const claims = pgTable(
  'claims',
  {
    grantId: text('grant_id')
      .notNull()
      .references(() => grants.id),
    assignmentId: integer('assignment_id')
      .notNull()
      .references(() => assignments.id),
    /** The assignment's generation when it was claimed: only what is seen at or after it counts. */
    generation: integer('generation').notNull(),
    confirmedAt: at('confirmed_at'),
    releasedAt: at('released_at'),
    /** Released while another grant still holds the same edge. */
    shared: boolean('shared').notNull().default(false),
  },
  (t) => [
    primaryKey({ columns: [t.grantId, t.assignmentId] }),
    index('claims_assignment').on(t.assignmentId),
  ],
);
