/** Small states of the whole installation that outlive a process, such as `freeze`. */
import { eq, sql } from 'drizzle-orm';
import type { Tx } from './client.ts';
import { switches } from './schema-service.ts';

export type SwitchRow = typeof switches.$inferSelect;

/** While frozen, nothing new is granted; revocations go on. Null: never frozen. */
export async function readFreeze(db: Tx): Promise<SwitchRow | null> {
  const [row] = await db.select().from(switches).where(eq(switches.name, 'freeze'));
  return row ?? null;
}

/** The same inside a statement. */
export const isFrozen = sql`exists (select from switches where name = 'freeze' and "on")`;

const FREEZE_LOCK = 7_283_310_263;

/**
 * The freeze, and nobody changes it until this transaction is over. Whoever freezes waits for the approvals
 * that are under way: once a freeze is answered, no grant comes after it.
 */
export async function holdFreeze(tx: Tx): Promise<SwitchRow | null> {
  await tx.execute(sql`select pg_advisory_xact_lock_shared(${sql.raw(String(FREEZE_LOCK))})`);
  return readFreeze(tx);
}

export async function setFreeze(tx: Tx, state: Omit<SwitchRow, 'name'>): Promise<void> {
  await tx.execute(sql`select pg_advisory_xact_lock(${sql.raw(String(FREEZE_LOCK))})`);
  await setSwitch(tx, 'freeze', state);
}

/** Makes the switch where there is none, and locks it for this transaction. */
export async function lockSwitch(tx: Tx, name: string, now: Date): Promise<SwitchRow> {
  const fresh = { name, on: false, actor: 'curfew', note: null, at: now };
  await tx.insert(switches).values(fresh).onConflictDoNothing();
  const [row] = await tx.select().from(switches).where(eq(switches.name, name)).for('update');
  return row ?? fresh;
}

export async function setSwitch(tx: Tx, name: string, state: Omit<SwitchRow, 'name'>): Promise<void> {
  await tx
    .insert(switches)
    .values({ name, ...state })
    .onConflictDoUpdate({ target: switches.name, set: state });
}
