/**
 * Deciding a request. The request's row is locked first, so that of two clicks one decides and the other is
 * told so; who may decide is asked anew under that lock. Approval writes decision, grant, its end and its
 * assignments in this one transaction, before any target is called.
 */
import { claimEntitlements } from '../../db/assignments.ts';
import { recordAudit } from '../../db/audit.ts';
import type { Tx } from '../../db/client.ts';
import { closeRequests } from '../../db/close-request.ts';
import { once } from '../../db/deliveries.ts';
import { ACCESS_ENDED } from '../../db/end-grants.ts';
import { findGrant, insertGrant, lockGrants, setGrants } from '../../db/grants.ts';
import { closedSentence, incidentOf } from '../../db/incident-ends.ts';
import { survivorOf } from '../../db/incident-merges.ts';
import { redrawCards, touchCards } from '../../db/messages.ts';
import { holdPrincipals, type SpeakingPrincipal } from '../../db/principals.ts';
import {
  findRequest,
  insertVote,
  liveVotes,
  lockRequest,
  type RequestRow,
  type RequestWithParties,
  updateRequest,
} from '../../db/requests.ts';
import { grounds, plotOf, type Times, tell } from '../../db/story.ts';
import { holdFreeze } from '../../db/switches.ts';
import { endOfWindow } from '../domain/grant.ts';
import { nameWithMail } from '../domain/person-name.ts';
import type { Verdict } from '../domain/request.ts';
import { refuseVote, type VoteRefusal } from '../policy/may-vote.ts';
import { type AskedAnew, askAnew, closesRequest, refuseAnew } from './ask-anew.ts';
import { auditTrespass } from './audit-refusal.ts';
import { actorOf, maySee, type OperationContext, type Result, refused } from './context.ts';
import { linkAccounts } from './link-accounts.ts';

export interface VoteInput {
  readonly deliveryKey: string;
  readonly approver: SpeakingPrincipal;
  readonly requestId: string;
  readonly verdict: Verdict;
  /** Approve for less than was asked, seconds; null for all of it. */
  readonly lessS: number | null;
  /** Why; required for a denial, at most 500 characters. */
  readonly note: string | null;
  /** By a button: where that is no longer offered, the copy that bears it is an old one. */
  readonly pressed?: boolean;
}

/** Rules about who decides, not about what is decided. */
const NO_AUTHORITY = ['not-own-request', 'owner'];

export type Voted = Result<{
  readonly id: string;
  readonly state: 'pending' | 'approved' | 'denied';
  readonly durationS: number;
}>;

export async function castVote(ctx: OperationContext, input: VoteInput): Promise<Voted> {
  const anew = await askAnew(ctx, input);
  const result = await ctx.ledger.tx((tx) =>
    once(tx, input.deliveryKey, ctx.clocks.real(), () => vote(ctx, tx, input, anew)),
  );
  ctx.nudge();
  return result;
}

