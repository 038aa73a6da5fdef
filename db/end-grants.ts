/**
 * Ending grants: one way, whatever the reason. It only changes inputs; the reconciler takes the access
 * away because nobody wants it any more.
 */
import type { EndReason } from '../src/domain/grant.ts';
import { bumpAssignmentsOf } from './assignments.ts';
import type { Tx } from './client.ts';
import { type Closing, closeRequests } from './close-request.ts';
import { type GrantRow, lockGrants, markEnding, startingGrantIds } from './grants.ts';
import { lockExtensionsOf } from './requests.ts';
import { type Happening, plotsOf, type Times, tell } from './story.ts';

export interface End {
  readonly reason: EndReason;
  /** Who ended it, for the audit log: `slack:U1 ana@acme.test`, `curfew`, `outside`. */
  readonly actor: string;
  /** A name for people, null where nobody did it. */
  readonly by: string | null;
  readonly note: string | null;
}

/** What becomes of a request for more time of a grant that is over. */
export const ACCESS_ENDED: Closing = {
  state: 'cancelled',
  actor: 'curfew',
  note: 'The access ended first.',
  details: { because: 'the grant ended' },
  notice: { kind: 'cancelled', because: 'the access ended first' },
};

/** Ends those of the grants that have not ended. Returns them as they were. */
export async function endGrants(tx: Tx, ids: readonly string[], end: End, times: Times): Promise<GrantRow[]> {
  return endLocked(tx, await lockGrants(tx, ids), end, times);
}

/** A freeze ends what was approved and is not live yet. */
export async function endStarting(tx: Tx, actor: string, times: Times): Promise<number> {
  const note = 'Everything was frozen before it was live.';
  const end = { reason: 'failed', actor, by: null, note } as const;
  return (await endGrants(tx, await startingGrantIds(tx), end, times)).length;
}

/** The same for grants that this transaction has locked already. */
export async function endLocked(
  tx: Tx,
  locked: readonly GrantRow[],
  end: End,
  times: Times,
): Promise<GrantRow[]> {
  const open = locked.filter((grant) => grant.state === 'starting' || grant.state === 'live');
  if (open.length === 0) return [];
  const openIds = open.map((grant) => grant.id);
  const [extensions] = await Promise.all([
    lockExtensionsOf(tx, openIds),
    markEnding(tx, openIds, { ...end, now: times.now }),
    bumpAssignmentsOf(tx, openIds, times.now),
  ]);
  const plots = await plotsOf(tx, openIds);
  const happenings: Happening[] = [];
  for (const id of openIds) {
    const plot = plots.get(id);
    if (!plot) continue;
    happenings.push({
      plot,
      actor: end.actor,
      action: 'grant.ending',
      details: { reason: end.reason, note: end.note },
      timeline: { kind: 'ending', reason: end.reason, by: end.by, note: end.note },
    });
  }
  await tell(tx, happenings, times);
  await closeRequests(tx, extensions, ACCESS_ENDED, times);
  return open;
}
