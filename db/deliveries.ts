/**
 * Each inbound delivery has one row, inserted first in the transaction of its effect: a repetition, at the
 * same time or later, waits for that row and is given the outcome that the first one had.
 */
import { createHash } from 'node:crypto';
import { eq, lt } from 'drizzle-orm';
import type { Tx } from './client.ts';
import { deliveries } from './schema-service.ts';

/** Longer ones fit into no index; platforms' own are much shorter. */
const KEY_MAX = 500;

const inIndex = (key: string) =>
  key.length <= KEY_MAX ? key : `sha256:${createHash('sha256').update(key).digest('hex')}`;

/** Runs `work` once for each `key`. The outcome has to be JSON. `at` is real time. */
export async function once<T>(tx: Tx, key: string, at: Date, work: () => Promise<T>): Promise<T> {
  const [first] = await tx
    .insert(deliveries)
    .values({ key: inIndex(key), at, outcome: {} })
    .onConflictDoNothing()
    .returning({ key: deliveries.key });
  if (!first) {
    const known = await findDelivery(tx, key);
    return known?.outcome as T;
  }
  const outcome = await work();
  await tx
    .update(deliveries)
    .set({ outcome })
    .where(eq(deliveries.key, inIndex(key)));
  return outcome;
}

export async function findDelivery(tx: Tx, key: string): Promise<{ outcome: unknown } | null> {
  const [row] = await tx
    .select({ outcome: deliveries.outcome })
    .from(deliveries)
    .where(eq(deliveries.key, inIndex(key)));
  return row ?? null;
}

/** Forgets deliveries that no platform repeats any more. */
export async function forgetDeliveries(tx: Tx, before: Date): Promise<void> {
  await tx.delete(deliveries).where(lt(deliveries.at, before));
}
