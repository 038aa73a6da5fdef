/** A moment as RFC 9110 (5.6.7) has it, in its three forms: each begins with the day of the week. */
const HTTP_DATE = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? [A-Za-z0-9: -]{15,25}$/;

/**
 * The wait that an answer's Retry-After asks for: seconds, or a moment
 * (https://www.rfc-editor.org/rfc/rfc9110#field.retry-after).
 *
 * @param header its value; null where there is none.
 * @param realNowMs real milliseconds since 1970, which a moment is compared with.
 * @param mostS the longest wait that is believed, seconds.
 * @returns whole seconds, 0 to `mostS` (0: the moment is past); null where it says neither.
 */
export function retryAfterS(header: string | null, realNowMs: number, mostS: number): number | null {
  const text = header?.trim() ?? '';
  const seconds = /^\d+$/.test(text) ? Number(text) : (momentMs(text) - realNowMs) / 1000;
  return Number.isNaN(seconds) ? null : Math.min(Math.max(Math.ceil(seconds), 0), mostS);
}

/** NaN where it is none. `Date.parse` alone would read "-5" as a month and asctime's form as local time. */
function momentMs(text: string): number {
  if (!HTTP_DATE.test(text)) return Number.NaN;
  return Date.parse(text.endsWith(' GMT') ? text : `${text} GMT`);
}
