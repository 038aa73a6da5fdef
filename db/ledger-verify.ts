/**
 * Holds requests, votes and grants against the audit events that made them. Curfew goes on meanwhile: events
 * are read first, then rows, and a row that differs is held once more against what was written in between.
 */
import { asc, gt } from 'drizzle-orm';
import { readEvents, readHead } from './audit.ts';
import type { Tx } from './client.ts';
import { type Expected, takeRecord } from './ledger-expected.ts';
import { RECORD_PARTS, type RecordPart, type RecordRow, readRecords, recordsOf } from './ledger-records.ts';
import { auditInbox } from './schema-audit.ts';

type ExpectedById = Map<string, Expected>;

interface Reading {
  /** What sealed events say, up to this one. */
  readonly sealed: ExpectedById;
  readonly seq: number;
  /** The same, and what waits in the inbox. */
  readonly expected: ExpectedById;
}

const MOST_LOOKS = 3;
/** How often the inbox is read anew because some of it was sealed meanwhile. */
const MOST_READINGS = 20;

/** The first row that differs from its events, in words; null: all are as their events left them. */
export async function verifyRows(db: Tx): Promise<string | null> {
  const reading = await readExpected(db, { sealed: new Map(), seq: 0 });
  const { expected } = reading;
  const unseen = new Set(expected.keys());
  const differing: string[] = [];
  for await (const row of readRecords(db)) {
    unseen.delete(row.id);
    if (differenceOf(row, expected.get(row.id))) differing.push(row.id);
  }
  const [missing] = [...unseen].sort();
  if (missing !== undefined) {
    const [first] = Object.values(expected.get(missing)?.parts ?? {});
    return `${missing} is not in the ledger, but ${first?.event ?? 'an event'} is about it`;
  }
  return lookAgain(db, reading, differing);
}

/** What was written since the first reading explains what changed since; nothing else does. */
async function lookAgain(db: Tx, first: Reading, ids: readonly string[]): Promise<string | null> {
  let open = ids;
  let reading = first;
  for (let look = 1; open.length > 0 && look <= MOST_LOOKS; look += 1) {
    const before = await recordsOf(db, open);
    reading = await readExpected(db, reading);
    const after = await recordsOf(db, open);
    const changing: string[] = [];
    for (const id of open) {
      const row = after.get(id);
      if (row && JSON.stringify(before.get(id)) !== JSON.stringify(row)) changing.push(id);
      else {
        const problem = row && differenceOf(row, reading.expected.get(id));
        if (problem) return problem;
      }
    }
    open = changing;
  }
  return null;
}

function differenceOf(row: RecordRow, expected: Expected | undefined): string | null {
  if (!expected?.parts.asked) return `no event made ${row.id}, which is in the ledger`;
  if (expected.problem) return `${row.id}: ${expected.problem}`;
  for (const part of Object.keys(RECORD_PARTS) as RecordPart[]) {
    const found = part === 'votes' ? row.votes.join() : row[part];
    const said = expected.parts[part];
    if (found === (said?.digest ?? null)) continue;
    if (!said) return `no event made ${RECORD_PARTS[part]} of ${row.id}, which is in the ledger`;
    return `${row.id}: ${RECORD_PARTS[part]} is not what ${said.event} left`;
  }
  return row.beyond === null ? null : `${row.id}: ${row.beyond}`;
}

/** Goes on behind an earlier reading: sealed events, then what waits in the inbox. */
async function readExpected(db: Tx, earlier: Pick<Reading, 'sealed' | 'seq'>): Promise<Reading> {
  const { sealed } = earlier;
  let { seq } = earlier;
  for (let attempt = 1; ; attempt += 1) {
    for await (const event of readEvents(db, seq)) {
      seq = event.seq;
      takeRecord(sealed, event, `event ${event.seq} (${event.action})`);
    }
    const expected = new Map(sealed);
    await readInbox(db, expected);
    // What was sealed while the inbox was read may be in neither.
    if (((await readHead(db))?.seq ?? 0) === seq || attempt >= MOST_READINGS)
      return { sealed, seq, expected };
  }
}

async function readInbox(db: Tx, expected: ExpectedById): Promise<void> {
  for (let last = 0; ; ) {
    const rows = await db
      .select()
      .from(auditInbox)
      .where(gt(auditInbox.id, last))
      .orderBy(asc(auditInbox.id))
      .limit(1_000);
    for (const row of rows) takeRecord(expected, row, `an event that is not sealed yet (${row.action})`);
    const end = rows.at(-1);
    if (!end || rows.length < 1_000) return;
    last = end.id;
  }
}
