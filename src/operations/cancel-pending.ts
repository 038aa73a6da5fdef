/** Requests that nobody decided yet are cancelled by somebody else than who asked. */

import type { Tx } from '../../db/client.ts';
import { type Closing, closeRequests } from '../../db/close-request.ts';
import { lockRequest } from '../../db/requests.ts';
import type { Times } from '../../db/story.ts';

/** Those that are still pending once they are locked. Returns their ids. Call it before grants are locked. */
export async function cancelPending(
  tx: Tx,
  ids: readonly string[],
  by: { readonly actor: string; readonly name: string; readonly note: string | null } & Pick<
    Closing,
    'decidedBy'
  >,
  times: Times,
): Promise<string[]> {
  const { actor, name, note, decidedBy } = by;
  const notice = { kind: 'cancelled', by: name } as const;
  const closing = { state: 'cancelled', actor, decidedBy, note, details: { note }, notice } as const;
  const cancelled: string[] = [];
  for (const id of ids) {
    const found = await lockRequest(tx, id);
    if (found?.request.state !== 'pending') continue;
    await closeRequests(tx, [found.request], closing, times);
    cancelled.push(id);
  }
  return cancelled;
}
