/** A request that came to nothing: denied, cancelled or expired. */
import { durationInWords } from '../../domain/duration.ts';
import type { RequestState } from '../../domain/request.ts';
import type { Card, CardElement, Line, Tone } from '../card.ts';
import { askAgain } from './buttons.ts';
import { footer, whyAsked } from './parts.ts';
import { type Scene, titleOf } from './scene.ts';
import { nameOf, says, sentence } from './words.ts';

type Closed = Extract<RequestState, 'denied' | 'cancelled' | 'expired'>;

const HEADS: Readonly<Record<Closed, { state: string; tone: Tone }>> = {
  denied: { state: 'Denied', tone: 'refused' },
  cancelled: { state: 'Cancelled', tone: 'ended' },
  expired: { state: 'Expired', tone: 'ended' },
};

export function closedCard(scene: Scene, closed: Closed): Card {
  const { view } = scene;
  const { state, tone } = HEADS[closed];
  const { kind, durationS } = view.request;
  const more = kind === 'extension' ? ` (${durationInWords(durationS)} more)` : '';
  const title = titleOf(scene, `${state}${more}`);
  return {
    title,
    tone,
    summary: title,
    body: [...happened(scene, closed), ...whyAsked(view)],
    actions: askAgain(scene),
    footer: footer(scene),
  };
}

function happened(scene: Scene, closed: Closed): readonly CardElement[] {
  const { request } = scene.view;
  const note = request.decisionNote;
  switch (closed) {
    case 'denied': {
      if (request.decidedBy === null) {
        return [says('Denied by the rules: ', sentence(note ?? request.decision.message))];
      }
      const line = says('Denied', ...byWhom(scene), ...when(scene), note ? ':' : '.');
      return note ? [line, { kind: 'quote', text: note }] : [line];
    }
    case 'cancelled': {
      const line = says('Cancelled', ...byWhom(scene), ...when(scene), '.');
      return note ? [line, says(sentence(note))] : [line];
    }
    case 'expired':
      return [says('Nobody decided in time: it expired ', { at: request.expiresAt, style: 'time' }, '.')];
  }
}

function when({ view }: Scene): Line {
  return view.request.decidedAt ? [' ', { at: view.request.decidedAt, style: 'time' }] : [];
}

function byWhom({ view }: Scene): Line {
  const { decidedBy } = view.request;
  const people = [...view.votes.map(({ approver }) => approver), view.requester, view.subject];
  const person = people.find(({ id }) => id === decidedBy);
  return person ? [` by ${nameOf(person)}`] : [];
}
