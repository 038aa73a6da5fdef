/** Which conversation to show, and where a decision waits. Pure. */
import type { ConversationView, Snapshot } from '../../protocol.ts';

/** Where somebody who is nowhere in particular goes: to what waits for a decision, else to the first channel. */
export function whereTo(
  { conversations }: Pick<Snapshot, 'conversations'>,
  at: string,
): ConversationView | null {
  if (at === 'home')
    return conversations.find(({ kind, name }) => kind === 'dm' && name === 'Curfew') ?? null;
  return (
    conversations.find(({ id }) => id === at) ??
    conversations.find(waitsForDecision) ??
    conversations[0] ??
    null
  );
}

/** Whether a card with an Approve button is in it. */
export function waitsForDecision({ messages }: ConversationView): boolean {
  return messages.some(({ blocks }) => blocks.some(({ elements }) => hasApprove(elements)));
}

function hasApprove(elements: unknown): boolean {
  return (
    Array.isArray(elements) &&
    elements.some(({ action_id }: { action_id?: unknown }) => String(action_id).startsWith('curfew:approve:'))
  );
}
