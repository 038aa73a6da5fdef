/** Rows of the ledger as items of lists. */
import type { GrantWithParties } from '../db/grants.ts';
import type { RequestWithParties } from '../db/requests.ts';
import type { HeldItem, PendingItem } from '../src/chat/cards/list-cards.ts';

export function heldItem({ grant, request, subject }: GrantWithParties): HeldItem {
  const { id, state, endsAt } = grant;
  return { id, state, endsAt, roleTitle: request.roleTitle, who: subject.name };
}

export function pendingItem({ request, requester }: RequestWithParties): PendingItem {
  const { id, kind, roleTitle, durationS, expiresAt } = request;
  return { id, kind, roleTitle, durationS, expiresAt, who: requester.name };
}
