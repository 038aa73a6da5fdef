/** Waiting for a decision: everything that whoever decides has to know, on one screen. */

import { durationInWords } from '../../domain/duration.ts';
import type { Action, Card } from '../card.ts';
import * as buttons from './buttons.ts';
import { incidentTitle } from './incident-words.ts';
import { facts, footer, gives, notReached, whoDecides } from './parts.ts';
import {
  entitlementsOf,
  isDecider,
  isForAnother,
  isPersonal,
  nameIn,
  roleTitle,
  type Scene,
} from './scene.ts';
import { says, short } from './words.ts';

export function pendingCard(scene: Scene): Card {
  const { view, context } = scene;
  const { request } = view;
  const more = request.kind === 'extension' ? `${durationInWords(request.durationS)} more of ` : '';
  const title = `${asks(scene)} ${more}${roleTitle(view)}${forWhom(scene)}`;
  const long = durationInWords(request.durationS);
  const about = view.incident ? incidentTitle(view.incident) : request.reference;
  const reference = about ? ` (${short(about, 100)})` : '';
  return {
    title: short(title, 140),
    tone: 'waiting',
    summary: `${short(title, 140)}${more ? '' : `, for ${long}`}${reference}`,
    body: [
      ...gives(entitlementsOf(view)),
      facts(view, context, howLong(scene)),
      { kind: 'quote', text: request.reason },
      ...whoDecides(scene),
      ...notReached(scene),
      ...(context.role ? [] : [says('This role is not in the catalog any more, so nobody can decide.')]),
    ],
    actions: pendingActions(scene),
    footer: footer(scene),
  };
}

function asks({ view, audience }: Scene): string {
  return isPersonal(audience) ? 'You asked for' : `${nameIn(view, view.requester)} asks for`;
}

function forWhom({ view }: Scene): string {
  return isForAnother(view) ? `, for ${nameIn(view, view.subject)}` : '';
}

function howLong({ view }: Scene) {
  const { kind, durationS, endsBy } = view.request;
  const words = durationInWords(durationS);
  if (kind === 'access' || !view.grant) {
    if (endsBy === null) return { label: 'For', value: [words] };
    return { label: 'For', value: [`${words}, until `, { at: endsBy, style: 'time' as const }] };
  }
  const until = new Date(view.grant.endsAt.getTime() + durationS * 1000);
  return { label: 'More', value: [`${words}, until `, { at: until, style: 'time' as const }] };
}

/** Nothing to press once it is past its time, though the sweep has not been there yet. */
function pendingActions({ view, audience, context }: Scene): readonly Action[] {
  const { id, expiresAt } = view.request;
  if (context.now >= expiresAt) return [];
  if (isDecider(audience)) return context.role ? buttons.decide(id) : [];
  return audience === 'requester' ? buttons.cancel(id) : [];
}
