/**
 * Asking for access: gather facts, decide, and write request, decision, cards and audit in one transaction.
 * A request that policy denies is written too, as denied: the refusal is part of the record.
 */
import { recordAudit } from '../../db/audit.ts';
import type { Tx } from '../../db/client.ts';
import { once } from '../../db/deliveries.ts';
import { incidentOf } from '../../db/incident-ends.ts';
import { type CardIntent, intendCards, touchCards } from '../../db/messages.ts';
import { type PrincipalRow, platformsOf, type SpeakingPrincipal } from '../../db/principals.ts';
import { findRequest, holdIncident, insertRequest, reservedForAnother } from '../../db/requests.ts';
import type { IncidentRow } from '../../db/schema-incidents.ts';
import { type Plot, plotOf, type Times, tell } from '../../db/story.ts';
import type { Role } from '../domain/catalog.ts';
import { newRequestId } from '../domain/ids.ts';
import { incidentName } from '../domain/incident-name.ts';
import { nearest } from '../domain/nearest.ts';
import { channelsOn, type PlatformChannel } from '../domain/platform.ts';
import type { FrozenEntitlement, RequestKind } from '../domain/request.ts';
import { decide } from '../policy/decide.ts';
import { approversOf, type Decision } from '../policy/decision.ts';
import { actorOf, type OperationContext, type Result, refused } from './context.ts';
import { gatherFacts, standingFacts } from './gather-facts.ts';
import { readStanding } from './read-standing.ts';
import { closedMessage } from './resolve-incident.ts';

export interface RequestInput {
  readonly deliveryKey: string;
  readonly requester: SpeakingPrincipal;
  /** As typed; unknown names are refused with the nearest ones. */
  readonly role: string;
  readonly durationS: number;
  /** Where the end was named (`until 18:00`). */
  readonly endsBy: Date | null;
  readonly reference: string | null;
  /** The ledger's id of an incident that was chosen from a list. */
  readonly incidentId?: number | null;
  /** 1 to 500 characters, cleaned. */
  readonly reason: string;
}

export type Submitted = Result<{ readonly id: string; readonly approvers: readonly string[] }>;

export async function submitRequest(ctx: OperationContext, input: RequestInput): Promise<Submitted> {
  const role = ctx.catalog.roles.get(input.role);
  if (!role) return refuseUnknownRole(ctx, input);
  const { requester } = input;
  const { facts, entitlements, incident } = await gatherFacts(ctx, {
    requester,
    subject: requester,
    role,
    durationS: input.durationS,
    reference: input.reference,
    incidentId: input.incidentId ?? null,
    standing: async () => standingFacts(await readStanding(ctx, [requester.email, ...role.owners])),
  });
  const decision = decide(facts);
  const result = await ctx.ledger.tx((tx) =>
    once(tx, input.deliveryKey, ctx.clocks.real(), () =>
      writeRequest(ctx, tx, {
        ...input,
        reference: input.reference ?? (incident && incidentName(incident)),
        incidentId: incident?.id ?? null,
        kind: 'access',
        extendsGrant: null,
        subject: requester,
        role,
        decision,
        entitlements,
      }),
    ),
  );
  ctx.nudge();
  return result;
}

export interface NewRequest {
  readonly kind: RequestKind;
  readonly extendsGrant: string | null;
  readonly requester: SpeakingPrincipal;
  readonly subject: PrincipalRow;
  readonly role: Role;
  readonly durationS: number;
  readonly endsBy: Date | null;
  readonly reference: string | null;
  /** Its close ends what is given. */
  readonly incidentId: number | null;
  readonly reason: string;
  readonly decision: Decision;
  readonly entitlements: readonly FrozenEntitlement[];
}

const MOST_ID_ATTEMPTS = 20;