async function vote(ctx: OperationContext, tx: Tx, input: VoteInput, anew: AskedAnew | null): Promise<Voted> {
  const times: Times = { now: ctx.clocks.now(), real: ctx.clocks.real() };
  const { approver, verdict } = input;
  // Who leaves waits, and who has left is seen to have. Parties never change, so they are known unlocked.
  const asked = await findRequest(tx, input.requestId);
  const people = [approver.id, ...(asked ? [asked.requester.id, asked.subject.id] : [])];
  const standing = new Map((await holdPrincipals(tx, people)).map(({ id, active }) => [id, active]));
  if (!standing.get(approver.id)) return refused({ code: 'deactivated' });
  const found = await lockRequest(tx, input.requestId);
  const parties = found ? [found.requester.email, found.subject.email] : [];
  if (!found || !maySee(ctx.catalog, approver.email, { request: found.request, parties })) {
    const trespass = { speaker: approver, action: 'vote.refused', request: input.requestId };
    if (found) await auditTrespass(tx, times.now, trespass);
    return refused({ code: 'unknown-request', typed: input.requestId });
  }
  const plot = plotOf(found);
  const actor = actorOf(approver);
  const { decidedBy } = found.request;
  const earlier = decidedBy === null ? [] : await liveVotes(tx, plot.id);
  const { extendsGrant } = found.request;
  const closed = verdict === 'approve' ? await closedIncident(tx, found.request) : null;
  const decider = earlier.find(({ approver: other }) => other.id === decidedBy)?.approver;
  const refusal =
    refuseVote({
      now: times.now,
      frozen: (await holdFreeze(tx))?.on ?? false,
      verdict,
      approverEmail: approver.email,
      role: ctx.catalog.roles.get(found.request.role) ?? null,
      request: {
        state: found.request.state,
        decidedBy: decider && nameWithMail(decider),
        expiresAt: found.request.expiresAt,
        requesterEmail: found.requester.email,
        subjectEmail: found.subject.email,
        subjectActive: found.subject.active && found.requester.active,
        durationS: found.request.durationS,
        heldS: extendsGrant === null ? 0 : ((await findGrant(tx, extendsGrant))?.grant.durationS ?? 0),
        endsBy: found.request.endsBy,
        entitlements: found.request.entitlements,
      },
      lessS: input.lessS,
    }) ??
    closed ??
    refuseAnew(anew, verdict);
  if (refusal) {
    if (closesRequest(refusal, found.request, input))
      return denyByPolicy(tx, found, { refusal, anew, actor }, times);
    const details = { ...grounds(plot), verdict, because: refusal.rule };
    await recordAudit(tx, times.now, [{ actor, action: 'vote.refused', details }]);
    // Nobody is offered to decide what is decided. Who may not decide causes no work.
    const isOld = found.request.state !== 'pending' && !NO_AUTHORITY.includes(refusal.rule);
    if (isOld && input.pressed) await redrawCards(tx, plot.id, times.real);
    return refused({ code: 'policy', rule: refusal.rule, message: refusal.message, id: plot.id });
  }
  const stage = 0;
  const cast = await insertVote(tx, {
    requestId: plot.id,
    stage,
    approverId: approver.id,
    verdict,
    durationS: input.lessS,
    note: input.note,
    decision: anew?.decision ?? null,
    at: times.now,
  });
  if (!cast) return refused({ code: 'already-voted' });
  if (verdict === 'deny') return deny(tx, found, input, times);

  const votes = (await liveVotes(tx, plot.id)).filter(
    (other) => other.stage === stage && other.verdict === 'approve',
  );
  const required = found.request.decision.stages[stage]?.required ?? 1;
  const durationS = Math.min(
    found.request.durationS,
    ...votes.map((other) => other.durationS ?? found.request.durationS),
  );
  await tell(
    tx,
    [
      {
        plot,
        actor,
        action: 'vote.approved',
        details: { stage, lessS: input.lessS, note: input.note, anew: anew?.decision ?? null },
      },
    ],
    times,
  );
  if (votes.length < required) return { ok: true, id: plot.id, state: 'pending', durationS };
  return approve(ctx, tx, found, { approver, durationS }, times);
}

/** What is for an incident that is over is not given any more, grace or not. Null: it is open, or there is none. */
async function closedIncident(tx: Tx, request: RequestRow): Promise<VoteRefusal | null> {
  const incident = await incidentOf(tx, request);
  const last = incident && ((await survivorOf(tx, incident)) ?? incident);
  return last?.state === 'closed' ? { rule: 'incident-open', message: closedSentence(last) } : null;
}

/** What would be denied now is denied now. */
async function denyByPolicy(
  tx: Tx,
  found: RequestWithParties,
  { refusal, anew, actor }: { refusal: VoteRefusal; anew: AskedAnew | null; actor: string },
  times: Times,
): Promise<Voted> {
  const { id } = found.request;
  const { rule } = refusal;
  const message = `Asked again at the vote, the answer to ${nameWithMail(found.requester)} is no: ${refusal.message}`;
  const notice = { kind: 'denied', by: 'the rules', note: message } as const;
  const details = { because: rule, note: message, voter: actor, anew: anew?.decision ?? null };
  const closing = { state: 'denied', actor: 'curfew', note: message, details, notice } as const;
  await closeRequests(tx, [found.request], closing, times);
  return refused({ code: 'policy', rule, message, id });
}

