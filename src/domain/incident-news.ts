/**
 * What a sighting makes of what is known of an incident:
 *
 *   (unknown) ──▶ open ◀──reopened── closed ──end_due_at──▶ its grants end
 *                   └──────closed──────▲
 *
 * The newest sighting counts. Later news of the same close move neither the close nor what is due after it.
 */
import { endDueAt, isNewer, type Sighting, stateSaid } from './incident.ts';

/** For how long the last word about an incident stands while nobody can confirm it. Real seconds. */
export const UNCONFIRMED_AFTER_S = 1_800;
/** A source's clock that is further ahead than this is wrong: it would make all that follows seem old. */
const MOST_AHEAD_S = 300;
/** No incident of ours is older; what is said to be is of then, which is newer than what nobody told of. */
const EARLIEST = new Date('2000-01-01T00:00:00Z');

/** What the ledger keeps of an incident. */
export interface KnownIncident extends Omit<Sighting, 'key' | 'at' | 'mergedInto'> {
  /** Not null: another incident goes on in its place. */
  readonly mergedInto: unknown;
  readonly seenAt: Date;
  readonly closedAt: Date | null;
  readonly endDueAt: Date | null;
  readonly confirmedAt: Date;
  readonly unconfirmedAlerted: boolean;
  readonly noteDueAt: Date | null;
  readonly noteDoubts: number;
  readonly lastError: string | null;
  readonly unknownSince: Date | null;
}

export type News = 'opened' | 'closed' | 'reopened' | 'merged' | 'changed';

export interface TakenIn {
  /** What is known now; null: the sighting is an old one. Of a merge, all but the survivor. */
  readonly next: Omit<KnownIncident, 'mergedInto'> | null;
  /** Null: nothing that people may see. */
  readonly news: News | null;
  /** The key of the incident that it was just merged into. */
  readonly mergesInto: string | null;
  /** It is old, and says otherwise than what is known: clocks may differ, so the source has to be asked. */
  readonly doubtful: boolean;
}

/** The moment of what is known of an incident by name only: whatever is said of it is newer. */
export const NEVER_SEEN = new Date(0);

/** Known by name only, since another one was merged into it: its source has not told of it yet. */
export function isHearsay({ seenAt }: Pick<KnownIncident, 'seenAt'>): boolean {
  return seenAt.getTime() === NEVER_SEEN.getTime();
}

/** Pure; the order in which sightings come makes no difference to the state that they lead to. */
export function takeIn(
  known: KnownIncident | null,
  told: Sighting,
  graceS: number,
  clock: { now: Date; real: Date },
): TakenIn {
  const at = sane(told.at, clock.real);
  const state = stateSaid(told);
  const merges = told.mergedInto !== null && (known?.mergedInto ?? null) === null;
  const before = known && { at: known.seenAt, state: known.state };
  // Of two that are of the same moment, a merge says more than a close.
  const saysMore = merges && before?.state === 'closed' && before.at.getTime() === at.getTime();
  if (!isNewer({ at, state }, before) && !saysMore) {
    const doubtful = known !== null && known.state !== state && at < known.seenAt;
    return { next: null, news: null, mergesInto: null, doubtful };
  }
  const seen = known && !isHearsay(known) ? known : null;
  const wasClosed = known?.state === 'closed';
  const confirmedAt = latest(seen?.confirmedAt ?? null, at < clock.real ? at : clock.real);
  const shown = {
    number: told.number,
    url: told.url,
    title: told.title,
    severity: told.severity,
    service: told.service,
    acknowledgedBy: told.acknowledgedBy,
    channel: told.channel,
    nature: told.nature ?? known?.nature ?? null,
  };
  const next = {
    ...shown,
    state,
    seenAt: at,
    openedAt: sane(told.openedAt, clock.real),
    ...closing(wasClosed ? known : null, { at, state }, graceS, clock),
    confirmedAt,
    unconfirmedAlerted:
      (known?.unconfirmedAlerted ?? false) &&
      clock.real.getTime() - confirmedAt.getTime() >= UNCONFIRMED_AFTER_S * 1000,
    lastError: null,
    unknownSince: null,
  };
  const mergesInto = merges ? told.mergedInto : null;
  return { next, news: newsOf(seen, { ...shown, state }, mergesInto), mergesInto, doubtful: false };
}

/**
 * Sightings that come together, with moments that can be. Which of them a date far ahead came after cannot be
 * told: one that says "open" then comes before the others of its incident, so that it takes back no close.
 */
export function datedSanely(sightings: readonly Sighting[], real: Date): Sighting[] {
  const earliest = new Map<string, Date>();
  for (const { key, at } of sightings) {
    const known = earliest.get(key) ?? real;
    const moment = sane(at, real);
    earliest.set(key, moment < known ? moment : known);
  }
  return sightings.map((sighting) => {
    const first = earliest.get(sighting.key) ?? real;
    const early = isFarAhead(sighting.at, real) && stateSaid(sighting) === 'open' && first < real;
    return { ...sighting, at: early ? new Date(first.getTime() - 1) : sane(sighting.at, real) };
  });
}

function isFarAhead(said: Date, real: Date): boolean {
  return said.getTime() - real.getTime() > MOST_AHEAD_S * 1000;
}

/** Also of what is no date at all: sources read theirs, but what breaks here would hold up an ending. */
function sane(said: Date, real: Date): Date {
  if (isFarAhead(said, real) || Number.isNaN(said.getTime())) return real;
  return said < EARLIEST ? EARLIEST : said;
}

function closing(
  closed: KnownIncident | null,
  sighting: Pick<Sighting, 'at' | 'state'>,
  graceS: number,
  clock: { now: Date; real: Date },
): Pick<KnownIncident, 'closedAt' | 'endDueAt' | 'noteDueAt' | 'noteDoubts'> {
  if (sighting.state === 'open') return { closedAt: null, endDueAt: null, noteDueAt: null, noteDoubts: 0 };
  if (closed) {
    const { closedAt, endDueAt: endsAt, noteDueAt: dueAt, noteDoubts } = closed;
    return { closedAt, endDueAt: endsAt, noteDueAt: dueAt, noteDoubts };
  }
  return {
    closedAt: sighting.at,
    endDueAt: endDueAt(sighting, graceS, clock),
    noteDueAt: noteDueAt(sighting, graceS, clock.real),
    noteDoubts: 0,
  };
}

function newsOf(
  seen: KnownIncident | null,
  next: Omit<Sighting, 'key' | 'at' | 'openedAt' | 'mergedInto'>,
  mergesInto: string | null,
): News | null {
  if (mergesInto !== null) return 'merged';
  if (!seen) return next.state === 'open' ? 'opened' : 'closed';
  if (seen.state !== next.state) return next.state === 'open' ? 'reopened' : 'closed';
  const fields = ['number', 'url', 'title', 'severity', 'service', 'acknowledgedBy', 'nature'] as const;
  const same =
    fields.every((field) => seen[field] === next[field]) &&
    seen.channel?.platform === next.channel?.platform &&
    seen.channel?.id === next.channel?.id;
  return same ? null : 'changed';
}

/**
 * Real: when the grants end at the latest, so that it tells of all of them, and nothing is left of a close that
 * is taken back within its grace.
 */
function noteDueAt(closed: Pick<Sighting, 'at'>, graceS: number, real: Date): Date {
  const closedAt = Math.min(closed.at.getTime(), real.getTime());
  return new Date(Math.max(closedAt + graceS * 1000, real.getTime()));
}

const latest = (a: Date | null, b: Date) => (a && a > b ? a : b);
