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
  findSpeakers,
  type Identity,
  type KnownSpeaker,
  type SpeakingPrincipal,
} from '../../db/principals.ts';
import { ChatError, type Profile } from '../chat/port.ts';
import { mappedAddress } from '../domain/catalog.ts';
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
  /** Other workspaces of the same organisation that are theirs, where the platform said so. */
  readonly alsoOf?: readonly string[] | undefined;
}

/**
 * A remembered profile tells the name of somebody whom the ledger has as present. It never lets anybody in: who
 * is new here, or had left, is read anew, and what the directory said before they left does not count.
 */
export async function identifySpeaker(
  ctx: OperationContext,
  speaker: SpeakerInput,
): Promise<Result<{ principal: SpeakingPrincipal }>> {
  // Before the directory: only then it shows that somebody left while that was read.
  const before = await findSpeakers(ctx.ledger.db, speaker);
  const seen = inWorkspace(before, speaker);
  let profile: Profile | null;
  try {
    const port = ctx.ports.get(speaker.platform);
    if (!port) return refused({ code: 'unknown-person' });
    profile = await port.profile(speaker.userId, { fresh: !isPresent(seen) });
  } catch (err) {
    // Not found where they were met: of somebody whom nobody has vouched for yet, that says enough.
    if (!seen && err instanceof ChatError && err.kind === 'unreachable')
      return refused({ code: 'unknown-person' });
    ctx.log.warn({ err, userId: speaker.userId }, 'the directory did not answer');
    return refused({ code: 'directory-unavailable' });
  }
  const who = asKnown(speaker, profile);
  const known = inWorkspace(before, who);
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

function inWorkspace(known: readonly KnownSpeaker[], { workspace }: SpeakerInput): KnownSpeaker | null {
  return known.find(({ identity }) => identity.workspace === workspace) ?? null;
}

/** One identity, whichever workspace of their organisation the platform names this time: their own one. */
export function asKnown(
  speaker: SpeakerInput,
  profile: Pick<Profile, 'workspace' | 'alsoOf'> | null,
): SpeakerInput {
  const { platform, userId } = speaker;
  // The same id in a workspace that is not theirs may be somebody else's.
  if (!profile || ![profile.workspace, ...(profile.alsoOf ?? [])].includes(speaker.workspace)) return speaker;
  return { platform, userId, workspace: profile.workspace, alsoOf: profile.alsoOf };
}

/** The address that somebody acts under, in its one form: by the configuration, else by the directory. */
export function mailOf(
  { catalog }: Pick<OperationContext, 'catalog'>,
  who: SpeakerInput,
  profile: Pick<Profile, 'email' | 'workspace' | 'alsoOf'>,
): string | null {
  const { email } = profile;
  const named = mappedAddress(catalog, asKnown(who, profile));
  if (named !== null || email === null) return named;
  const read = readMailAddress(email, { nonAscii: catalog.nonAsciiAddresses });
  return read.ok ? read.address : null;
}

/** Why the directory's word lets this person take no part; null where it lets them. Nothing is written. */
export function whyNot(
  { catalog }: Pick<OperationContext, 'catalog'>,
  speaker: SpeakerInput,
  profile: Profile | null,
): Refusal | null {
  const isMapped = mappedAddress(catalog, asKnown(speaker, profile)) !== null;
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
