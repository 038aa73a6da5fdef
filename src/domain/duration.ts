/** Lengths of time as people write them (`30m`, `1h30m`) and as Curfew says them (`1 h 30 min`). */

const UNITS = [
  { letter: 'd', seconds: 86_400, word: 'd' },
  { letter: 'h', seconds: 3_600, word: 'h' },
  { letter: 'm', seconds: 60, word: 'min' },
  { letter: 's', seconds: 1, word: 's' },
] as const;

const SHORTEST_S = 1;
const LONGEST_S = 366 * 86_400;

export type DurationParse =
  | { readonly ok: true; readonly seconds: number }
  /** `why` is a sentence for the person who wrote it. */
  | { readonly ok: false; readonly why: string };

/**
 * Reads `30m`, `2h`, `1h30m`, `1d`, `90s`: whole numbers, the larger unit first, each unit once.
 * Refuses what is shorter than `shortestS` (1 second unless told) or longer than 366 days.
 */
export function parseDuration(typed: string, options: { shortestS?: number } = {}): DurationParse {
  const text = typed.trim().toLowerCase();
  const shown = text.slice(0, 20);
  const no = (why: string): DurationParse => ({ ok: false, why });
  if (text === '') return no('Say for how long, such as 30m or 1h30m.');
  if (/^[-−–]/.test(text)) return no(`${shown} is negative: say for how long from now, such as 30m.`);
  if (/^[0-9]+$/.test(text)) return no(`${shown} has no unit: write ${shown}m or ${shown}h.`);
  if (!/^(?:[0-9]+[dhms])+$/.test(text)) {
    return no(`${shown} is not a length of time: write 30m, 2h or 1h30m.`);
  }
  let seconds = 0;
  let previous = -1;
  for (const [, count, letter] of text.matchAll(/([0-9]+)([dhms])/g)) {
    const index = UNITS.findIndex((unit) => unit.letter === letter);
    if (index <= previous) return no(`${shown}: write each unit once, the larger one first, as in 1h30m.`);
    previous = index;
    seconds += Number(count) * (UNITS[index]?.seconds ?? Number.NaN);
  }
  if (seconds === 0) return no(`${shown} is no time at all: write 30m, 2h or 1h30m.`);
  const shortestS = options.shortestS ?? SHORTEST_S;
  if (seconds < shortestS) {
    return no(`${shown} is too short: the shortest is ${durationInWords(shortestS)}.`);
  }
  if (!(seconds <= LONGEST_S)) return no(`${shown} is too long: nothing lasts more than a year here.`);
  return { ok: true, seconds };
}

/** `5400` → `1 h 30 min`. Fractions of a second are rounded up, so that nothing left never shows early. */
export function durationInWords(seconds: number): string {
  return parts(seconds, (count, unit) => `${count} ${unit.word}`, '0 s').join(' ');
}

/** `5400` → `1h30m`: as somebody would type it, and as `parseDuration` reads it. */
export function durationAsTyped(seconds: number): string {
  return parts(seconds, (count, unit) => `${count}${unit.letter}`, '0s').join('');
}

function parts(
  seconds: number,
  show: (count: number, unit: (typeof UNITS)[number]) => string,
  none: string,
): string[] {
  let rest = Math.max(0, Math.ceil(seconds));
  const shown: string[] = [];
  for (const unit of UNITS) {
    const count = Math.floor(rest / unit.seconds);
    rest -= count * unit.seconds;
    if (count > 0) shown.push(show(count, unit));
  }
  return shown.length > 0 ? shown : [none];
}
