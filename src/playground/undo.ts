/** Steps that are undone in reverse, whether a start fails half-way or what was started is stopped. */
import type { Log } from '../observability/log.ts';

export type Undo = (() => unknown)[];

/** Where `build` fails, what it had begun is undone first. */
export async function buildUndoably<T>(
  log: Log,
  build: (undo: Undo) => Promise<T>,
): Promise<{ built: T; stop: () => Promise<void> }> {
  const undo: Undo = [];
  const stop = async () => {
    for (const step of undo.splice(0).reverse()) {
      await Promise.resolve()
        .then(step)
        .catch((err: unknown) => log.error({ err }, 'A part did not stop cleanly'));
    }
  };
  try {
    return { built: await build(undo), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
