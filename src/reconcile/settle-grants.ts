/** Grants whose assignments are all read back become live, or ended. In the transaction that recorded them. */
import type { ClaimWithGrant } from '../../db/assignments.ts';
import type { Tx } from '../../db/client.ts';
import { claimSummary, markLive, setGrants } from '../../db/grants.ts';
import { type CardIntent, intendCards } from '../../db/messages.ts';
import { type Happening, type Times, tell } from '../../db/story.ts';
import { dueSince, type EndReason, grantWants } from '../domain/grant.ts';
import type { Timing } from '../domain/timing.ts';

export interface Ended {
  readonly reason: EndReason;
  /** Seconds from when it was due to confirmed absence; null where nothing was there to take away. */
  readonly lagS: number | null;
}

/** Returns those that ended. */
export async function settleGrants(
  tx: Tx,
  claims: readonly ClaimWithGrant[],
  times: Times,
  timing: Timing,
): Promise<readonly Ended[]> {
  // Only grants that were locked at the beginning of this transaction may change here.
  const starting = new Map<string, ClaimWithGrant>();
  const ending = new Map<string, ClaimWithGrant>();
  for (const claim of claims) {
    if (claim.grant.state === 'starting' && grantWants(claim.grant, times.now))
      starting.set(claim.grantId, claim);
    if (claim.grant.state === 'ending') ending.set(claim.grantId, claim);
  }
  const summaries = await claimSummary(tx, [...starting.keys(), ...ending.keys()]);
  const happenings: Happening[] = [];
  const liveCards: CardIntent[] = [];
  const allEnded: Ended[] = [];

  const toLive = summaries.filter(({ grantId, confirmed }) => confirmed && starting.has(grantId));
  const live = await markLive(
    tx,
    toLive.map(({ grantId }) => grantId),
    { now: times.now, reminderBeforeEndS: timing.reminderBeforeEndS },
  );
  for (const grant of live) {
    const plot = starting.get(grant.id)?.plot;
    if (!plot) continue;
    const until = grant.endsAt.toISOString();
    happenings.push({
      plot,
      actor: 'curfew',
      action: 'grant.live',
      details: { until },
      timeline: { kind: 'live', until },
    });
    // A message of its own, so that a phone rings.
    const { platform, requesterEmail: recipient } = plot;
    liveCards.push({ requestId: grant.id, audience: 'live', platform, recipient });
  }
  await intendCards(tx, liveCards, times.real);

  const toEnd = summaries.filter(({ grantId, released }) => released && ending.has(grantId));
  await setGrants(
    tx,
    toEnd.map(({ grantId }) => grantId),
    { state: 'ended', endedAt: times.now },
  );
  for (const { grantId, shared } of toEnd) {
    const claim = ending.get(grantId);
    if (!claim) continue;
    const { grant, plot } = claim;
    const reason = grant.endReason ?? 'window';
    const afterS = Math.max(0, (times.now.getTime() - dueSince(grant).getTime()) / 1000);
    const ended = { kind: 'ended', reason, afterS, shared } as const;
    const details = { reason, shared, confirmedAfterS: afterS };
    happenings.push({ plot, actor: 'curfew', action: 'grant.ended', details, timeline: ended, tell: ended });
    // A grant that found the access there already, another one's, is live without a call of its own.
    const tookAway = (grant.firstCallAt !== null || grant.liveAt !== null) && !shared;
    allEnded.push({ reason, lagS: tookAway ? afterS : null });
  }
  await tell(tx, happenings, times);
  return allEnded;
}
