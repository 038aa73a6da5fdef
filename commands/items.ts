/** Rows of the ledger as items of lists. */
import type { GrantWithParties } from '../db/grants.ts';
import type { RequestWithParties } from '../db/requests.ts';
import { endsAt } from '../src/chat/cards/incident-words.ts';
import type { HeldItem, PendingItem } from '../src/chat/cards/list-cards.ts';
import { nameWithMail } from '../src/domain/person-name.ts';

export function heldItem({ grant, request, subject, incident }: GrantWithParties): HeldItem {
  const { id, state } = grant;
  const { roleTitle } = request;
  return { id, state, endsAt: endsAt({ incident }, grant), incident, roleTitle, who: nameWithMail(subject) };
}

export function pendingItem({ request, requester }: RequestWithParties): PendingItem {
  const { id, kind, roleTitle, durationS, expiresAt } = request;
  return { id, kind, roleTitle, durationS, expiresAt, who: nameWithMail(requester) };
}
