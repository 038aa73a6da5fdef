/** Sessions begun while the access was there: whether they are cut, or how long they can go on. */
import { durationInWords } from '../../domain/duration.ts';
import type { FrozenEntitlement } from '../../domain/request.ts';
import type { CardElement } from '../card.ts';
import type { Edge } from './scene.ts';
import { listedWords, says, short } from './words.ts';

const NAME_MAX = 100;

/** Before the end, where sessions will be cut. */
export function sessionsWillBeCut(entitlements: readonly FrozenEntitlement[]): readonly CardElement[] {
  const names = connectorsOf(entitlements.filter(({ endsSessions }) => endsSessions));
  return names.length === 0 ? [] : [says(`Sessions on ${listedWords(names)} are cut at the end.`)];
}

/** After the end, where a session can outlive the access. What another grant still needs is left out. */
export function sessionsMayGoOn(edges: readonly Edge[]): readonly CardElement[] {
  const gone = edges.filter(({ claim }) => !claim.shared).map(({ entitlement }) => entitlement);
  const lengths = new Set(gone.map(({ sessionOutlivesRevokeS }) => sessionOutlivesRevokeS));
  return [...lengths].flatMap((seconds) => {
    if (seconds === 0) return [];
    const those = gone.filter(({ sessionOutlivesRevokeS }) => sessionOutlivesRevokeS === seconds);
    const long = seconds === null ? '' : ` for up to ${durationInWords(seconds)}`;
    return [says(`Sessions begun before on ${listedWords(connectorsOf(those))} may go on${long}.`)];
  });
}

function connectorsOf(entitlements: readonly FrozenEntitlement[]): string[] {
  return [...new Set(entitlements.map(({ connector }) => short(connector, NAME_MAX)))];
}
