/** Approved requests for more time. What holds now is said by the card of the grant that was extended. */
import { durationInWords } from '../../domain/duration.ts';
import type { Card } from '../card.ts';
import { approvers, footer, forLess, whyAsked } from './parts.ts';
import { type Scene, titleOf } from './scene.ts';
import { says } from './words.ts';

export function extensionCard(scene: Scene): Card {
  const { view } = scene;
  const { request } = view;
  const more = durationInWords(request.approvedDurationS ?? request.durationS);
  const title = titleOf(scene, `${more} more`);
  return {
    title,
    tone: 'good',
    summary: title,
    body: [
      says({ bold: `${more} more` }, ', approved by ', ...approvers(view), '.'),
      ...forLess(view),
      says(`It was added to ${request.extendsGrant ?? 'the grant'}, whose card says what is true now.`),
      ...whyAsked(view),
    ],
    actions: [],
    footer: footer(scene),
  };
}
