/**
 * Closing requests that wait for a decision: one way, whatever the reason. Everybody whom it concerns learns of
 * it: the timeline, the requester unless it was their own doing, and the card of the grant that was to last longer.
 */
import type { Notice } from '../src/domain/notice.ts';
import type { Tx } from './client.ts';
import { touchCards } from './messages.ts';
import type { SpeakingPrincipal } from './principals.ts';
import { type RequestRow, setRequests } from './requests.ts';
import { type Happening, plotsOf, type Times, tell } from './story.ts';

export interface Closing {
  readonly state: 'denied' | 'cancelled' | 'expired';
  /** For the audit log: `slack:U1 ana@acme.test`, `curfew`, `slack:directory`. */
  readonly actor: string;
  /** Who decided; null where nobody did. */
  readonly decidedBy?: Pick<SpeakingPrincipal, 'id' | 'email'> | null;
  /** Shown on the card. */
  readonly note?: string | null;
  /** Of the audit event, besides what it says of the request. */
  readonly details?: Readonly<Record<string, unknown>>;
  readonly notice: Notice;
}

/** Closes pending requests that this transaction has locked. */
export async function closeRequests(
  tx: Tx,
  locked: readonly Pick<RequestRow, 'id' | 'extendsGrant'>[],
  closing: Closing,
  times: Times,
): Promise<void> {
  if (locked.length === 0) return;
  const { state, actor, decidedBy = null, note = null, details, notice } = closing;
  const ids = locked.map(({ id }) => id);
  const set = { state, decidedAt: times.now, decidedBy: decidedBy?.id ?? null, decisionNote: note };
  await setRequests(tx, ids, { ...set, remindAt: null });
  const plots = await plotsOf(tx, ids);
  const happenings = ids.flatMap((id): Happening[] => {
    const plot = plots.get(id);
    if (!plot) return [];
    const own = plot.requesterEmail === decidedBy?.email;
    const said = { timeline: notice, ...(own ? {} : { tell: notice }) };
    return [{ plot, actor, action: `request.${state}`, details, ...said }];
  });
  await tell(tx, happenings, times);
  const extended = locked.flatMap(({ extendsGrant }) => extendsGrant ?? []);
  await touchCards(tx, [...new Set(extended)], times.real);
}
