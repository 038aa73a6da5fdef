/** Switches that outlive a process. */
import { eq } from 'drizzle-orm';
import type { Tx } from './client.ts';
import { switches } from './schema.ts';

export type SwitchRow = typeof switches.$inferSelect;

/** While frozen, nothing new is granted; revocations go on. Null: never frozen. */
export async function readFreeze(db: Tx): Promise<SwitchRow | null> {
  const [row] = await db.select().from(switches).where(eq(switches.name, 'freeze'));
  return row ?? null;
}

export async function setFreeze(
  tx: Tx,
  state: { on: boolean; actor: string; note: string | null; at: Date },
): Promise<void> {
  await tx
    .insert(switches)
    .values({ name: 'freeze', ...state })
    .onConflictDoUpdate({ target: switches.name, set: state });
}
