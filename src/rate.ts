/**
 * How often each person may do something within a minute. Kept by each process for itself: on record it would
 * cost the ledger a write for each thing that is refused, which is what this is to spare it. So with several
 * replicas behind one address a person may do that much on each of them.
 */
const MINUTE_MS = 60_000;
const MOST_PEOPLE = 10_000;

export interface Rate {
  /** Whether the person may go on; then it is counted. */
  allows(person: string): boolean;
}

/** @param now real time, ms */
export function createRate(perMinute: number, now: () => number): Rate {
  /** When the person's last ones were, oldest first; whoever did something last is the last. */
  const recent = new Map<string, number[]>();

  function forget(before: number): void {
    for (const [person, times] of recent) {
      if ((times.at(-1) ?? 0) > before && recent.size <= MOST_PEOPLE) return;
      recent.delete(person);
    }
  }

  return {
    allows(person) {
      const at = now();
      forget(at - MINUTE_MS);
      const times = (recent.get(person) ?? []).filter((time) => time > at - MINUTE_MS);
      if (times.length >= perMinute) return false;
      times.push(at);
      recent.delete(person);
      recent.set(person, times);
      return true;
    },
  };
}
