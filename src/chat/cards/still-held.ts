/** Ways in which an account holds, or held at the end, what a grant no longer gives it. */
import type { RequestView } from '../../../db/views.ts';
import { edgesOf } from './scene.ts';
import { listedWords, short } from './words.ts';

const TEXT_MAX = 200;
const MOST_WAYS = 5;

/** A sentence each; empty where absence is all there is to say. */
export function stillHeld(view: RequestView): readonly string[] {
  return edgesOf(view).flatMap(({ entitlement, assignment, claim }) => {
    const who = short(entitlement.account, TEXT_MAX);
    const what = short(entitlement.description, TEXT_MAX);
    const sentences: string[] = [];
    // In the past: the other grant ends one day, and this card is not drawn anew then.
    if (claim.shared) sentences.push(`${who} still held it through another grant at that time: ${what}.`);
    const ways = assignment.inherited.map((way) => short(way, TEXT_MAX));
    if (ways.length > 0) sentences.push(`${who} still holds it ${throughWays(ways)}: ${what}.`);
    return sentences;
  });
}

/** Connectors say `through role ops`; one that does not still makes a sentence. */
function throughWays(ways: readonly string[]): string {
  const words = listedWords(ways, MOST_WAYS);
  return words.startsWith('through ') ? words : `through ${words}`;
}
