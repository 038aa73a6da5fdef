/**
 * The card of a request as one person may see it, with the buttons that are theirs: for platforms that can
 * show everybody a view of their own. Changes nothing.
 */
import type { SpeakingPrincipal } from '../db/principals.ts';
import { loadRequestView, type RequestView } from '../db/views.ts';
import type { Card } from '../src/chat/card.ts';
import { requestCard } from '../src/chat/cards/request-card.ts';
import { namePeople, peopleIn } from '../src/chat/name-people.ts';
import { isAdmin, type OperationContext, ownsRole } from '../src/operations/context.ts';
import { identifySpeaker } from '../src/operations/identify-speaker.ts';
import type { Speaker } from './command.ts';

export function createLook(ctx: OperationContext) {
  /** Null: there is no such request, or it is none of theirs. */
  return async function look(speaker: Speaker, requestId: string): Promise<Card | null> {
    const identified = await identifySpeaker(ctx, speaker);
    const view = identified.ok ? await loadRequestView(ctx.ledger.db, requestId) : null;
    if (!identified.ok || !view) return null;
    const audience = audienceOf(ctx, view, identified.principal);
    if (!audience) return null;
    const port = ctx.ports.get(speaker.platform);
    const people = port ? await namePeople(ctx.ledger.db, port, peopleIn(view)) : new Map();
    const role = ctx.catalog.roles.get(view.request.role) ?? null;
    const { reserved: _forOthers, ...card } = requestCard(view, audience, {
      now: ctx.clocks.now(),
      role,
      people,
    });
    return card;
  };
}

/** What the person is to this request; a party before anything else, since nobody decides on their own. */
function audienceOf(ctx: OperationContext, view: RequestView, { email }: SpeakingPrincipal) {
  if ([view.requester.email, view.subject.email].includes(email))
    return view.grant?.liveAt ? 'live' : 'requester';
  const mayAct = ownsRole(ctx.catalog, view.request.role, email);
  if (mayAct && view.request.state === 'pending') return 'owner';
  // An admin decides nothing by that title.
  const mayRevoke = mayAct || (isAdmin(ctx.catalog, email) && view.request.state !== 'pending');
  return mayRevoke ? 'channel' : null;
}
