/**
 * How PagerDuty's incidents are named. An id is `Q` and 13 letters and digits, or, of old incidents, `P` and
 * six; a number is said as `#1234`.
 *
 * Not taken for a name: a bare number and `PD-1234`, since a reason may begin with the one and the other is
 * anybody's ticket; and an old id without a digit, since PROBLEM is no incident. Their URLs name them.
 */
import { plainKey } from '../fields.ts';

const ID = /^(?:Q[0-9A-Z]{13}|P(?=[A-Z]*[0-9])[0-9A-Z]{6})$/;
const NUMBER = /^#[1-9][0-9]{0,9}$/;
const URL_OF_ONE =
  /^https:\/\/[a-z0-9-]{1,63}(?:\.eu)?\.pagerduty\.com\/incidents\/([PQ][0-9A-Z]{6,13})(?:[/?#][^\s\p{C}]*)?$/u;
const MAX_WORD = 500;

/** An id, or `#` and a number; null where the word names no incident of PagerDuty. */
export function nameIn(word: string): string | null {
  if (word.length > MAX_WORD) return null;
  if (ID.test(word) || NUMBER.test(word)) return word;
  return URL_OF_ONE.exec(word)?.[1] ?? null;
}

/** What the API calls it (`/incidents/{id or number}`); null where it cannot be the name of one. */
export function pathOf(name: string): string | null {
  if (NUMBER.test(name)) return name.slice(1);
  return plainKey.safeParse(name).success ? name : null;
}