/** Writes a request with everything that goes with it. Also used for extensions. */
export async function writeRequest(ctx: OperationContext, tx: Tx, input: NewRequest): Promise<Submitted> {
  const times: Times = { now: ctx.clocks.now(), real: ctx.clocks.real() };
  const { decision, requester, subject, role } = input;
  const denied =
    decision.outcome === 'deny'
      ? decision
      : ((await refuseClosed(tx, input)) ?? (await refuseReserved(tx, input)));
  const state = denied ? 'denied' : 'pending';
  const expiresAt = new Date(times.now.getTime() + ctx.timing.requestExpiryS * 1000);
  const halfTime = new Date(times.now.getTime() + ctx.timing.requestExpiryS * 500);

  let id: string | null = null;
  for (let attempt = 0; id === null && attempt < MOST_ID_ATTEMPTS; attempt += 1) {
    const candidate = newRequestId(ctx.randomBytes, attempt);
    const outcome = await insertRequest(tx, {
      id: candidate,
      kind: input.kind,
      extendsGrant: input.extendsGrant,
      platform: requester.platform,
      requesterId: requester.id,
      subjectId: subject.id,
      role: role.name,
      roleTitle: role.title,
      risk: role.risk,
      environment: role.environment,
      durationS: input.durationS,
      endsBy: input.endsBy,
      reference: input.reference,
      incidentId: input.incidentId,
      reason: input.reason,
      entitlements: input.entitlements,
      state,
      decision: denied ?? decision,
      createdAt: times.now,
      expiresAt,
      remindAt: denied ? null : halfTime,
      decidedAt: denied ? times.now : null,
      decisionNote: denied?.message ?? null,
    });
    if (outcome === 'inserted') id = candidate;
    if (outcome === 'open-already') {
      const message = `You have asked for ${role.title} already.`;
      const details = { role: role.name, rule: 'not-open-already', reference: input.reference };
      await recordAudit(tx, times.now, [{ actor: actorOf(requester), action: 'request.refused', details }]);
      return refused({ code: 'policy', rule: 'not-open-already', message, id: null });
    }
  }
  const written = id === null ? null : await findRequest(tx, id);
  if (!written) throw new Error('no free request id was found');
  const plot = plotOf(written);
  const actor = actorOf(requester);
  const { durationS, reason, extendsGrant } = input;
  const details = { durationS, reason, extends: extendsGrant, facts: decision.facts };

  if (denied) {
    const { rule, message } = denied;
    await tell(tx, [{ plot, actor, action: 'request.refused', details: { ...details, message } }], times);
    return refused({ code: 'policy', rule, message, id: plot.id });
  }
  const approvers = approversOf(decision);
  const incident = await incidentOf(tx, written.request);
  const channels = channelsFor(ctx, role, incident);
  await intendCards(tx, await cardsFor(ctx, tx, { plot, requester, channels, approvers }), times.real);
  const action = input.kind === 'access' ? 'request.created' : 'extension.requested';
  await tell(tx, [{ plot, actor, action, details, timeline: { kind: 'requested' } }], times);
  // The grant's own cards say that more time was asked for.
  if (extendsGrant !== null) await touchCards(tx, [extendsGrant], times.real);
  return { ok: true, id: plot.id, approvers };
}

/** A denial where the incident was closed meanwhile. From here on its close waits, and finds this request. */
async function refuseClosed(tx: Tx, { incidentId, decision }: NewRequest): Promise<Decision | null> {
  const incident = incidentId === null ? null : await holdIncident(tx, incidentId);
  if (!incident || incident.state === 'open') return null;
  return {
    ...decision,
    outcome: 'deny',
    rule: 'incident-open',
    message: closedMessage(incident),
    stages: [],
  };
}

/**
 * A denial where somebody else's pending request is for the same account of a target. It is theirs only once
 * their request is approved: taken back or denied, it leaves nothing.
 */
async function refuseReserved(tx: Tx, input: NewRequest): Promise<Decision | null> {
  if (input.kind !== 'access') return null;
  const reserved = await reservedForAnother(tx, input.subject.id, input.entitlements);
  if (!reserved) return null;
  const message = `The account ${reserved.account} on ${reserved.connector} is asked for by somebody else just now.`;
  return { ...input.decision, outcome: 'deny', rule: 'account-is-own', message, stages: [] };
}

/** The role's channel, or the one for approvals, on every platform that has one; then the incident's own. */
function channelsFor(
  ctx: OperationContext,
  role: Role,
  incident: Pick<IncidentRow, 'channel'> | null,
): readonly PlatformChannel[] {
  const configured = channelsOn(role.channel ?? ctx.catalog.channels.approvals, ctx.platforms);
  const own = incident?.channel;
  if (!own || !ctx.platforms.includes(own.platform)) return configured;
  return [...configured, { platform: own.platform, recipient: own.id }];
}

/**
 * The channels, each owner who may decide, and the requester. Owners are written to where they have spoken
 * before, and on every platform where they have on none.
 */
async function cardsFor(
  ctx: OperationContext,
  tx: Tx,
  {
    plot: { id: requestId },
    requester,
    channels,
    approvers,
  }: {
    readonly plot: Plot;
    readonly requester: SpeakingPrincipal;
    readonly channels: readonly PlatformChannel[];
    readonly approvers: readonly string[];
  },
): Promise<CardIntent[]> {
  const spoken = ctx.platforms.length > 1 ? await platformsOf(tx, approvers) : new Map<string, string[]>();
  const reachOf = (email: string): readonly string[] => {
    const known = ctx.platforms.filter((platform) => spoken.get(email)?.includes(platform));
    return known.length > 0 ? known : ctx.platforms;
  };
  return [
    ...channels.map((channel): CardIntent => ({ requestId, audience: 'channel', ...channel })),
    ...approvers.flatMap((recipient) =>
      reachOf(recipient).map(
        (platform): CardIntent => ({ requestId, audience: 'owner', platform, recipient }),
      ),
    ),
    { requestId, audience: 'requester', platform: requester.platform, recipient: requester.email },
  ];
}

function refuseUnknownRole(ctx: OperationContext, input: RequestInput): Promise<Submitted> {
  const now = ctx.clocks.now();
  const names = nearest(input.role, ctx.catalog.roles.keys());
  return ctx.ledger.tx((tx) =>
    once(tx, input.deliveryKey, ctx.clocks.real(), async () => {
      const details = { role: input.role.slice(0, 100), because: 'unknown role' };
      await recordAudit(tx, now, [{ actor: actorOf(input.requester), action: 'request.refused', details }]);
      return refused({ code: 'unknown-role', typed: input.role.slice(0, 100), nearest: names });
    }),
  );
}
