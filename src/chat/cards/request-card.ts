/** The card of a request: a pure function of what the ledger says, rendered whole. */
import type { Audience } from '../../../db/messages.ts';
import type { RequestView } from '../../../db/views.ts';
import { approversOf } from '../../policy/decision.ts';
import type { Card } from '../card.ts';
import { closedCard } from './closed-card.ts';
import { endedCard } from './ended-card.ts';
import { endingCard } from './ending-card.ts';
import { extensionCard } from './extension-card.ts';
import { liveCard } from './live-card.ts';
import { pendingCard } from './pending-card.ts';
import { type CardContext, type GrantScene, isPersonal, type Scene } from './scene.ts';
import { startingCard } from './starting-card.ts';

/** Times are ledger time; `audience` decides who is spoken to and which buttons there are, never the state. */
export function requestCard(view: RequestView, audience: Audience, context: CardContext): Card {
  const card = cardOf({ view, audience, context });
  if (isPersonal(audience) || audience === 'owner' || card.actions.length === 0) return card;
  const owners = approversOf(view.request.decision).flatMap((email) => context.people.get(email) ?? []);
  return { ...card, reserved: { about: view.request.id, people: owners } };
}

function cardOf(scene: Scene): Card {
  const { view } = scene;
  const { state, kind } = view.request;
  switch (state) {
    case 'pending':
      return pendingCard(scene);
    case 'denied':
    case 'cancelled':
    case 'expired':
      return closedCard(scene, state);
    case 'approved':
      if (kind === 'extension') return extensionCard(scene);
      // The approval and its grant are one transaction.
      if (!view.grant) throw new Error(`${view.request.id} is approved and has no grant`);
      return grantCard({ ...scene, grant: view.grant });
  }
}

function grantCard(scene: GrantScene): Card {
  switch (scene.grant.state) {
    case 'starting':
      return startingCard(scene);
    case 'live':
      return liveCard(scene);
    case 'ending':
      return endingCard(scene);
    case 'ended':
      return endedCard(scene);
  }
}
