/** Asking for more time: a new vote by the owners, on a request of its own that moves the end when approved. */
import { once } from '../../db/deliveries.ts';
import { findGrant, lockGrants } from '../../db/grants.ts';
import type { SpeakingPrincipal } from '../../db/principals.ts';
import { findOpenRequest, holdIncident } from '../../db/requests.ts';
import { readFreeze } from '../../db/switches.ts';
import { decide } from '../policy/decide.ts';
import type { StandingFacts } from '../policy/facts.ts';
import { auditTrespass } from './audit-refusal.ts';
import { type OperationContext, refused } from './context.ts';
import { extensionFacts, standingFacts } from './gather-facts.ts';
import { readStanding } from './read-standing.ts';
import { type Submitted, writeRequest } from './submit-request.ts';

export interface ExtensionInput {
  readonly deliveryKey: string;
  readonly requester: SpeakingPrincipal;
  readonly grantId: string;
  readonly durationS: number;
  readonly reason: string;
}

export async function requestExtension(ctx: OperationContext, input: ExtensionInput): Promise<Submitted> {
  const { requester } = input;
  const standing = await standingOf(ctx, input);
  const result = await ctx.ledger.tx((tx) =>
    once(tx, input.deliveryKey, ctx.clocks.real(), async (): Promise<Submitted> => {
      // Incidents are locked before grants, everywhere.
      const incidentId = (await findGrant(tx, input.grantId))?.request.incidentId ?? null;
      const incident = incidentId === null ? null : await holdIncident(tx, incidentId);
      await lockGrants(tx, [input.grantId]);
      const found = await findGrant(tx, input.grantId);
      if (!found || !isParty(found, requester)) {
        const trespass = { speaker: requester, action: 'extension.refused', request: input.grantId };
        if (found) await auditTrespass(tx, ctx.clocks.now(), trespass);
        return refused({ code: 'unknown-request', typed: input.grantId });
      }
      const { grant, request, subject } = found;
      const role = ctx.catalog.roles.get(grant.role);
      if (!role) return refused({ code: 'unknown-role', typed: grant.role, nearest: [] });
      const open = await findOpenRequest(tx, subject.id, role.name);
      const { durationS } = input;
      const frozen = (await readFreeze(tx))?.on ?? false;
      // It became known only after it was asked who is here.
      const unread = [requester.email, subject.email];
      const about = {
        requester,
        subject,
        role,
        durationS,
        incident,
        grant,
        frozen,
        standing: standing ?? { present: [], unread },
      };
      const decision = decide(
        extensionFacts(ctx, { ...about, open: open ? { id: open.id, what: 'pending' } : null }),
      );
      const { entitlements, reference } = request;
      const { reason } = input;
      const rest = {
        requester,
        subject,
        role,
        durationS,
        endsBy: null,
        reference,
        incidentId,
        reason,
        decision,
        entitlements,
      };
      return writeRequest(ctx, tx, { kind: 'extension', extendsGrant: grant.id, ...rest });
    }),
  );
  ctx.nudge();
  return result;
}

function isParty(
  { request, subject }: NonNullable<Awaited<ReturnType<typeof findGrant>>>,
  { id }: SpeakingPrincipal,
): boolean {
  return request.requesterId === id || subject.id === id;
}

/**
 * Who is here of those whom it concerns. Null: there is nothing that the speaker could extend. Then no directory
 * is asked, for anybody, and how long the answer takes does not tell a stranger whether there is such a grant.
 */
async function standingOf(
  ctx: OperationContext,
  { requester, grantId }: ExtensionInput,
): Promise<StandingFacts | null> {
  const found = await findGrant(ctx.ledger.db, grantId);
  const role = found && ctx.catalog.roles.get(found.grant.role);
  if (!found || !role || !isParty(found, requester)) return null;
  return standingFacts(await readStanding(ctx, [requester.email, found.subject.email, ...role.owners]));
}
