/**
 * Asks the directories about everybody who holds or waits for something, and about those who decide: an event
 * may be lost, and Teams sends none. Who is found to have left is treated as if they had been told of. Between
 * processes people are taken by lease and paced together; a directory that does not answer says nothing.
 */
import { randomUUID } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { type DirectoryCheck, rolesInUse, settleCheck, takeChecks } from '../../db/directory-checks.ts';
import { ChatError, type ChatPort } from '../chat/port.ts';
import type { Platform } from '../domain/platform.ts';
import type { OperationContext } from '../operations/context.ts';
import { asKnown } from '../operations/identify-speaker.ts';
import { offboard } from '../operations/offboard.ts';
import { oneAtATime } from './one-at-a-time.ts';

type DirectoryOptions = Pick<
  OperationContext,
  'ledger' | 'clocks' | 'catalog' | 'platforms' | 'ports' | 'log'
> & {
  /** Called when somebody was found to have left. */
  readonly left: () => void;
};

/** Ledger time. Everybody within 15 minutes, with time to try again. */
const EVERY_S = 600;
/** Real: also how long it takes until somebody is asked about again where the directory did not answer. */
const LEASE_MS = 60_000;
/**
 * In `PACE_MS`. Slack lets an app ask about 100 people a minute (tier 4), and half of that is for those who
 * speak: 720 people in 15 minutes, and where there are more, those who hold or wait for something come first.
 * Teams lets it ask 50 times a second in a tenant, and here one person may be looked for in several places.
 * https://docs.slack.dev/apis/web-api/rate-limits,
 * https://learn.microsoft.com/microsoftteams/platform/bots/how-to/rate-limit
 */
const AT_MOST: Readonly<Record<Platform, number>> = { slack: 8, teams: 30 };
const PACE_MS = 10_000;
/** Real. Who cannot be read is asked about again before that too, while nobody else waits. */
const AGAIN_MS = 300_000;
/** Real. Who is perhaps gone is found in minutes, also where very many wait. */
const AHEAD_MS = 600_000;
const LOOK_EVERY_MS = 1_000;
/** "No such person" counts when it is said again this much later. */
const SAID_AGAIN_S = 60;

export function createDirectories({ left, ...ctx }: DirectoryOptions) {
  const { ledger, clocks, catalog, platforms, ports, log } = ctx;
  /** Real time before which a platform asked to be left alone. */
  const notBefore = new Map<string, number>();
  let looked = { real: Number.NEGATIVE_INFINITY, at: Number.NEGATIVE_INFINITY };

  /** Neither this machine's time nor Curfew's went on enough. */
  function isEarly(): boolean {
    const now = { real: clocks.real().getTime(), at: performance.now() };
    if (now.real - looked.real < LOOK_EVERY_MS && now.at - looked.at < LOOK_EVERY_MS) return true;
    looked = now;
    return false;
  }

  async function round(): Promise<void> {
    if (isEarly()) return;
    const approvers = await approversInUse();
    for (const platform of platforms) {
      const port = ports.get(platform);
      const real = clocks.real();
      if (!port || real.getTime() < (notBefore.get(platform) ?? 0)) continue;
      const confirmedBefore = new Date(clocks.now().getTime() - EVERY_S * 1000);
      const pace = { leaseMs: LEASE_MS, most: AT_MOST[platform], paceMs: PACE_MS };
      const order = { againMs: AGAIN_MS, aheadMs: AHEAD_MS };
      const taken = await ledger.tx((tx) =>
        takeChecks(tx, { platform, approvers, confirmedBefore, real, ...pace, ...order }),
      );
      await Promise.all(taken.map((check) => ask(port, check)));
    }
  }

  async function approversInUse(): Promise<readonly string[]> {
    const roles = await rolesInUse(ledger.db);
    return [...new Set(roles.flatMap((role) => catalog.roles.get(role)?.owners ?? []))];
  }

  /** Never rejects. */
  async function ask(port: ChatPort, who: DirectoryCheck): Promise<void> {
    const checkedAt = clocks.now();
    try {
      const profile = await port.profile(who.userId, { fresh: true });
      const missingSince = profile ? null : (who.missingSince ?? checkedAt);
      const missingS = missingSince === null ? 0 : (checkedAt.getTime() - missingSince.getTime()) / 1000;
      if (missingSince !== null && missingS < SAID_AGAIN_S) {
        await settleCheck(ledger.db, who, { checkedAt: null, missingSince });
        return;
      }
      await settleCheck(ledger.db, who, { checkedAt, missingSince });
      const standing = profile?.standing ?? 'deactivated';
      if (standing === 'full') return;
      const deliveryKey = `directory:${who.platform}:${who.userId}:${randomUUID()}`;
      const person = asKnown(who, profile);
      const ended = await offboard({ ...ctx, nudge: left }, { deliveryKey, person, left: standing });
      log.info({ platform: who.platform, standing, ...ended }, 'the directory says that somebody left');
    } catch (err) {
      const waitMs = err instanceof ChatError ? err.retryAfterS * 1000 : 0;
      notBefore.set(who.platform, clocks.real().getTime() + waitMs);
      log.warn({ err, platform: who.platform }, 'the directory did not answer; it is asked again');
    }
  }

  const { go, drain } = oneAtATime(round);
  return {
    /** Never rejects. */
    sweep: () =>
      go().catch((err: unknown) => log.error({ err }, 'the directories could not be asked about people')),
    drain,
  };
}
