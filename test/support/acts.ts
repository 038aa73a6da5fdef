/** What people do in a house besides asking and approving; each act is a delivery of its own. */
import { and, asc, eq, sql } from 'drizzle-orm';
import type { AssignmentRow } from '../../db/assignments.ts';
import { readEvents } from '../../db/audit.ts';
import { assignments } from '../../db/schema.ts';
import { notices } from '../../db/schema-messages.ts';
import type { AuditEvent } from '../../src/domain/audit-chain.ts';
import type { Notice } from '../../src/domain/notice.ts';
import { cancelRequest } from '../../src/operations/cancel-request.ts';
import { castVote } from '../../src/operations/cast-vote.ts';
import { handBack, revokeGrant } from '../../src/operations/end-access.ts';
import { offboard } from '../../src/operations/offboard.ts';
import { requestExtension } from '../../src/operations/request-extension.ts';
import type { House } from './house.ts';

export async function deny(house: House, requestId: string, who = 'omar', note = 'not now') {
  const approver = await house.person(who);
  const vote = { approver, requestId, verdict: 'deny', lessS: null, note } as const;
  return castVote(house.ctx, { deliveryKey: house.deliveryKey(), ...vote });
}

export async function cancel(house: House, requestId: string, who = 'ana') {
  const speaker = await house.person(who);
  return cancelRequest(house.ctx, { deliveryKey: house.deliveryKey(), speaker, requestId });
}

export async function done(house: House, grantId: string, who = 'ana') {
  const speaker = await house.person(who);
  return handBack(house.ctx, { deliveryKey: house.deliveryKey(), speaker, grantId });
}

export async function revoke(house: House, grantId: string, who = 'omar', note: string | null = null) {
  const speaker = await house.person(who);
  return revokeGrant(house.ctx, { deliveryKey: house.deliveryKey(), speaker, grantId, note });
}

export async function askForMore(house: House, grantId: string, durationS: number, who = 'ana') {
  const requester = await house.person(who);
  const input = { requester, grantId, durationS, reason: 'it takes longer' };
  return requestExtension(house.ctx, { deliveryKey: house.deliveryKey(), ...input });
}

export async function leave(house: House, who = 'ana') {
  const person = { platform: 'slack', workspace: 'T1', userId: `U-${who}` };
  return offboard(house.ctx, { deliveryKey: house.deliveryKey(), person });
}

/** Asked, approved by Omar and read back: the id of a live grant. */
export async function liveGrant(house: House, who = 'ana', role = 'prod-dba', durationS = 3600) {
  const id = await house.ask(who, role, durationS);
  await house.approve(id);
  await house.settle();
  return id;
}

/** The assignment of `key` in the house's vault. */
export async function assignmentOf(house: House, account = 'ana', key = 'dba'): Promise<AssignmentRow> {
  const row = await findAssignmentOf(house, account, key);
  if (!row) throw new Error(`no assignment of ${key} to ${account}`);
  return row;
}

/** The same by its names, since an edge holds ids; null where there is none. */
export async function findAssignmentOf(
  house: House,
  account: string,
  key: string,
): Promise<AssignmentRow | null> {
  const [row] = await house.ledger.db
    .select()
    .from(assignments)
    .where(and(eq(assignments.account, account), sql`${assignments.permission} ->> 'key' = ${key}`));
  return row ?? null;
}

/** Everything sealed so far. */
export async function events(house: House): Promise<AuditEvent[]> {
  const all: AuditEvent[] = [];
  for await (const event of readEvents(house.ledger.db)) all.push(event);
  return all;
}

export async function actions(house: House): Promise<string[]> {
  return (await events(house)).map(({ action }) => action);
}

/** What the alerts channel is told, oldest first. */
export async function alerts(house: House): Promise<Notice[]> {
  const rows = await house.ledger.db
    .select()
    .from(notices)
    .where(eq(notices.audience, 'alerts'))
    .orderBy(asc(notices.id));
  return rows.map(({ notice }) => notice);
}

/** How often the vault was called by this name. */
export function callsOf(house: House, name: string): number {
  return house.vault.calls.filter((call) => call === name).length;
}
