/**
 * Sealing: one sealer at a time moves committed rows from `audit_inbox` to `audit_events` and chains them.
 *
 * With a key the sealer trusts nothing that the key does not vouch for. A row whose MAC does not fit is not
 * sealed as what it says it is, but inside an `audit.tampered` event; a head that somebody moved without the
 * key is put on record in the same way, before anything is signed behind it. Sealing itself never stops: what
 * was found stays in the chain for ever, and `audit verify` fails at it.
 */
import { and, asc, gt, isNotNull, sql } from 'drizzle-orm';
import {
  type AuditEvent,
  GENESIS_HASH,
  type Head,
  hashEvent,
  headText,
  inboxText,
  type SignedHead,
} from '../src/domain/audit-chain.ts';
import { type AuditKey, signerOf } from '../src/domain/audit-key.ts';
import { among, rowsOf } from './among.ts';
import { type AuditEntry, readHead } from './audit.ts';
import type { Ledger, Tx } from './client.ts';
import { auditEvents, auditInbox } from './schema-audit.ts';

const SEAL_LOCK = 7_283_310_262;
/** The most events that leave the inbox under one signature. */
export const SEAL_BATCH = 1_000;

export interface Sealed {
  /** How many events left the inbox; 0 also when another process is sealing. */
  readonly count: number;
  /** What was found that the key does not vouch for: a sentence each. */
  readonly tampered: readonly string[];
  /** True: this ledger is signed, and this process has no key. Those that have one seal. */
  readonly leftToOthers: boolean;
  /** A first key was set behind this head, `SEQ:HASH`, and vouches for nothing up to it. */
  readonly keyAdoptedAfter?: string;
}

type InboxRow = typeof auditInbox.$inferSelect;

/** An event before it has its place; `id` null: the sealer's own. */
type Unsealed = Pick<AuditEvent, 'at' | 'actor' | 'action' | 'details'> & { readonly id: number | null };

/**
 * Seals up to 1,000 committed events.
 * @param now ledger time, for the sealer's own events
 * @param sawSigned whether this process has seen the log signed: then it is not one that never was
 */
export function sealBatch(ledger: Ledger, now: Date, sawSigned = false): Promise<Sealed> {
  return ledger.tx(async (tx): Promise<Sealed> => {
    const nothing = { count: 0, tampered: [], leftToOthers: false };
    const locked = await tx
      .select({ got: sql<boolean>`pg_try_advisory_xact_lock(${sql.raw(String(SEAL_LOCK))})` })
      .from(sql`(select 1) as one`);
    if (!locked[0]?.got) return nothing;
    const rows = await tx.select().from(auditInbox).orderBy(asc(auditInbox.id)).limit(SEAL_BATCH);
    if (rows.length === 0) return nothing;
    const head = await readHead(tx);
    const { auditKey } = ledger;
    if (auditKey === null && (head?.signature || sawSigned)) return { ...nothing, leftToOthers: true };
    const own = auditKey && (await vouchForHead(tx, head, auditKey, sawSigned));
    const authenticated = auditKey && (head === null || head.signature !== null || own?.action === TAMPERED);
    const events = [
      ...(own ? [{ ...own, id: null, at: now }] : []),
      ...rows.map((row) => (authenticated && auditKey ? authenticate(row, auditKey, now) : unsealed(row))),
    ];
    await insertChained(tx, head ?? { seq: 0, hash: GENESIS_HASH }, events, auditKey);
    const tampered = events.flatMap(({ action, details }) =>
      action === TAMPERED ? [String(details.message)] : [],
    );
    const adopted = own?.action === KEY_ADOPTED && own.details.previous === null;
    return {
      count: rows.length,
      tampered,
      leftToOthers: false,
      ...(adopted && { keyAdoptedAfter: String(own.details.after) }),
    };
  });
}

/** Whether anything waits to be sealed. */
export async function isUnsealed(db: Tx): Promise<boolean> {
  return (await db.select({ id: auditInbox.id }).from(auditInbox).limit(1)).length > 0;
}

