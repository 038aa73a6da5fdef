/**
 * Holds requests, votes and grants against the audit events that made them. Curfew goes on meanwhile: events
 * are read first, then rows, and a row that differs is held once more against what was written in between.
 */
import { asc, gt } from 'drizzle-orm';
import { readEvents } from './audit.ts';
import type { Tx } from './client.ts';
import {
  type LedgerRecord,
  RECORD_PARTS,
  type RecordPart,
  type RecordRow,
  readRecords,
  recordsOf,
} from './ledger-records.ts';
import { auditInbox } from './schema-audit.ts';

/** What events say of one request and of the grant under its id. */
type Expected = Partial<Record<RecordPart, { readonly digest: string; readonly event: string }>>;

interface Reading {
  readonly expected: Map<string, Expected>;
  /** The last sealed event that was read. */
  readonly seq: number;
}

const MOST_LOOKS = 3;

/** The first row that differs from its events, in words; null: all are as their events left them. */
export async function verifyRows(db: Tx): Promise<string | null> {
  const { expected, seq } = await readExpected(db, 0);
  const unseen = new Set(expected.keys());
  const differing: string[] = [];
  for await (const row of readRecords(db)) {
    unseen.delete(row.id);
    if (differenceOf(row, expected.get(row.id))) differing.push(row.id);
  }
  const [missing] = [...unseen].sort();
  if (missing !== undefined) {
    const [first] = Object.values(expected.get(missing) ?? {});
    return `${missing} is not in the ledger, but ${first?.event ?? 'an event'} is about it`;
  }
  return lookAgain(db, { expected, seq }, differing);
}

/** What was written since the first reading explains what changed since; nothing else does. */
async function lookAgain(db: Tx, { expected, seq }: Reading, ids: readonly string[]): Promise<string | null> {
  let open = ids;
  for (let look = 1; open.length > 0 && look <= MOST_LOOKS; look += 1) {
    const before = await recordsOf(db, open);
    const later = await readExpected(db, seq);
    const after = await recordsOf(db, open);
    const changing: string[] = [];
    for (const id of open) {
      const row = after.get(id);
      if (row && JSON.stringify(before.get(id)) !== JSON.stringify(row)) changing.push(id);
      else {
        const problem = row && differenceOf(row, { ...expected.get(id), ...later.expected.get(id) });
        if (problem) return problem;
      }
    }
    open = changing;
  }
  return null;
}

function differenceOf(row: RecordRow, expected: Expected | undefined): string | null {
  if (!expected?.asked) return `no event made ${row.id}, which is in the ledger`;
  for (const part of Object.keys(RECORD_PARTS) as RecordPart[]) {
    const found = row[part];
    const said = expected[part];
    if (found === (said?.digest ?? null)) continue;
    if (!said) return `no event made ${RECORD_PARTS[part]} of ${row.id}, which is in the ledger`;
    return `${row.id}: ${RECORD_PARTS[part]} is not what ${said.event} left`;
  }
  return null;
}

/** Sealed events after `afterSeq`, then what waits in the inbox; the last word on each part counts. */
async function readExpected(db: Tx, afterSeq: number): Promise<Reading> {
  const expected = new Map<string, Expected>();
  const take = (details: Readonly<Record<string, unknown>>, event: string) => {
    const { request: id, record } = details as { request?: unknown; record?: LedgerRecord };
    if (typeof id !== 'string' || !record) return;
    const { grant, ...own } = record;
    const known = expected.get(id) ?? {};
    expected.set(id, { ...known, ...said(own, event) });
    if (!grant) return;
    const other = expected.get(grant.id) ?? {};
    expected.set(grant.id, { ...other, grant: { digest: grant.digest, event } });
  };
  let seq = afterSeq;
  for await (const event of readEvents(db, afterSeq)) {
    seq = event.seq;
    take(event.details, `event ${event.seq} (${event.action})`);
  }
  for (let last = 0; ; ) {
    const rows = await db
      .select()
      .from(auditInbox)
      .where(gt(auditInbox.id, last))
      .orderBy(asc(auditInbox.id))
      .limit(1_000);
    for (const row of rows) take(row.details, `an event that is not sealed yet (${row.action})`);
    const end = rows.at(-1);
    if (!end || rows.length < 1_000) break;
    last = end.id;
  }
  return { expected, seq };
}

function said(parts: Readonly<Record<string, unknown>>, event: string): Expected {
  const entries = Object.entries(parts).filter(([, digest]) => typeof digest === 'string');
  return Object.fromEntries(entries.map(([part, digest]) => [part, { digest: String(digest), event }]));
}
