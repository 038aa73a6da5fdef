/**
 * Turns at something that does one thing at a time. Whoever is urgent goes before all others that wait, and
 * waits only for what is under way.
 */
export interface Turns {
  /** Runs the work when it is its turn; the next begins when it is over. */
  take<T>(urgent: boolean, work: () => Promise<T>): Promise<T>;
}

export function createTurns(): Turns {
  const urgently: (() => void)[] = [];
  const ordinary: (() => void)[] = [];
  let taken = false;

  function next(): void {
    if (urgently.length === 0 && ordinary.length === 0) {
      taken = false;
      return;
    }
    // What it runs may never wait for anything outside of this process: timers and sockets have to get their
    // turn too, and with them whoever turns out to be more urgent.
    setImmediate(() => (urgently.shift() ?? ordinary.shift())?.());
  }

  return {
    async take(urgent, work) {
      if (taken) await new Promise<void>((begin) => (urgent ? urgently : ordinary).push(begin));
      taken = true;
      try {
        return await work();
      } finally {
        next();
      }
    },
  };
}