/** The action of an event that says what was found without the key's word for it. */
export const TAMPERED = 'audit.tampered';
/** The action of the event from which on a key's signatures are demanded. */
export const KEY_ADOPTED = 'audit.key_adopted';

/**
 * What has to be put on record before the key signs behind this head; null: it vouches for it already.
 * @param head null: the log is empty
 */
export async function vouchForHead(
  tx: Tx,
  head: SignedHead | null,
  key: AuditKey,
  sawSigned = false,
): Promise<AuditEntry | null> {
  const actor = 'curfew';
  if (head === null) {
    if (!sawSigned) return null;
    const message = 'the log was signed, and all of it was removed';
    return { actor, action: TAMPERED, details: { message } };
  }
  const after = headText(head);
  if (head.signature === null) {
    const last = await lastSigned(tx);
    if (last === null && sawSigned) {
      const message = `the log was signed, and nothing in events 1 to ${head.seq} is any more`;
      return { actor, action: TAMPERED, details: { message, first: 1, last: head.seq } };
    }
    if (last === null) return { actor, action: KEY_ADOPTED, details: { key: key.id, previous: null, after } };
    const message = `events ${last + 1} to ${head.seq} were sealed without the key`;
    return { actor, action: TAMPERED, details: { message, first: last + 1, last: head.seq } };
  }
  if (key.verifies(after, head.signature)) return null;
  const previous = signerOf(head.signature);
  if (previous !== key.id && previous !== null) {
    return { actor, action: KEY_ADOPTED, details: { key: key.id, previous, after } };
  }
  const message = `the signature of event ${head.seq} does not fit it`;
  return { actor, action: TAMPERED, details: { message, first: head.seq, last: head.seq } };
}

async function lastSigned(tx: Tx): Promise<number | null> {
  const [row] = await tx
    .select({ seq: sql<string | null>`max(${auditEvents.seq})` })
    .from(auditEvents)
    .where(and(isNotNull(auditEvents.signature), gt(auditEvents.seq, 0)));
  return row?.seq ? Number(row.seq) : null;
}

const unsealed = ({ mac: _mac, ...event }: InboxRow): Unsealed => event;

function authenticate(row: InboxRow, key: AuditKey, now: Date): Unsealed {
  const event = unsealed(row);
  if (row.mac !== null && key.macFits(inboxText(event), row.mac)) return event;
  const what = `${event.action} by ${event.actor}`;
  const message =
    row.mac === null
      ? `${what} was left in the inbox by somebody without the key`
      : `${what} was altered before it was sealed`;
  const { at, actor, action, details } = event;
  const found = { at: at.toISOString(), actor, action, details };
  return { id: row.id, at: now, actor: 'curfew', action: TAMPERED, details: { message, found } };
}

/** Moves the events behind `head`, the sealer's own among them; with a key the last one bears a signature. */
async function insertChained(
  tx: Tx,
  head: Head,
  events: readonly Unsealed[],
  key: AuditKey | null,
): Promise<void> {
  let { seq, hash } = head;
  const sealed = events.map(({ id: _id, ...content }) => {
    const prevHash = hash;
    seq += 1;
    hash = hashEvent({ ...content, seq, prevHash });
    return { ...content, seq, prevHash, hash, signature: null as string | null };
  });
  const last = sealed.at(-1);
  if (last && key) last.signature = key.sign(headText(last));
  const ids = events.flatMap(({ id }) => id ?? []);
  await tx.execute(sql`
    with moved as (delete from audit_inbox where ${among(auditInbox.id, ids)})
    insert into audit_events (seq, at, actor, action, details, prev_hash, hash, signature)
    select seq, at, actor, action, details, "prevHash", hash, signature
    from jsonb_to_recordset(${rowsOf(sealed)}) as s(
      seq bigint, at timestamptz, actor text, action text, details jsonb,
      "prevHash" text, hash text, signature text)`);
}
