/** How much of each person is under way at once, counted in this process; more is refused, never kept waiting. */
export interface InFlight {
  /** Counts `weight` more for the person; what comes back takes it off again. Null: that would be too much. */
  enter(person: string, weight: number): (() => void) | null;
}

/** Whoever has nothing under way is always let in: one thing may weigh more than `mostEach` by itself. */
export function createInFlight(mostEach: number): InFlight {
  const busy = new Map<string, number>();
  return {
    enter(person, weight) {
      const now = busy.get(person) ?? 0;
      if (now > 0 && now + weight > mostEach) return null;
      busy.set(person, now + weight);
      return () => {
        const left = (busy.get(person) ?? 0) - weight;
        if (left > 0) busy.set(person, left);
        else busy.delete(person);
      };
    },
  };
}