async function deny(tx: Tx, found: RequestWithParties, input: VoteInput, times: Times): Promise<Voted> {
  const { id } = found.request;
  const { approver } = input;
  const note = input.note ?? '';
  const notice = { kind: 'denied', by: nameWithMail(approver), note } as const;
  const decided = { actor: actorOf(approver), decidedBy: approver, note, details: { note } };
  await closeRequests(tx, [found.request], { state: 'denied', ...decided, notice }, times);
  return { ok: true, id, state: 'denied', durationS: 0 };
}

async function approve(
  ctx: OperationContext,
  tx: Tx,
  found: RequestWithParties,
  { approver, durationS }: { approver: SpeakingPrincipal; durationS: number },
  times: Times,
): Promise<Voted> {
  const { request } = found;
  const extended =
    request.extendsGrant === null ? null : await extend(ctx, tx, request.extendsGrant, durationS, times);
  if (request.extendsGrant !== null && !extended) {
    await closeRequests(tx, [request], ACCESS_ENDED, times);
    return refused({ code: 'already-over', id: request.extendsGrant });
  }
  const taken = extended ? null : await linkAccounts(tx, found, actorOf(approver), times);
  if (taken) return denyByPolicy(tx, found, { refusal: taken, anew: null, actor: actorOf(approver) }, times);
  await updateRequest(tx, request.id, {
    state: 'approved',
    decidedAt: times.now,
    decidedBy: approver.id,
    approvedDurationS: durationS === request.durationS ? null : durationS,
    remindAt: null,
  });
  const givenS = leftS(durationS, extended ? null : request.endsBy, times.now);
  if (!extended) await begin(ctx, tx, found, givenS, times);
  const notice = extended
    ? ({ kind: 'extended', by: nameWithMail(approver), until: extended.toISOString() } as const)
    : ({ kind: 'approved', by: nameWithMail(approver), durationS: givenS } as const);
  const action = extended ? 'grant.extended' : 'request.approved';
  const actor = actorOf(approver);
  const details = { durationS: givenS, extends: request.extendsGrant, until: extended?.toISOString() };
  await tell(tx, [{ plot: plotOf(found), actor, action, details, timeline: notice, tell: notice }], times);
  if (request.extendsGrant !== null) await touchCards(tx, [request.extendsGrant], times.real);
  return { ok: true, id: request.id, state: 'approved', durationS: givenS };
}

/** Where the end was named, what is left until then: an approval that comes late gives less. */
function leftS(durationS: number, endsBy: Date | null, now: Date): number {
  return endsBy ? Math.min(durationS, Math.ceil((endsBy.getTime() - now.getTime()) / 1000)) : durationS;
}

/** The end is written with the beginning: a crash from here on leaves a row that the sweep will end. */
async function begin(
  ctx: OperationContext,
  tx: Tx,
  found: RequestWithParties,
  durationS: number,
  times: Times,
): Promise<void> {
  const { request, subject } = found;
  const startBy = endOfWindow(times.now, ctx.timing.startByS);
  await insertGrant(tx, {
    id: request.id,
    subjectId: subject.id,
    role: request.role,
    state: 'starting',
    durationS,
    approvedAt: times.now,
    startBy,
    endsAt: earlier(endOfWindow(startBy, durationS), request.endsBy),
    endsBy: request.endsBy,
  });
  await claimEntitlements(tx, request.id, request.entitlements, times.now);
}

const earlier = (a: Date, b: Date | null) => (b && b < a ? b : a);

/** Moves the end of a live grant. Null: it is over, and nothing reopens it. */
async function extend(
  ctx: OperationContext,
  tx: Tx,
  grantId: string,
  durationS: number,
  times: Times,
): Promise<Date | null> {
  const [grant] = await lockGrants(tx, [grantId]);
  if (grant?.state !== 'live' || times.now >= grant.endsAt) return null;
  const endsAt = endOfWindow(grant.endsAt, durationS);
  const remindAt = endOfWindow(endsAt, -ctx.timing.reminderBeforeEndS);
  // The named end was the first one's; more time was asked for on purpose.
  await setGrants(tx, [grantId], { endsAt, endsBy: null, durationS: grant.durationS + durationS, remindAt });
  return endsAt;
}
