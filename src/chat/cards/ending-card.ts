/**
 * Access whose end has come and which the targets have not yet confirmed as absent. Nothing here may be
 * read as "it is gone": what does not work stands in the first line.
 */
import { dueSince } from '../../domain/grant.ts';
import type { Action, Card, CardElement } from '../card.ts';
import * as buttons from './buttons.ts';
import { endWords, ownWords } from './end-words.ts';
import { footer, gives } from './parts.ts';
import { type Edge, edgesOf, type GrantScene, isPersonal, presentError, titleOf } from './scene.ts';
import { says, sentence, short, trouble } from './words.ts';

const NAME_MAX = 100;
const MOST_EDGES = 8;

export function endingCard(scene: GrantScene): Card {
  const { view } = scene;
  const open = edgesOf(view).filter(({ claim }) => claim.releasedAt === null);
  const stuck = isStuck(scene, open);
  const sessionsOnly = open.length > 0 && open.every(removedAlready);
  const state = sessionsOnly ? 'Sessions NOT yet cut' : 'NOT yet removed';
  const title = titleOf(scene, stuck ? state : 'Ending');
  return {
    title,
    tone: stuck ? 'alarm' : 'working',
    summary: title,
    body: [...(stuck ? whatIsStuck(scene, open) : underWay(scene, open)), ...toBeRemoved(open)],
    actions: stuck ? stuckActions(scene) : [],
    footer: footer(scene),
  };
}

/** Alerts are about what did not work, also in the moment after somebody pressed "Try now". */
function isStuck({ grant, audience }: GrantScene, open: readonly Edge[]): boolean {
  if (audience === 'overdue' || grant.overdueAlertedAt !== null) return true;
  return open.some((edge) => presentError(edge) !== null);
}

/** The edge is read back as absent, and sessions are being cut. */
function removedAlready({ assignment }: Edge): boolean {
  return assignment.state === 'ending_sessions';
}

function underWay({ grant }: GrantScene, open: readonly Edge[]): readonly CardElement[] {
  const end = endOf(grant);
  return [
    says({ bold: 'Ending' }, ` since `, since(grant), `: ${endWords(end)}.`),
    ...quoted(end),
    ...open.slice(0, MOST_EDGES).map((edge) => {
      const name = short(edge.assignment.connector, NAME_MAX);
      return removedAlready(edge)
        ? says(`${name}: cutting the sessions begun before.`)
        : says(`${name}: taking it away.`);
    }),
  ];
}

function whatIsStuck({ grant }: GrantScene, open: readonly Edge[]): readonly CardElement[] {
  const end = endOf(grant);
  return [...lines({ grant }, open), says(sentence(endWords(end))), ...quoted(end)];
}

function lines({ grant }: Pick<GrantScene, 'grant'>, open: readonly Edge[]): readonly CardElement[] {
  const at = since(grant);
  // The settling of the last edge and of the grant are one transaction; this is for a view in between.
  if (open.length === 0) return [says({ bold: 'Ended ' }, at, ' but NOT yet confirmed.')];
  return open.slice(0, MOST_EDGES).map((edge) => {
    const { connector } = edge.assignment;
    const error = presentError(edge);
    const name = short(connector, NAME_MAX);
    const why = error === null ? `waiting for ${name}` : `${name} ${trouble(connector, error)}, trying again`;
    return removedAlready(edge)
      ? says({ bold: 'Ended ' }, at, `, but sessions are NOT yet cut: ${why}.`)
      : says({ bold: 'Ended ' }, at, ` but NOT yet removed: ${why}.`);
  });
}

const since = (grant: GrantScene['grant']) => ({ at: dueSince(grant), style: 'time' }) as const;

const endOf = (grant: GrantScene['grant']) => ({
  reason: grant.endReason ?? ('window' as const),
  by: grant.endedBy,
  note: grant.endNote,
});

function quoted(end: ReturnType<typeof endOf>): readonly CardElement[] {
  const text = ownWords(end);
  return text === null ? [] : [{ kind: 'quote', text }];
}

function toBeRemoved(open: readonly Edge[]): readonly CardElement[] {
  const there = open.filter((edge) => !removedAlready(edge)).map(({ entitlement }) => entitlement);
  return gives(there, 'To be removed: ');
}

/** Those who can do something about it; the requester has done their part. */
function stuckActions({ view, audience }: GrantScene): readonly Action[] {
  return isPersonal(audience) ? [] : buttons.retry(view.request.id);
}
