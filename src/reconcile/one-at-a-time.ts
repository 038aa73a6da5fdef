/** Work that never runs twice at once in a process; asked for while it runs, it runs once more right after. */
export function oneAtATime(work: () => Promise<void>) {
  let running: Promise<void> | null = null;
  let again = false;

  async function run(): Promise<void> {
    do {
      again = false;
      await work();
    } while (again);
  }

  function go(): Promise<void> {
    again = true;
    running ??= run().finally(() => {
      running = null;
      // Asked for between the last look and here.
      if (again) void go().catch(() => {});
    });
    return running;
  }

  return {
    go,
    /** Resolves when it does not run any more. */
    async drain(): Promise<void> {
      while (running) await running.catch(() => {});
    },
  };
}
