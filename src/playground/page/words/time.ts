/** Moments and lengths of time in words. Pure; zones and languages are the reader's. */

export interface Reader {
  /** BCP 47; undefined: the browser's. */
  readonly locale?: string;
  /** IANA; undefined: the browser's. */
  readonly timeZone?: string;
}

export interface LedgerTime {
  /** Ledger time, ISO, at the real moment `asOf`, ISO. */
  readonly now: string;
  readonly asOf: string;
}

/** Ledger time at the real moment `realNow`, both in milliseconds. It goes on at the speed of real time. */
export function ledgerNow({ now, asOf }: LedgerTime, realNow: number): number {
  return Date.parse(now) + Math.max(0, realNow - Date.parse(asOf));
}

/** `4:09`, `1:00:00`, `2 d 3:00:00`; `0:00` when it is over. Rounds up, so that 0:00 means that it is over. */
export function countdown(ms: number): string {
  const left = Math.max(0, Math.ceil(ms / 1000));
  const days = Math.floor(left / 86_400);
  const hours = Math.floor((left % 86_400) / 3600);
  const minutes = Math.floor((left % 3600) / 60);
  const two = (value: number) => String(value).padStart(2, '0');
  const clock =
    hours > 0 || days > 0 ? `${hours}:${two(minutes)}:${two(left % 60)}` : `${minutes}:${two(left % 60)}`;
  return days > 0 ? `${days} d ${clock}` : clock;
}

/** `5 min`, `1 h 5 min`, `2 d 1 h`, `40 s`: the two largest parts. */
export function roughly(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  const parts: [number, string][] = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor((seconds % 86_400) / 3600), 'h'],
    [Math.floor((seconds % 3600) / 60), 'min'],
  ];
  return parts
    .filter(([value]) => value > 0)
    .slice(0, 2)
    .map(([value, unit]) => `${value} ${unit}`)
    .join(' ');
}

/** How far the ledger's clock was moved: null when it runs with real time. */
export function movedBy({ now, asOf }: LedgerTime): string | null {
  const ahead = Date.parse(now) - Date.parse(asOf);
  return ahead < 1500 ? null : roughly(ahead);
}

export function clockTime(at: number, { locale, timeZone }: Reader = {}, seconds = false): string {
  return new Intl.DateTimeFormat(locale, {
    timeStyle: seconds ? 'medium' : 'short',
    ...(timeZone ? { timeZone } : {}),
  }).format(at);
}

/** `15:04:05` everywhere, for columns. */
export function logTime(at: number, { timeZone }: Reader = {}): string {
  const zone = timeZone ? { timeZone } : {};
  return new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium', hourCycle: 'h23', ...zone }).format(at);
}

/** As many days between the reader's calendar days; negative: before. */
function daysBetween(at: number, now: number, { timeZone }: Reader): number {
  const day = (time: number) =>
    Date.parse(
      new Intl.DateTimeFormat('en-CA', { dateStyle: 'short', ...(timeZone ? { timeZone } : {}) }).format(
        time,
      ),
    );
  return Math.round((day(at) - day(now)) / 86_400_000);
}

function date(at: number, reader: Reader, options: Intl.DateTimeFormatOptions): string {
  const zone = reader.timeZone ? { timeZone: reader.timeZone } : {};
  return new Intl.DateTimeFormat(reader.locale, { ...options, ...zone }).format(at);
}

/** `today`, `yesterday`, `tomorrow`, else the date itself, as Slack's `_pretty` formats do. */
function pretty(at: number, now: number, reader: Reader, otherwise: string): string {
  const near: Readonly<Record<number, string>> = { [-1]: 'yesterday', 0: 'today', 1: 'tomorrow' };
  return near[daysBetween(at, now, reader)] ?? otherwise;
}

/** `Today`, or `Friday, 20 November`: what stands between the days of a conversation. */
export function dayTitle(at: number, now: number, reader: Reader = {}): string {
  const words = pretty(at, now, reader, date(at, reader, { weekday: 'long', day: 'numeric', month: 'long' }));
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/**
 * Slack's date tokens, for this reader; a format that has a token we do not know gives the fallback.
 * https://docs.slack.dev/messaging/formatting-message-text/#date-formatting
 */
export function slackDate(
  { timestamp, format, fallback }: { timestamp: number; format: string; fallback: string },
  now: number,
  reader: Reader = {},
): string {
  const at = timestamp * 1000;
  if (!Number.isFinite(at) || Math.abs(at) > 8.64e15) return fallback;
  const long = date(at, reader, { year: 'numeric', month: 'long', day: 'numeric' });
  const short = date(at, reader, { year: 'numeric', month: 'short', day: 'numeric' });
  const full = date(at, reader, { weekday: 'long', year: 'numeric', month: 'long', day: 'numeric' });
  const tokens: Readonly<Record<string, string>> = {
    date_num: date(at, reader, { year: 'numeric', month: '2-digit', day: '2-digit' }),
    date: long,
    date_short: short,
    date_long: full,
    date_pretty: pretty(at, now, reader, long),
    date_short_pretty: pretty(at, now, reader, short),
    date_long_pretty: pretty(at, now, reader, full),
    time: clockTime(at, reader),
    time_secs: clockTime(at, reader, true),
  };
  let known = true;
  const text = format.replace(/\{([^{}]*)\}/g, (_all, name: string) => {
    const words = tokens[name];
    if (words === undefined) known = false;
    return words ?? '';
  });
  return known ? text : fallback;
}
