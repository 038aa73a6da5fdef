/**
 * An incident as its source tells of it. What is newest by the source's own clock counts, whatever the order
 * in which it arrives; a poll counts as of its start, since the answer may be older than its end.
 */

export type IncidentState = 'open' | 'closed';

/**
 * What an incident is by its source: `retrospective` ones are entered afterwards, `other` is whatever Curfew
 * has no word for. Only a real one stands for something that is going on.
 */
export const INCIDENT_NATURES = ['real', 'test', 'retrospective', 'maintenance', 'other'] as const;
export type IncidentNature = (typeof INCIDENT_NATURES)[number];

/** Where the source says that people talk about it. */
export interface IncidentChannel {
  readonly platform: 'slack' | 'teams';
  /** The platform's own id. */
  readonly id: string;
}

/** All that a source says of one incident at one moment. Texts are the source's, at most 500 characters. */
export interface Sighting {
  /** The source's own id: stable, at most 200 characters. */
  readonly key: string;
  /** As people say it: `INC-1042`, `1042`; null where the source has none. */
  readonly number: string | null;
  readonly url: string | null;
  readonly title: string;
  readonly state: IncidentState;
  /** Null: not said this time. */
  readonly nature: IncidentNature | null;
  /** By the configuration's names where it maps them, else the source's own; null: not said. */
  readonly severity: string | null;
  readonly service: string | null;
  /** A mail address where the source says one, else a name; null: nobody yet. */
  readonly acknowledgedBy: string | null;
  readonly channel: IncidentChannel | null;
  /** The key of the incident that this one was merged into; such a one is closed. */
  readonly mergedInto: string | null;
  readonly openedAt: Date;
  /** When it was so, by the source's clock (`occurred_at`); of a poll, when it began, by ours. Real. */
  readonly at: Date;
}

/** The state that a sighting leads to: what was merged goes on elsewhere, whatever it is called itself. */
export function stateSaid({ state, mergedInto }: Pick<Sighting, 'state' | 'mergedInto'>): IncidentState {
  return mergedInto === null ? state : 'closed';
}

/**
 * Whether `sighting` replaces what is known. Of two that are of the same moment the closed one counts, so
 * that any order of arrival leads to the same.
 */
export function isNewer(
  sighting: Pick<Sighting, 'at' | 'state'>,
  known: Pick<Sighting, 'at' | 'state'> | null,
): boolean {
  if (!known) return true;
  const [a, b] = [sighting.at.getTime(), known.at.getTime()];
  return a === b ? sighting.state === 'closed' && known.state === 'open' : a > b;
}

/**
 * When grants of a closed incident end, ledger time: its close plus grace. The source's clock is real time, so
 * its age is carried over.
 */
export function endDueAt(
  closed: Pick<Sighting, 'at'>,
  graceS: number,
  clock: { now: Date; real: Date },
): Date {
  const ageMs = Math.max(0, clock.real.getTime() - closed.at.getTime());
  return new Date(clock.now.getTime() - ageMs + graceS * 1000);
}
