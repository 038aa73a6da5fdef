/** Access that is there: until when, and what its holder or its owners can do about it. */
import { durationInWords } from '../../domain/duration.ts';
import type { Action, Card, CardElement } from '../card.ts';
import * as buttons from './buttons.ts';
import { endsAt } from './incident-words.ts';
import { approvers, footer, forLess, gives, incidentOf, whyAsked } from './parts.ts';
import { entitlementsOf, type GrantScene, isDecider, isPersonal, roleTitle, titleOf } from './scene.ts';
import { sessionsWillBeCut } from './sessions.ts';
import { says, short } from './words.ts';

export function liveCard(scene: GrantScene): Card {
  const { view, grant, audience } = scene;
  const soon = endsSoon(scene);
  const title = titleOf(scene, soon ? 'Ends soon' : 'Live');
  const summary = soon
    ? `${roleTitle(view)} ends soon.`
    : `${title}, for ${durationInWords(grant.durationS)} in all`;
  return {
    title,
    tone: 'good',
    summary: short(summary, 300),
    body: [
      untilWhen(scene, soon),
      ...waitingForMore(scene),
      ...(isPersonal(audience) ? sessionsWillBeCut(entitlementsOf(view)) : []),
      ...forLess(view),
      ...gives(entitlementsOf(view)),
      ...(isPersonal(audience) ? incidentOf(view) : whyAsked(view)),
    ],
    actions: liveActions(scene),
    footer: footer(scene),
  };
}

/** A reminder that is still owed (the end was moved) does not say "soon". */
function endsSoon({ audience, grant }: GrantScene): boolean {
  return audience === 'reminder' && grant.remindAt === null;
}

function untilWhen(scene: GrantScene, soon: boolean): CardElement {
  const { view, grant } = scene;
  const end = { at: endsAt(view, grant), style: 'time' } as const;
  const canExtend = buttons.holderButtons(scene).some(({ verb }) => verb === 'extend');
  if (soon) return says({ bold: 'It ends at ' }, end, canExtend ? '. Ask now if you need longer.' : '.');
  return says({ bold: 'Live until ' }, end, ', approved by ', ...approvers(view), '.');
}

function waitingForMore({ view }: GrantScene): readonly CardElement[] {
  const more = view.pendingExtension;
  if (!more) return [];
  return [says(`${durationInWords(more.durationS)} more was asked for: ${more.id} waits for a decision.`)];
}

function liveActions(scene: GrantScene): readonly Action[] {
  if (isDecider(scene.audience)) return buttons.revoke(scene.view);
  const holds = scene.audience === 'live' || scene.audience === 'reminder';
  return holds ? buttons.holderButtons(scene) : [];
}
