/** Approved, and not yet there: which targets are waited for, and until when. */
import type { Card, CardElement } from '../card.ts';
import * as buttons from './buttons.ts';
import { approvers, footer, forLess, gives, whyAsked } from './parts.ts';
import { edgesOf, entitlementsOf, type GrantScene, isDecider, presentError, titleOf } from './scene.ts';
import { says, short, trouble } from './words.ts';

const NAME_MAX = 100;
const MOST_TARGETS = 8;

export function startingCard(scene: GrantScene): Card {
  const { view, audience } = scene;
  const title = titleOf(scene, 'Starting');
  return {
    title,
    tone: 'working',
    summary: title,
    body: [
      ...waitsFor(scene),
      says('Approved by ', ...approvers(view), '.'),
      ...forLess(view),
      ...gives(entitlementsOf(view)),
      ...whyAsked(view),
    ],
    actions: isDecider(audience) ? buttons.revoke(view) : [],
    footer: footer(scene),
  };
}

function waitsFor({ view, grant }: GrantScene): readonly CardElement[] {
  const until = { at: grant.endsAt < grant.startBy ? grant.endsAt : grant.startBy, style: 'time' } as const;
  const waiting = edgesOf(view).filter(({ claim }) => claim.confirmedAt === null);
  const targets = new Map<string, string | null>();
  for (const edge of waiting) {
    const { connector } = edge.assignment;
    targets.set(connector, targets.get(connector) ?? presentError(edge));
  }
  if (targets.size === 0) return [says({ bold: 'Starting.' })];
  return [...targets].slice(0, MOST_TARGETS).map(([connector, error]) => {
    const name = short(connector, NAME_MAX);
    const start = [{ bold: 'Starting:' }, ` waiting for ${name}`] as const;
    return error === null
      ? says(...start, ', until ', until, ' at the latest.')
      : says(...start, ` (${trouble(connector, error)}, trying again until `, until, ').');
  });
}
