/**
 * What each change leaves behind besides itself: audit events that name decision and reference, cards to
 * be drawn anew, lines in the timeline and to the requester. All in the transaction of the change.
 */
import { eq, sql } from 'drizzle-orm';
import { alias } from 'drizzle-orm/pg-core';
import type { Notice } from '../src/domain/notice.ts';
import { among } from './among.ts';
import { type AuditEntry, recordAudit } from './audit.ts';
import type { Tx } from './client.ts';
import { recordsFor } from './ledger-records.ts';
import { intendNotices, type NoticeIntent, touchCards } from './messages.ts';
import { principals, requests } from './schema.ts';

export interface Times {
  /** Ledger time. */
  readonly now: Date;
  readonly real: Date;
}

/** What audit events and notices say of a request. */
export interface Plot {
  readonly id: string;
  readonly role: string;
  readonly reference: string | null;
  /** The policy rule that decided, and the catalog it decided by. */
  readonly rule: string;
  readonly policyVersion: string;
  /** Where it was asked. */
  readonly platform: string;
  readonly requesterEmail: string;
  readonly subjectEmail: string;
}

const requester = alias(principals, 'requester');
const subject = alias(principals, 'subject');

export async function plotsOf(db: Tx, requestIds: readonly string[]): Promise<ReadonlyMap<string, Plot>> {
  if (requestIds.length === 0) return new Map();
  const rows = await db
    .select(plotColumns(requester, subject))
    .from(requests)
    .innerJoin(requester, eq(requester.id, requests.requesterId))
    .innerJoin(subject, eq(subject.id, requests.subjectId))
    .where(among(requests.id, requestIds));
  return new Map(rows.map((plot) => [plot.id, plot]));
}

/** A plot, for a select that joins requests with both parties; a request's facts alone are many times longer. */
export function plotColumns(requesterTable: typeof requester, subjectTable: typeof subject) {
  return {
    id: requests.id,
    role: requests.role,
    reference: requests.reference,
    rule: sql<string>`${requests.decision} ->> 'rule'`,
    policyVersion: sql<string>`${requests.decision} ->> 'policyVersion'`,
    platform: requests.platform,
    requesterEmail: requesterTable.email,
    subjectEmail: subjectTable.email,
  };
}

export function plotOf(row: {
  request: typeof requests.$inferSelect;
  requester: typeof principals.$inferSelect;
  subject: typeof principals.$inferSelect;
}): Plot {
  return {
    id: row.request.id,
    role: row.request.role,
    reference: row.request.reference,
    rule: row.request.decision.rule,
    policyVersion: row.request.decision.policyVersion,
    platform: row.request.platform,
    requesterEmail: row.requester.email,
    subjectEmail: row.subject.email,
  };
}

/** The part of an audit event's details that names request, decision and change reference. */
export function grounds(plot: Plot): Readonly<Record<string, unknown>> {
  return {
    request: plot.id,
    role: plot.role,
    subject: plot.subjectEmail,
    reference: plot.reference,
    rule: plot.rule,
    policy: plot.policyVersion,
  };
}

export interface Happening {
  readonly plot: Plot;
  readonly actor: string;
  readonly action: string;
  readonly details?: Readonly<Record<string, unknown>>;
  /** Said in the card's thread. */
  readonly timeline?: Notice;
  /** Said to the requester in a message of its own. */
  readonly tell?: Notice;
}

/**
 * Writes everything that goes with these happenings, and marks their requests' cards as old. The rows that
 * they are about are changed before: their events bear digests of what they are now.
 */
export async function tell(tx: Tx, happenings: readonly Happening[], times: Times): Promise<void> {
  if (happenings.length === 0) return;
  const records = await recordsFor(
    tx,
    happenings.map(({ plot, action }) => ({ request: plot.id, action })),
  );
  const entries: AuditEntry[] = happenings.map(({ plot, actor, action, details }, index) => ({
    actor,
    action,
    details: { ...grounds(plot), ...details, record: records[index] },
  }));
  const notices: NoticeIntent[] = happenings.flatMap(({ plot, timeline, tell: toPerson }) => {
    const base = { requestId: plot.id, platform: plot.platform };
    const lines: NoticeIntent[] = [];
    if (timeline) lines.push({ ...base, audience: 'thread', notice: timeline });
    if (toPerson)
      lines.push({ ...base, audience: 'person', recipient: plot.requesterEmail, notice: toPerson });
    return lines;
  });
  // Nothing here depends on the others: one round trip for all of it.
  await Promise.all([
    recordAudit(tx, times.now, entries),
    touchCards(tx, [...new Set(happenings.map(({ plot }) => plot.id))], times.real),
    intendNotices(tx, notices, times),
  ]);
}
