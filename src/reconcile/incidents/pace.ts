/**
 * How fast a source may be asked: a few calls at once, a few a second (what the vendors allow is more), and
 * none before the moment that it named. Real time; each process keeps its own count.
 */
import type { Clocks } from '../../domain/clock.ts';

const AT_ONCE = 4;
const A_SECOND = 10;

export function createPace(clocks: Clocks) {
  interface Count {
    inFlight: number;
    second: number;
    begun: number;
    notBefore: number;
  }
  const counts = new Map<string, Count>();

  function of(source: string): Count {
    const count = counts.get(source) ?? { inFlight: 0, second: 0, begun: 0, notBefore: 0 };
    counts.set(source, count);
    const second = Math.floor(clocks.real().getTime() / 1000);
    if (count.second !== second) Object.assign(count, { second, begun: 0 });
    return count;
  }

  return {
    /** How many calls may begin now. */
    free(source: string): number {
      const { inFlight, begun, notBefore } = of(source);
      return clocks.real().getTime() < notBefore
        ? 0
        : Math.max(0, Math.min(AT_ONCE - inFlight, A_SECOND - begun));
    },
    begin(source: string): void {
      const count = of(source);
      count.inFlight += 1;
      count.begun += 1;
    },
    end(source: string): void {
      of(source).inFlight -= 1;
    },
    /** The source asked to be left alone until then. */
    holdOff(source: string, until: Date): void {
      const count = of(source);
      count.notBefore = Math.max(count.notBefore, until.getTime());
    },
  };
}

export type Pace = ReturnType<typeof createPace>;
