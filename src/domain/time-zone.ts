/** Wall clocks: when does it next read 18:00 where the speaker is? */

const MINUTE_MS = 60_000;
const DAY_MINUTES = 1_440;
/** Longer than the longest day, so that one occurrence lies within. */
const LOOK_AHEAD_MINUTES = 27 * 60;

/** Minutes since midnight for `18:00` or `9:05`; null for anything else, `24:00` included. */
export function parseClock(typed: string): number | null {
  const match = /^([01]?[0-9]|2[0-3]):([0-5][0-9])$/.exec(typed);
  return match ? Number(match[1]) * 60 + Number(match[2]) : null;
}

/**
 * The first moment after `now` at which clocks in `timeZone` (IANA) read `clock` minutes since midnight.
 * Where they are put forward over that time, the moment they jump past it; where they read it twice, the
 * next one: rather too early than too late. Null when the zone is unknown to this machine.
 *
 * It looks minute by minute on purpose: at most 1,620 looks, and no case analysis about DST.
 */
export function nextClockTime(clock: number, timeZone: string, now: Date): Date | null {
  const reads = clockReader(timeZone);
  if (!reads) return null;
  const start = Math.floor(now.getTime() / MINUTE_MS);
  let before = reads(start * MINUTE_MS);
  for (let minute = start + 1; minute <= start + LOOK_AHEAD_MINUTES; minute++) {
    const here = reads(minute * MINUTE_MS);
    const step = (here - before + DAY_MINUTES) % DAY_MINUTES;
    const wanted = (clock - before + DAY_MINUTES) % DAY_MINUTES;
    // A step beyond half a day is a clock put back, which passes over nothing.
    if (wanted > 0 && wanted < step && step < DAY_MINUTES / 2) return new Date(minute * MINUTE_MS);
    if (here === clock) return new Date(minute * MINUTE_MS);
    before = here;
  }
  return null;
}

function clockReader(timeZone: string): ((ms: number) => number) | null {
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat('en-GB', {
      timeZone,
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    });
  } catch {
    return null;
  }
  return (ms) => {
    const [hours, minutes] = format.format(ms).split(':');
    return Number(hours) * 60 + Number(minutes);
  };
}
