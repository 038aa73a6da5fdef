/**
 * A ledger whose writing transactions are steps, before and after their commit. Just before each commit
 * that makes a grant live or ended, the target itself is asked whether that is true.
 */
import { appendFileSync } from 'node:fs';
import { sql } from 'drizzle-orm';
import postgres from 'postgres';
import type { Ledger, Tx } from '../../db/client.ts';
import type { Steps } from './fault-steps.ts';

export interface WitnessPlan {
  /** Gets a line for each falsehood that was about to be committed. */
  readonly file: string;
  /** A superuser's URL of the target. */
  readonly adminUrl: string;
  readonly role: string;
}

/** `witness` null: nobody is asked. */
export function watchLedger(ledger: Ledger, steps: Steps, witness: WitnessPlan | null): Ledger {
  const target = witness && postgres(witness.adminUrl, { max: 1, onnotice: () => {} });
  const watched = (access: Pick<Ledger, 'db' | 'tx'>): Pick<Ledger, 'db' | 'tx'> => ({
    db: access.db,
    async tx(work) {
      let written: string | null = null;
      const value = await access.tx(async (tx) => {
        const result = await work(tx);
        written = await writtenIn(tx);
        if (written === null) return result;
        if (target && witness) await compare(tx, target, witness);
        await steps.pass(`ledger: before the commit of ${written}`);
        return result;
      });
      if (written !== null) await steps.pass(`ledger: after the commit of ${written}`);
      return value;
    },
  });
  return {
    ...ledger,
    ...watched(ledger),
    forEnds: watched(ledger.forEnds),
    async close() {
      await target?.end({ timeout: 1 });
      await ledger.close();
    },
  };
}

/** What this transaction did, by its audit events; null where it wrote nothing. */
async function writtenIn(tx: Tx): Promise<string | null> {
  const [row] = await tx
    .select({
      wrote: sql<boolean>`pg_current_xact_id_if_assigned() is not null`,
      events: sql<string | null>`(select string_agg(action, ', ' order by id) from audit_inbox
        where xmin = pg_current_xact_id_if_assigned()::xid)`,
      sealed: sql<number>`(select count(*)::int from audit_events
        where xmin = pg_current_xact_id_if_assigned()::xid)`,
    })
    .from(sql`(select 1) as one`);
  if (!row?.wrote) return null;
  if (row.sealed > 0) return 'the seal';
  return row.events ?? 'something unaudited';
}

interface Claimed {
  readonly id: string;
  readonly state: 'live' | 'ended';
  readonly account: string;
  readonly called: boolean;
  readonly shared: boolean;
}

async function compare(tx: Tx, target: postgres.Sql, { file, role }: WitnessPlan): Promise<void> {
  const claimed = (await tx
    .select({
      id: sql<string>`g.id`,
      state: sql<Claimed['state']>`g.state`,
      account: sql<string>`a.account`,
      called: sql<boolean>`g.first_call_at is not null`,
      shared: sql<boolean>`c.shared`,
    })
    .from(sql`grants g join claims c on c.grant_id = g.id join assignments a on a.id = c.assignment_id`)
    .where(
      sql`g.xmin = pg_current_xact_id_if_assigned()::xid and g.state in ('live', 'ended')`,
    )) as Claimed[];
  for (const { id, state, account, called, shared } of claimed) {
    const [real] = await target<{ member: boolean; sessions: number }[]>`
      select exists (
          select from pg_auth_members m join pg_roles r on r.oid = m.roleid join pg_roles a on a.oid = m.member
          where r.rolname = ${role} and a.rolname = ${account}) as member,
        (select count(*)::int from pg_stat_activity where usename = ${account}) as sessions`;
    const lie = (what: string) => appendFileSync(file, `${id}: ${what}\n`);
    if (state === 'live' && !real?.member) lie('said to be live, and the target knows of no membership');
    if (state === 'ended' && !shared) {
      if (real?.member) lie('said to have ended, and the membership is still there');
      if (called && real?.sessions !== 0) lie('said to have ended, and a session lives on');
    }
  }
}
