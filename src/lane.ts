/**
 * Work of which so much at a time is done, and so much more waits; beyond that it is refused at once. Each
 * person has few places, so that one who sends a great deal waits behind the others.
 */
export interface LaneLimits {
  readonly underWay: number;
  /** Of one person. */
  readonly underWayEach: number;
  readonly waiting: number;
}

/** The lane is full: the work was not begun, and will not be. */
export class LaneFull extends Error {
  override readonly name = 'LaneFull';
}

/** Runs the work when there is a place for it. Rejects with `LaneFull`, or as the work does. */
export type Lane = <T>(person: string, work: () => Promise<T>) => Promise<T>;

export function createLane(limits: LaneLimits): Lane {
  const busy = new Map<string, number>();
  const waiting: { readonly person: string; readonly begin: () => void }[] = [];
  let underWay = 0;

  const mayBegin = (person: string) =>
    underWay < limits.underWay && (busy.get(person) ?? 0) < limits.underWayEach;

  function enter(person: string): void {
    underWay += 1;
    busy.set(person, (busy.get(person) ?? 0) + 1);
  }

  function leave(person: string): void {
    underWay -= 1;
    const left = (busy.get(person) ?? 1) - 1;
    if (left > 0) busy.set(person, left);
    else busy.delete(person);
    const index = waiting.findIndex((each) => mayBegin(each.person));
    const [next] = index < 0 ? [] : waiting.splice(index, 1);
    if (!next) return;
    enter(next.person);
    next.begin();
  }

  return async (person, work) => {
    if (mayBegin(person)) enter(person);
    else if (waiting.length >= limits.waiting) throw new LaneFull();
    else await new Promise<void>((begin) => waiting.push({ person, begin }));
    try {
      return await work();
    } finally {
      leave(person);
    }
  };
}
