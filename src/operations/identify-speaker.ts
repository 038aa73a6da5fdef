/**
 * Who is speaking: the platform authenticated the user id, its directory says who that is, and the ledger
 * binds it, once, to a mail address of ours. Anything unclear is a refusal.
 */
import { alertOnceADay } from '../../db/alerts.ts';
import { recordAudit } from '../../db/audit.ts';
import {
  bindPrincipal,
  findSpeaker,
  type Identity,
  type KnownSpeaker,
  type SpeakingPrincipal,
} from '../../db/principals.ts';
import type { Profile } from '../chat/port.ts';
import { identityKey } from '../domain/catalog.ts';
import type { Refusal } from '../domain/refusal.ts';
import { type OperationContext, type Result, refused } from './context.ts';

/** What the alerts channel is told. */
const CONFLICTS = {
  changed: 'This person was bound to another mail address before.',
  second: 'This mail address is bound to another person already.',
  left: 'The directory of another platform said that this person left.',
} as const;

export interface SpeakerInput {
  readonly platform: string;
  readonly workspace: string;
  readonly userId: string;
}

export async function identifySpeaker(
  ctx: OperationContext,
  speaker: SpeakerInput,
): Promise<Result<{ principal: SpeakingPrincipal }>> {
  let profile: Profile | null;
  try {
    const port = ctx.ports.get(speaker.platform);
    if (!port) return refused({ code: 'unknown-person' });
    profile = await port.profile(speaker.userId);
  } catch (err) {
    ctx.log.warn({ err, userId: speaker.userId }, 'the directory did not answer');
    return refused({ code: 'directory-unavailable' });
  }
  const refusal = whyNot(ctx, speaker, profile);
  const email = ctx.catalog.mapped.get(identityKey(speaker)) ?? profile?.email;
  if (refusal || !profile || !email) return refused(refusal ?? { code: 'no-mail' });
  const identity: Identity = {
    platform: speaker.platform,
    workspace: speaker.workspace,
    userId: speaker.userId,
    email: email.toLowerCase(),
    name: profile.name,
    timeZone: profile.timeZone,
  };
  return bind(ctx, identity);
}

/** Why the directory's word lets this person take no part; null where it lets them. Nothing is written. */
export function whyNot(
  { catalog }: Pick<OperationContext, 'catalog'>,
  speaker: SpeakerInput,
  profile: Profile | null,
): Refusal | null {
  const isMapped = catalog.mapped.has(identityKey(speaker));
  return isMapped ? gone(profile) : unfit(profile, speaker, catalog.domains);
}

/** Whom the configuration names needs no more than to be there. */
function gone(profile: Profile | null): Refusal | null {
  if (!profile) return { code: 'unknown-person' };
  if (profile.standing === 'deactivated') return { code: 'deactivated' };
  return profile.standing === 'bot' ? { code: 'bot' } : null;
}

/** Why this person may not ask, hold or decide; null when they may. */
function unfit(profile: Profile | null, speaker: SpeakerInput, domains: readonly string[]): Refusal | null {
  const absent = gone(profile);
  if (absent || !profile) return absent;
  if (profile.standing === 'guest') return { code: 'guest' };
  if (profile.standing !== 'full' || profile.workspace !== speaker.workspace) return { code: 'outsider' };
  if (!profile.email) return { code: 'no-mail' };
  const email = profile.email.toLowerCase();
  return domains.includes(email.slice(email.lastIndexOf('@') + 1)) ? null : { code: 'foreign-domain', email };
}

async function bind(
  ctx: OperationContext,
  identity: Identity,
): Promise<Result<{ principal: SpeakingPrincipal }>> {
  const known = await findSpeaker(ctx.ledger.db, identity);
  if (known && unchanged(known, identity)) return { ok: true, principal: known.principal };
  const now = ctx.clocks.now();
  const binding = await ctx.ledger.tx(async (tx) => {
    const made = await bindPrincipal(tx, identity, { now, platforms: ctx.platforms });
    const { email, userId } = identity;
    if (made.ok) {
      if (!known) {
        const actor = `${identity.platform}:${userId}`;
        await recordAudit(tx, now, [{ actor, action: 'principal.bound', details: { email, userId } }]);
      }
      return made;
    }
    const message = CONFLICTS[made.conflict];
    const details = { email, userId, conflict: made.conflict };
    await recordAudit(tx, now, [
      { actor: `${identity.platform}:${userId}`, action: 'principal.conflict', details },
    ]);
    const notice = { kind: 'identity-conflict', email, userId, message } as const;
    const alert = { requestId: null, platform: identity.platform, notice };
    // However often its person speaks.
    await alertOnceADay(tx, alert, { now, real: ctx.clocks.real() });
    return made;
  });
  if (!binding.ok) ctx.nudge();
  if (binding.ok) return binding;
  return refused({ code: binding.conflict === 'left' ? 'left-elsewhere' : 'identity-conflict' });
}

function unchanged({ principal, identity: known }: KnownSpeaker, identity: Identity): boolean {
  return (
    principal.active &&
    known.active &&
    principal.email === identity.email &&
    known.name === identity.name &&
    known.timeZone === identity.timeZone
  );
}
