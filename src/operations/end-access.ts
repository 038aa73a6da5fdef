/** Ending access early: handed back by who holds it, or revoked by an owner or an admin. */
import { recordAudit } from '../../db/audit.ts';
import type { Tx } from '../../db/client.ts';
import { once } from '../../db/deliveries.ts';
import { endGrants } from '../../db/end-grants.ts';
import { findGrant, type GrantWithParties, openGrantsOf } from '../../db/grants.ts';
import { findPrincipalByEmail, type SpeakingPrincipal } from '../../db/principals.ts';
import { pendingOfPeople } from '../../db/requests.ts';
import type { Times } from '../../db/story.ts';
import type { Catalog } from '../domain/catalog.ts';
import { nameWithMail } from '../domain/person-name.ts';
import { auditTrespass } from './audit-refusal.ts';
import { cancelPending } from './cancel-pending.ts';
import {
  actorOf,
  isAdmin,
  maySee,
  type OperationContext,
  ownsRole,
  type Result,
  refused,
} from './context.ts';

export type Ended = Result<{
  readonly ids: readonly string[];
  /** Requests that nobody had decided yet. */
  readonly cancelled?: readonly string[];
}>;

/** "I'm done": requester or subject hands the access back. */
export async function handBack(
  ctx: OperationContext,
  input: { deliveryKey: string; speaker: SpeakingPrincipal; grantId: string },
): Promise<Ended> {
  return inOneDelivery(ctx, input.deliveryKey, async (tx, times) => {
    const found = await findGrant(tx, input.grantId);
    const { speaker } = input;
    if (!found || !isParty(found, speaker)) {
      const trespass = { speaker, action: 'return.refused', request: input.grantId };
      if (found) await auditTrespass(tx, times.now, trespass);
      return refused({ code: 'unknown-request', typed: input.grantId });
    }
    const end = {
      reason: 'returned',
      actor: actorOf(speaker),
      by: nameWithMail(speaker),
      note: null,
    } as const;
    const ended = await endGrants(tx, [input.grantId], end, times);
    if (ended.length === 0) return refused({ code: 'already-over', id: input.grantId });
    return { ok: true, ids: [input.grantId] };
  });
}

/** Revokes one grant. */
export async function revokeGrant(
  ctx: OperationContext,
  input: { deliveryKey: string; speaker: SpeakingPrincipal; grantId: string; note: string | null },
): Promise<Ended> {
  return inOneDelivery(ctx, input.deliveryKey, async (tx, times) => {
    const { speaker, grantId } = input;
    const found = await findGrant(tx, grantId);
    if (!found) return refused({ code: 'unknown-request', typed: grantId });
    if (!mayEnd(ctx.catalog, found, speaker)) {
      const refusal = await refuse(tx, times, speaker, { grant: grantId });
      return mayKnow(ctx.catalog, found, speaker)
        ? refusal
        : refused({ code: 'unknown-request', typed: grantId });
    }
    return revoke(tx, [found], speaker, input.note, times, grantId);
  });
}

/** Revokes whatever the speaker may of what this person holds, and cancels what they wait for. */
export async function revokePerson(
  ctx: OperationContext,
  input: { deliveryKey: string; speaker: SpeakingPrincipal; email: string; note: string | null },
): Promise<Ended> {
  return inOneDelivery(ctx, input.deliveryKey, async (tx, times) => {
    const { speaker, email } = input;
    const person = await findPrincipalByEmail(tx, email);
    const ids = person ? [person.id] : [];
    const pending = await pendingOfPeople(tx, ids);
    const decidable = pending.filter(({ request }) => hasAuthority(ctx.catalog, request.role, speaker.email));
    const by = { actor: actorOf(speaker), name: nameWithMail(speaker), note: input.note, decidedBy: speaker };
    const requestIds = decidable.map(({ request }) => request.id);
    // First: what is approved meanwhile is among what they hold.
    const cancelled = await cancelPending(tx, requestIds, by, times);
    const held = await openGrantsOf(tx, ids);
    const open = held.filter(({ grant }) => grant.state !== 'ending');
    const allowed = open.filter((found) => mayEnd(ctx.catalog, found, speaker));
    if (allowed.length === 0 && cancelled.length > 0) return { ok: true, ids: [], cancelled };
    const others = open.length + pending.length - decidable.length;
    if (others > 0 && allowed.length === 0) return refuse(tx, times, speaker, { person: email });
    if (allowed.length === 0) return refused({ code: 'nobody-holds', who: email });
    const revoked = await revoke(tx, allowed, speaker, input.note, times, email);
    return revoked.ok && cancelled.length > 0 ? { ...revoked, cancelled } : revoked;
  });
}

async function revoke(
  tx: Tx,
  found: readonly GrantWithParties[],
  speaker: SpeakingPrincipal,
  note: string | null,
  times: Times,
  what: string,
): Promise<Ended> {
  const ids = found.map(({ grant }) => grant.id).sort();
  const end = { reason: 'revoked', actor: actorOf(speaker), by: nameWithMail(speaker), note } as const;
  const ended = await endGrants(tx, ids, end, times);
  if (ended.length === 0) return refused({ code: 'already-over', id: what });
  return { ok: true, ids: ended.map(({ id }) => id) };
}

async function refuse(
  tx: Tx,
  times: Times,
  speaker: SpeakingPrincipal,
  details: Readonly<Record<string, unknown>>,
): Promise<Ended> {
  await recordAudit(tx, times.now, [{ actor: actorOf(speaker), action: 'revoke.refused', details }]);
  return refused({ code: 'not-allowed', what: 'revoke this: only an owner of the role or an admin can' });
}

async function inOneDelivery(
  ctx: OperationContext,
  key: string,
  work: (tx: Tx, times: Times) => Promise<Ended>,
): Promise<Ended> {
  const result = await ctx.ledger.tx((tx) =>
    once(tx, key, ctx.clocks.real(), () => work(tx, { now: ctx.clocks.now(), real: ctx.clocks.real() })),
  );
  ctx.nudge();
  return result;
}

function isParty(found: GrantWithParties, speaker: SpeakingPrincipal): boolean {
  return found.request.requesterId === speaker.id || found.subject.email === speaker.email;
}

/** Who may take it away, and have it tried again. */
export function mayEnd(catalog: Catalog, { grant }: GrantWithParties, { email }: SpeakingPrincipal): boolean {
  return hasAuthority(catalog, grant.role, email);
}

function hasAuthority(catalog: Catalog, role: string, email: string): boolean {
  return isAdmin(catalog, email) || ownsRole(catalog, role, email);
}

/** Whether this person may know that the grant is there. */
export function mayKnow(catalog: Catalog, found: GrantWithParties, speaker: SpeakingPrincipal): boolean {
  const { request } = found;
  return isParty(found, speaker) || maySee(catalog, speaker.email, { request, parties: [] });
}
