/**
 * Whether people are here, by the word of the directories at this moment: whoever has left, or was made a guest,
 * is given nothing and decides nothing, also where the event that tells of it was lost. Network calls, no
 * transaction. Somebody of whom one directory says that they left is gone. Somebody is counted on only where
 * every platform in use on which they are known says that they are here: another one would not know that they
 * left this one. So while a platform is away, or not connected yet, nobody who is known there decides anything.
 */
import { checkSoon } from '../../db/directory-checks.ts';
import { type IdentityKey, identitiesOf } from '../../db/principals.ts';
import type { ChatPort, Profile } from '../chat/port.ts';
import { mappedTo } from '../domain/catalog.ts';
import type { Platform } from '../domain/platform.ts';
import { within } from '../within.ts';
import type { OperationContext } from './context.ts';
import { mailOf, whyNot } from './identify-speaker.ts';

/** `unread`: the directory did not say in time. */
export type Standing = 'present' | 'gone' | 'unread';
export type Standings = ReadonlyMap<string, Standing>;

type Ctx = Pick<
  OperationContext,
  'ledger' | 'catalog' | 'platforms' | 'ports' | 'nudge' | 'log' | 'directoryWithinMs'
>;

const WITHIN_MS = 1_000;
const AT_ONCE = 10;
/** Of so many people what is remembered serves: to be asked is no authority, and Slack's directory has a limit. */
const FEW = 10;

/** By mail address, for all of them. Never rejects for a directory that does not answer. */
export async function readStanding(ctx: Ctx, emails: Iterable<string>): Promise<Standings> {
  const people = [...new Set(emails)];
  const standings = new Map<string, Standing>(people.map((email) => [email, 'unread']));
  const identities = await identitiesOf(ctx.ledger.db, people);
  const fresh = people.length <= FEW;
  const gone: IdentityKey[] = [];
  let next = 0;
  async function readSome(): Promise<void> {
    for (let email = people[next++]; email !== undefined; email = people[next++]) {
      const known = identities.filter((each) => each.email === email);
      const standing = await readOne(ctx, email, known, fresh);
      standings.set(email, standing);
      if (standing === 'gone') gone.push(...known);
    }
  }
  await within(ctx.directoryWithinMs ?? WITHIN_MS, Promise.all(Array.from({ length: AT_ONCE }, readSome)));
  // Those who were not read in time are not read after it either.
  next = people.length;
  if (gone.length > 0) {
    // What they hold ends as well, once the directory was asked about them in its turn.
    await checkSoon(ctx.ledger.db, gone);
    ctx.nudge();
  }
  return new Map(standings);
}

async function readOne(
  ctx: Ctx,
  email: string,
  known: readonly IdentityKey[],
  fresh: boolean,
): Promise<Standing> {
  // What a platform knew that is not in use any more says nothing of where they are today.
  const named = [...known, ...mappedTo(ctx.catalog, email)].filter(({ platform }) =>
    ctx.platforms.some((each) => each === platform),
  );
  const answers = await Promise.all(
    ctx.platforms.map((platform) => readOn(ctx, platform, { email, named, fresh })),
  );
  if (answers.includes('gone')) return 'gone';
  // Only where they are known nowhere does it suffice that they are found by their address on one platform.
  if (named.length > 0 && answers.includes('unread')) return 'unread';
  if (answers.includes('present')) return 'present';
  // Nobody of that address is there, or nobody knows.
  return answers.includes('unread') ? 'unread' : 'gone';
}

/** `unknown`: this platform does not know them, which says nothing where another one does. */
async function readOn(
  ctx: Ctx,
  platform: Platform,
  who: { email: string; named: readonly IdentityKey[]; fresh: boolean },
): Promise<Standing | 'unknown'> {
  const { email, named, fresh } = who;
  const port = ctx.ports.get(platform);
  const identity = named.find((each) => each.platform === platform);
  // Who is known elsewhere need not be here too.
  if (!identity && named.length > 0) return 'unknown';
  if (!port) return 'unread';
  try {
    const profile = await look(port, identity, email, fresh);
    if (!identity && !profile) return 'unknown';
    const speaker = identity ?? {
      platform,
      workspace: profile?.workspace ?? '',
      userId: profile?.userId ?? '',
    };
    const isThem = profile !== null && mailOf(ctx, speaker, profile) === email;
    return isThem && whyNot(ctx, speaker, profile) === null ? 'present' : 'gone';
  } catch (err) {
    ctx.log.warn({ err, platform }, 'the directory did not say whether somebody is here');
    return 'unread';
  }
}

function look(
  port: ChatPort,
  identity: IdentityKey | undefined,
  email: string,
  fresh: boolean,
): Promise<Profile | null> {
  return identity ? port.profile(identity.userId, { fresh }) : port.profileByEmail(email, { fresh });
}
