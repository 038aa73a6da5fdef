/** The home page: what I hold, what I asked for, what waits for me. */
import type { RequestView } from '../../../db/views.ts';
import type { Role } from '../../domain/catalog.ts';
import { durationInWords } from '../../domain/duration.ts';
import type { Action, Card, CardElement, Home, PersonRef } from '../card.ts';
import * as buttons from './buttons.ts';
import { endingCard } from './ending-card.ts';
import { endsAt, incidentLine } from './incident-words.ts';
import { gives, referenceSpan, whoDecides } from './parts.ts';
import { entitlementsOf, type GrantScene, nameIn, roleTitle, type Scene } from './scene.ts';
import { says } from './words.ts';

export interface HomeInput {
  /** Views whose grants have not ended, for whoever looks. */
  readonly live: readonly RequestView[];
  /** Pending requests of whoever looks. */
  readonly pending: readonly RequestView[];
  /** Pending requests that whoever looks can decide. */
  readonly waiting: readonly RequestView[];
  /** Ledger time. */
  readonly now: Date;
  /** The catalog's roles by name. */
  readonly roles: ReadonlyMap<string, Role>;
  /** People by mail address. */
  readonly people: ReadonlyMap<string, PersonRef>;
}

export function homePage(input: HomeInput): Home {
  const scene = (view: RequestView, audience: Scene['audience']): Scene => {
    const role = input.roles.get(view.request.role) ?? null;
    return { view, audience, context: { now: input.now, role, people: input.people } };
  };
  return {
    actions: [{ verb: 'new-request', id: 'new', label: 'Request access', style: 'primary' }],
    sections: [
      {
        title: 'My access',
        empty: 'You hold nothing from Curfew just now.',
        cards: input.live.flatMap((view) => {
          const { grant } = view;
          return grant ? [heldCard({ ...scene(view, 'live'), grant })] : [];
        }),
      },
      {
        title: 'My requests',
        empty: 'You have no request that waits for a decision.',
        cards: input.pending.map((view) => askedCard(scene(view, 'requester'))),
      },
      {
        title: 'Waits for me',
        empty: 'Nothing waits for your decision.',
        cards: input.waiting.map((view) => waitingCard(scene(view, 'owner'))),
      },
    ],
  };
}

function heldCard(scene: GrantScene): Card {
  const { view, grant } = scene;
  const end = { at: endsAt(view, grant), style: 'time' } as const;
  switch (grant.state) {
    case 'starting':
      return small(view, 'working', [says('Starting.'), ...gives(entitlementsOf(view))], []);
    case 'live':
      return small(
        view,
        'good',
        [says({ bold: 'Live until ' }, end, '.'), ...gives(entitlementsOf(view))],
        buttons.holderButtons(scene),
      );
    case 'ending': {
      const { tone, body } = endingCard(scene);
      return small(view, tone, body, []);
    }
    case 'ended':
      return small(view, 'ended', [says('Ended.')], []);
  }
}

function askedCard(scene: Scene): Card {
  const { view } = scene;
  return small(
    view,
    'waiting',
    [says(`${howLong(view)}.`), ...whoDecides(scene)],
    buttons.cancel(view.request.id),
  );
}

function waitingCard(scene: Scene): Card {
  const { view, context } = scene;
  const { request, requester } = view;
  const body = [
    says(`${nameIn(view, requester)} asks for ${howLong(view)}. Risk: ${request.risk}.`),
    ...gives(entitlementsOf(view)),
    ...changeFor(view),
    { kind: 'quote', text: request.reason } as const,
  ];
  return small(view, 'waiting', body, context.role ? buttons.decide(request.id) : []);
}

/** The incident that it is for, else the ticket. */
function changeFor(view: RequestView): readonly CardElement[] {
  const { incident, request } = view;
  if (incident) return [says(...incidentLine(view, incident))];
  return request.reference ? [says(referenceSpan(request.reference))] : [];
}

function howLong({ request }: RequestView): string {
  const long = durationInWords(request.durationS);
  return request.kind === 'extension' ? `${long} more` : long;
}

function small(
  view: RequestView,
  tone: Card['tone'],
  body: readonly CardElement[],
  actions: readonly Action[],
): Card {
  const title = roleTitle(view);
  return { title, tone, summary: title, body, actions, footer: [view.request.id] };
}
