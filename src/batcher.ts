/**
 * Group commit: what arrives while one batch is being written goes into the next one. A batch that fails
 * is written again item by item, so that one bad item cannot hold up the others.
 */
export function createBatcher<T>(write: (batch: readonly T[]) => Promise<void>, most: number) {
  interface Waiting {
    readonly item: T;
    readonly resolve: () => void;
    readonly reject: (error: unknown) => void;
  }
  const queue: Waiting[] = [];
  let writing = false;

  async function writeEach(batch: readonly Waiting[]): Promise<void> {
    for (const { item, resolve, reject } of batch) await write([item]).then(resolve, reject);
  }

  async function drain(): Promise<void> {
    writing = true;
    while (queue.length > 0) {
      const batch = queue.splice(0, most);
      try {
        await write(batch.map(({ item }) => item));
        for (const { resolve } of batch) resolve();
      } catch (error) {
        if (batch.length > 1) await writeEach(batch);
        else batch[0]?.reject(error);
      }
    }
    writing = false;
  }

  /** Resolves when the item is written. */
  return (item: T): Promise<void> =>
    new Promise((resolve, reject) => {
      queue.push({ item, resolve, reject });
      // After the current turn, so that items which arrive together go together.
      if (!writing) {
        writing = true;
        setImmediate(() => void drain());
      }
    });
}
