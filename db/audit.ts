/**
 * The audit log. Writers insert into `audit_inbox` in the transaction of the change and never wait for one
 * another; one sealer at a time moves committed rows into `audit_events` and chains them. A transaction
 * that stays open holds up nobody: its rows are sealed when it commits, behind those that came first.
 */
import { asc, desc, gt, sql } from 'drizzle-orm';
import { type AuditEvent, GENESIS_HASH, hashEvent, misfit } from '../src/domain/audit-chain.ts';
import { among, rowsOf } from './among.ts';
import type { Ledger, Tx } from './client.ts';
import { auditEvents, auditInbox } from './schema-audit.ts';

export interface AuditEntry {
  /** `slack:U123 ana@acme.test`, `curfew`, `cli:root`. */
  readonly actor: string;
  /** `request.created`, `grant.live` ... */
  readonly action: string;
  /** Names request, grant, decision and reference where there are any. Never a secret. */
  readonly details: Readonly<Record<string, unknown>>;
}

const SEAL_LOCK = 7_283_310_262;
const SEAL_BATCH = 1_000;
const READ_BATCH = 1_000;

/** Leaves audit events in the inbox, in the caller's transaction. */
export async function recordAudit(tx: Tx, at: Date, entries: readonly AuditEntry[]): Promise<void> {
  if (entries.length === 0) return;
  await tx.execute(sql`
    insert into audit_inbox (at, actor, action, details)
    select ${at.toISOString()}::timestamptz, actor, action, details
    from jsonb_to_recordset(${rowsOf(entries)}) as e(actor text, action text, details jsonb)`);
}

/** Seals up to 1,000 committed events. Returns how many; 0 also when another process is sealing. */
export function sealBatch(ledger: Ledger): Promise<number> {
  return ledger.tx(async (tx) => {
    const locked = await tx
      .select({ got: sql<boolean>`pg_try_advisory_xact_lock(${sql.raw(String(SEAL_LOCK))})` })
      .from(sql`(select 1) as one`);
    if (!locked[0]?.got) return 0;
    const rows = await tx.select().from(auditInbox).orderBy(asc(auditInbox.id)).limit(SEAL_BATCH);
    if (rows.length === 0) return 0;
    let { seq, hash } = (await readHead(tx)) ?? { seq: 0, hash: GENESIS_HASH };
    const seals = rows.map(({ id, ...content }) => {
      const prevHash = hash;
      seq += 1;
      hash = hashEvent({ ...content, seq, prevHash });
      return { id, seq, prevHash, hash };
    });
    const ids = seals.map(({ id }) => id);
    await tx.execute(sql`
      with moved as (delete from audit_inbox where ${among(auditInbox.id, ids)} returning *)
      insert into audit_events (seq, at, actor, action, details, prev_hash, hash)
      select s.seq, at, actor, action, details, s."prevHash", s.hash
      from moved join jsonb_to_recordset(${rowsOf(seals)}) as s(
        id bigint, seq bigint, "prevHash" text, hash text) using (id)`);
    return rows.length;
  });
}

/** The last sealed event's number and hash; null for an empty log. */
export async function readHead(db: Tx): Promise<{ seq: number; hash: string } | null> {
  const [head] = await db
    .select({ seq: auditEvents.seq, hash: auditEvents.hash })
    .from(auditEvents)
    .orderBy(desc(auditEvents.seq))
    .limit(1);
  return head ?? null;
}

/** Sealed events in order, read in batches. */
export async function* readEvents(db: Tx, afterSeq = 0): AsyncGenerator<AuditEvent> {
  for (let last = afterSeq; ; ) {
    const batch = await db
      .select()
      .from(auditEvents)
      .where(gt(auditEvents.seq, last))
      .orderBy(asc(auditEvents.seq))
      .limit(READ_BATCH);
    yield* batch;
    const end = batch.at(-1);
    if (!end || batch.length < READ_BATCH) return;
    last = end.seq;
  }
}

export interface Verification {
  readonly ok: boolean;
  /** How many sealed events fit. */
  readonly events: number;
  /** Written but not yet sealed: not covered by the answer. */
  readonly unsealed: number;
  readonly head: { readonly seq: number; readonly hash: string } | null;
  /** The first thing that does not fit, in words; null when all fits. */
  readonly problem: string | null;
}

/** Follows the chain from its beginning. `expected` is a head noted earlier: finds a cut tail. */
export async function verifyAudit(
  db: Tx,
  expected: { readonly seq: number; readonly hash: string } | null,
): Promise<Verification> {
  let previous = { seq: 0, hash: GENESIS_HASH };
  let problem: string | null = null;
  for await (const event of readEvents(db)) {
    problem = misfit(event, previous);
    if (!problem && expected?.seq === event.seq && expected.hash !== event.hash) {
      problem = `event ${event.seq} is not the one whose hash was noted`;
    }
    if (problem) break;
    previous = { seq: event.seq, hash: event.hash };
  }
  if (!problem && expected && expected.seq > previous.seq) {
    problem = `the log ends at event ${previous.seq}, but event ${expected.seq} was noted: the tail was cut`;
  }
  const [inbox] = await db.select({ count: sql<number>`count(*)::int` }).from(auditInbox);
  return {
    ok: problem === null,
    events: previous.seq,
    unsealed: inbox?.count ?? 0,
    head: previous.seq === 0 ? null : previous,
    problem,
  };
}
