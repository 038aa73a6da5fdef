/**
 * The audit log, written and read; `audit-seal.ts` chains it, `audit-verify.ts` checks it. Writers insert into `audit_inbox` in the transaction of the change and never wait for one
 * another; one sealer at a time moves committed rows into `audit_events` and chains them. A transaction
 * that stays open holds up nobody: its rows are sealed when it commits, behind those that came first.
 */
import { asc, desc, gt, sql } from 'drizzle-orm';
import { type AuditEvent, inboxText, type SignedHead } from '../src/domain/audit-chain.ts';
import { rowsOf } from './among.ts';
import type { Tx } from './client.ts';
import { auditEvents } from './schema-audit.ts';
import { sqlState } from './sql-state.ts';
import { storableJson } from './storable.ts';

export interface AuditEntry {
  /** `slack:U123 ana@acme.test`, `curfew`, `cli:root`. */
  readonly actor: string;
  /** `request.created`, `grant.live` ... */
  readonly action: string;
  /** Names request, grant, decision and reference where there are any. Never a secret. */
  readonly details: Readonly<Record<string, unknown>>;
}

const READ_BATCH = 1_000;
const UNDEFINED_TABLE = '42P01';

/** Leaves audit events in the inbox, in the caller's transaction. */
export async function recordAudit(tx: Tx, at: Date, entries: readonly AuditEntry[]): Promise<void> {
  if (entries.length === 0) return;
  const { auditKey } = tx;
  // The MAC is of what is kept.
  const kept: readonly AuditEntry[] = JSON.parse(storableJson(entries));
  const rows = kept.map((entry) => ({
    ...entry,
    mac: auditKey?.mac(inboxText({ at, ...entry })),
  }));
  await tx.execute(sql`
    insert into audit_inbox (at, actor, action, details, mac)
    select ${at.toISOString()}::timestamptz, actor, action, details, mac
    from jsonb_to_recordset(${rowsOf(rows)}) as e(actor text, action text, details jsonb, mac text)`);
}

/** The last sealed event's number, hash and signature; null for an empty log. */
export async function readHead(db: Tx): Promise<SignedHead | null> {
  const [head] = await db
    .select({ seq: auditEvents.seq, hash: auditEvents.hash, signature: auditEvents.signature })
    .from(auditEvents)
    .orderBy(desc(auditEvents.seq))
    .limit(1);
  return head ?? null;
}

/** About the newest moment at which something was put on record, since 1970 in ms; null: nothing was, or there is no log yet. */
export async function newestAudited(db: Tx): Promise<number | null> {
  try {
    const [row] = await db
      .select({
        at: sql<number | null>`(extract(epoch from greatest(
          (select max(at) from audit_inbox),
          (select max(at) from (select at from audit_events order by seq desc limit ${READ_BATCH}) as sealed)
        )) * 1000)::float8`,
      })
      .from(sql`(select 1) as one`);
    return row?.at == null ? null : Number(row.at);
  } catch (error) {
    if (sqlState(error) === UNDEFINED_TABLE) return null;
    throw error;
  }
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
