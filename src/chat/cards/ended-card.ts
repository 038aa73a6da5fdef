/** Access that is over, as read back from every target; and what, by other ways, is not. */
import { dueSince } from '../../domain/grant.ts';
import type { Card, CardElement } from '../card.ts';
import { askAgain } from './buttons.ts';
import { endWords, ownWords } from './end-words.ts';
import { footer, gives, whyAsked } from './parts.ts';
import { edgesOf, entitlementsOf, type GrantScene, isPersonal, titleOf, wasGiven } from './scene.ts';
import { sessionsMayGoOn } from './sessions.ts';
import { stillHeld } from './still-held.ts';
import { laterInWords, says } from './words.ts';

export function endedCard(scene: GrantScene): Card {
  const { view, grant, audience } = scene;
  const failed = grant.endReason === 'failed';
  const title = titleOf(scene, failed ? 'Failed' : 'Ended');
  const quote = ownWords(endOf(scene));
  return {
    title,
    tone: failed ? 'refused' : 'ended',
    summary: title,
    body: [
      headline(scene),
      ...(quote === null ? [] : [{ kind: 'quote', text: quote } as const]),
      ...stillHeld(view).map((text) => says(text)),
      ...(wasGiven(view) ? sessionsMayGoOn(edgesOf(view)) : []),
      ...(wasGiven(view) ? gives(entitlementsOf(view), 'It gave: ') : []),
      ...(isPersonal(audience) ? [] : whyAsked(view)),
    ],
    actions: askAgain(scene),
    footer: footer(scene),
  };
}

function endOf({ grant }: GrantScene) {
  return { reason: grant.endReason ?? 'window', by: grant.endedBy, note: grant.endNote } as const;
}

/**
 * "Absence confirmed" is said only where the targets showed it: not where nothing was ever given, nor where
 * the account still holds it by another way.
 */
function headline(scene: GrantScene): CardElement {
  const { view, grant } = scene;
  const failed = grant.endReason === 'failed';
  const ended = dueSince(grant);
  const seconds = ((grant.endedAt ?? ended).getTime() - ended.getTime()) / 1000;
  const confirmed = stillHeld(view).length === 0 ? `; absence confirmed ${laterInWords(seconds)}` : '';
  const why = endWords(endOf(scene));
  const start = { bold: failed ? 'Failed ' : 'Ended ' };
  const at = { at: ended, style: 'time' } as const;
  if (!wasGiven(view))
    return says(start, at, failed ? `: ${why}. Nothing was given.` : `, ${why}. Nothing had been given.`);
  if (failed) return says(start, at, `: ${why}. What was given is taken back${confirmed}.`);
  return says(start, at, `, ${why}${confirmed}.`);
}
