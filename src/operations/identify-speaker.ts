/**
 * Who is speaking: the platform authenticated the user id, its directory says who that is, and the ledger
 * binds it, once, to a mail address of ours. Anything unclear is a refusal.
 */
import { alertOnceADay } from '../../db/alerts.ts';
import { recordAudit } from '../../db/audit.ts';
import { checkSoon } from '../../db/directory-checks.ts';
import {
  bindPrincipal,
  findSpeaker,
  type Identity,
  type KnownSpeaker,
  type SpeakingPrincipal,
} from '../../db/principals.ts';
import type { Profile } from '../chat/port.ts';
import { identityKey } from '../domain/catalog.ts';
import { domainOf, readMailAddress } from '../domain/mail-address.ts';
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

/**
 * A remembered profile tells the name of somebody whom the ledger has as present. It never lets anybody in: who
 * is new here, or had left, is read anew, and what the directory said before they left does not count.
 */
export async function identifySpeaker(
  ctx: OperationContext,
  speaker: SpeakerInput,
): Promise<Result<{ principal: SpeakingPrincipal }>> {
  const seen = await findSpeaker(ctx.ledger.db, speaker);
  let profile: Profile | null;
  try {
    const port = ctx.ports.get(speaker.platform);
    if (!port) return refused({ code: 'unknown-person' });
    profile = await port.profile(speaker.userId, { fresh: !isPresent(seen) });
  } catch (err) {
    ctx.log.warn({ err, userId: speaker.userId }, 'the directory did not answer');
    return refused({ code: 'directory-unavailable' });
  }
  const who = asKnown(speaker, profile);
  const known = who.workspace === speaker.workspace ? seen : await findSpeaker(ctx.ledger.db, who);
  const refusal = whyNot(ctx, speaker, profile);
  const email = profile && mailOf(ctx, who, profile);
  if (refusal || !profile || !email) {
    // Perhaps nobody was told yet that they left.
    if (isPresent(known)) await checkSoon(ctx.ledger.db, [who]);
    return refused(refusal ?? { code: 'no-mail' });
  }
  const identity: Identity = {
    platform: who.platform,
    workspace: who.workspace,
    userId: who.userId,
    email,
    name: profile.name,
    timeZone: profile.timeZone,
  };
  if (known && isPresent(known) && unchanged(known, identity))
    return { ok: true, principal: known.principal };
  return bind(ctx, identity, known?.identity.departures ?? 0);
}

const isPresent = (known: KnownSpeaker | null) => Boolean(known?.identity.active && known.principal.active);

/** One identity, whichever workspace of their organisation the platform names this time: their own one. */
function asKnown(speaker: SpeakerInput, profile: Profile | null): SpeakerInput {
  const { platform, userId } = speaker;
  return profile?.alsoOf?.includes(speaker.workspace)
    ? { platform, userId, workspace: profile.workspace }
    : speaker;
}

/** The address that somebody acts under, in its one form: by the configuration, else by the directory. */
export function mailOf(
  { catalog }: Pick<OperationContext, 'catalog'>,
  who: SpeakerInput,
  { email }: Pick<Profile, 'email'>,
): string | null {
  const named = catalog.mapped.get(identityKey(who));
  if (named !== undefined || email === null) return named ?? null;
  const read = readMailAddress(email, { nonAscii: catalog.nonAsciiAddresses });
  return read.ok ? read.address : null;
}

/** Why the directory's word lets this person take no part; null where it lets them. Nothing is written. */
export function whyNot(
  { catalog }: Pick<OperationContext, 'catalog'>,
  speaker: SpeakerInput,
  profile: Profile | null,
): Refusal | null {
  const isMapped = catalog.mapped.has(identityKey(asKnown(speaker, profile)));
  return isMapped ? gone(profile) : unfit(profile, speaker, catalog);
}

/** Whom the configuration names needs no more than to be there. */
function gone(profile: Profile | null): Refusal | null {
  if (!profile) return { code: 'unknown-person' };
  if (profile.standing === 'deactivated') return { code: 'deactivated' };
  return profile.standing === 'bot' ? { code: 'bot' } : null;
}

/** Why this person may not ask, hold or decide; null when they may. */
function unfit(
  profile: Profile | null,
  speaker: SpeakerInput,
  { domains, nonAsciiAddresses }: OperationContext['catalog'],
): Refusal | null {
  const absent = gone(profile);
  if (absent || !profile) return absent;
  if (profile.standing === 'guest') return { code: 'guest' };
  const { workspace } = asKnown(speaker, profile);
  if (profile.standing !== 'full' || profile.workspace !== workspace) return { code: 'outsider' };
  if (!profile.email) return { code: 'no-mail' };
  const read = readMailAddress(profile.email, { nonAscii: nonAsciiAddresses });
  if (!read.ok) return { code: 'unusable-mail', why: read.why };
  const { address: email } = read;
  return domains.includes(domainOf(email)) ? null : { code: 'foreign-domain', email };
}

async function bind(
  ctx: OperationContext,
  identity: Identity,
  departures: number,
): Promise<Result<{ principal: SpeakingPrincipal }>> {
  const now = ctx.clocks.now();
  const binding = await ctx.ledger.tx(async (tx) => {
    const known = await findSpeaker(tx, identity);
    const made = await bindPrincipal(tx, identity, { now, platforms: ctx.platforms, departures });
    const { email, userId } = identity;
    if (made.ok) {
      if (!known) {
        const actor = `${identity.platform}:${userId}`;
        await recordAudit(tx, now, [{ actor, action: 'principal.bound', details: { email, userId } }]);
      }
      return made;
    }
    if (made.conflict === 'leaving') return made;
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
  return binding.ok ? binding : refused({ code: CODES[binding.conflict] });
}

const CODES = {
  changed: 'identity-conflict',
  second: 'identity-conflict',
  left: 'left-elsewhere',
  leaving: 'deactivated',
} as const;

function unchanged({ principal, identity: known }: KnownSpeaker, identity: Identity): boolean {
  return (
    principal.email === identity.email && known.name === identity.name && known.timeZone === identity.timeZone
  );
}
