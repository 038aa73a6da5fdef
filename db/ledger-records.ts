/**
 * Digests of what the ledger says of requests, votes and grants. Each change leaves them in its audit event
 * (`details.record`), so that `audit verify --ledger` finds rows that were changed by anything else. An event
 * says how the whole row is, whoever changed it; so what never changes has a digest of its own, which is the
 * same in every event, and votes have one each, which come one by one.
 *
 * Digests are made by the database, from values that read the same whatever a connection's settings are.
 */
import { asc, gt, type SQL, sql } from 'drizzle-orm';
import { among } from './among.ts';
import type { Tx } from './client.ts';
import { beyondApproval } from './grant-approval.ts';
import { requests } from './schema.ts';

/** What an event says of the rows that it is about; a part that it says nothing of is left out. */
export interface LedgerRecord {
  /** What was asked and how policy decided: who, for whom, which role and entitlements, how long, why. */
  readonly asked?: string;
  /** The incident with which it ends. */
  readonly incident?: string;
  /** What became of the request. */
  readonly request?: string;
  /** One digest for each vote, in the order in which they were cast. */
  readonly votes?: readonly string[];
  /** `fixed`: what was given and when, which no event after the first changes. */
  readonly grant?: { readonly id: string; readonly fixed: string; readonly digest: string };
}

/** The parts in which rows are held against events, in words. */
export const RECORD_PARTS = {
  asked: 'what was asked',
  incident: 'its incident',
  request: 'the state of the request',
  votes: 'its votes',
  given: 'what its grant was given for',
  grant: 'its grant',
} as const;
export type RecordPart = keyof typeof RECORD_PARTS;

const epochs = (...columns: readonly string[]) => columns.map((column) => `extract(epoch from ${column})`);
const hashed = (text: string) => `left(encode(sha256(convert_to(${text}, 'UTF8')), 'hex'), 32)`;
const array = (...values: readonly string[]) => `jsonb_build_array(${values.join(', ')})::text`;

/** Names are whole: inside of a subquery a bare one would mean another table's column. */
const ASKED = hashed(
  array(
    ...['kind', 'extends_grant', 'requester_id', 'subject_id', 'role', 'duration_s', 'reference', 'reason']
      .concat(['role_title', 'risk', 'environment', 'platform', 'entitlements', 'decision'])
      .map((column) => `requests.${column}`),
    ...epochs('requests.ends_by', 'requests.created_at', 'requests.expires_at'),
  ),
);
/** Its name too: what an incident says of itself changes, which one it is does not. */
const INCIDENT = hashed(
  array(
    'requests.incident_id',
    '(select jsonb_build_array(i.source, i.key) from incidents i where i.id = requests.incident_id)',
  ),
);
const REQUEST = hashed(
  array(
    'requests.state',
    'requests.decided_by',
    'requests.decision_note',
    'requests.approved_duration_s',
    ...epochs('requests.decided_at'),
  ),
);
const VOTE = array(
  ...['id', 'stage', 'approver_id', 'verdict', 'duration_s', 'note', 'decision', 'live'].map(
    (column) => `votes.${column}`,
  ),
  ...epochs('votes.at'),
);
const VOTES = `(select coalesce(jsonb_agg(${hashed(VOTE)} order by votes.id), '[]')
  from votes where votes.request_id = requests.id)`;
/**
 * Until a grant is live its end follows the calls that are tried for it; it is never later than what was
 * approved allows, and that is what its events bear witness to.
 */
const ENDS_AT = `case when grants.state = 'starting'
  then to_jsonb(grants.ends_at <= least(grants.start_by + make_interval(secs => grants.duration_s), grants.ends_by))
  else to_jsonb(extract(epoch from grants.ends_at)) end`;
const GIVEN = hashed(
  array('grants.subject_id', 'grants.role', ...epochs('grants.approved_at', 'grants.start_by')),
);
const GRANT = hashed(
  array(
    ...['state', 'duration_s'].map((column) => `grants.${column}`),
    ...['end_reason', 'ended_by', 'end_note'].map((column) => `grants.${column}`),
    ENDS_AT,
    ...epochs('grants.ends_by', 'grants.live_at', 'grants.ending_at', 'grants.ended_at'),
  ),
);
const grantOf = (id: string, digest: string) =>
  sql<string | null>`(${sql.raw(`select ${digest} from grants where grants.id = ${id}`)})`;
/** An extension is about the grant that it extends. */
const GRANT_ID = 'coalesce(requests.extends_grant, requests.id)';

const asked = sql<string>`${sql.raw(ASKED)}`;
const own = {
  incident: sql<string>`${sql.raw(INCIDENT)}`,
  request: sql<string>`${sql.raw(REQUEST)}`,
  votes: sql<readonly string[]>`${sql.raw(VOTES)}`,
};

export interface RecordRow {
  readonly id: string;
  readonly asked: string;
  readonly incident: string;
  readonly request: string;
  readonly votes: readonly string[];
  /** Null: there is no grant under this id. */
  readonly given: string | null;
  readonly grant: string | null;
  /** In what its grant is not what its request was approved for; null: in nothing, or there is none. */
  readonly beyond: string | null;
}

/** Which parts an event bears witness to: those that its transaction has locked. */
function partsOf(action: string): { request: boolean; grant: boolean } {
  const request = /^(request|extension|vote)\./.test(action) || action === 'grant.extended';
  return { request, grant: action.startsWith('grant.') || action === 'request.approved' };
}

/**
 * The records for these events, as the rows are now in this transaction; in the order of `events`. The rows
 * have to be locked, and changed already.
 */
export async function recordsFor(
  tx: Tx,
  events: readonly { readonly request: string; readonly action: string }[],
): Promise<readonly LedgerRecord[]> {
  const whole = events.filter(({ action }) => partsOf(action).request).map(({ request }) => request);
  // What no event of these is about is not made: most of a burst of ends is about grants alone.
  const ofWhole = <T>(digest: SQL<T>) =>
    sql<T | null>`case when ${among(requests.id, whole)} then ${digest} end`;
  const rows = await tx
    .select({
      id: requests.id,
      incident: ofWhole(own.incident),
      request: ofWhole(own.request),
      votes: ofWhole(own.votes),
      asked: ofWhole(asked),
      grantId: sql<string>`${sql.raw(GRANT_ID)}`,
      given: grantOf(GRANT_ID, GIVEN),
      grant: grantOf(GRANT_ID, GRANT),
    })
    .from(requests)
    .where(
      among(
        requests.id,
        events.map(({ request }) => request),
      ),
    );
  const byId = new Map(rows.map((row) => [row.id, row]));
  return events.map(({ request: id, action }): LedgerRecord => {
    const row = byId.get(id);
    const parts = partsOf(action);
    if (!row) return {};
    return {
      ...(parts.request && {
        asked: row.asked ?? undefined,
        incident: row.incident ?? undefined,
        request: row.request ?? undefined,
        votes: row.votes ?? undefined,
      }),
      ...(parts.grant &&
        row.grant &&
        row.given && { grant: { id: row.grantId, fixed: row.given, digest: row.grant } }),
    };
  });
}

const ROWS_AT_ONCE = 1_000;

const recordRows = (db: Tx) =>
  db
    .select({
      id: requests.id,
      asked,
      ...own,
      given: grantOf('requests.id', GIVEN),
      grant: grantOf('requests.id', GRANT),
      beyond: beyondApproval,
    })
    .from(requests);

/** The digests of everything in the ledger, in the order of ids. */
export async function* readRecords(db: Tx): AsyncGenerator<RecordRow> {
  for (let last = ''; ; ) {
    const rows = await recordRows(db)
      .where(gt(requests.id, last))
      .orderBy(asc(requests.id))
      .limit(ROWS_AT_ONCE);
    yield* rows;
    const end = rows.at(-1);
    if (!end || rows.length < ROWS_AT_ONCE) return;
    last = end.id;
  }
}

/** The digests of these requests, by their ids. */
export async function recordsOf(db: Tx, ids: readonly string[]): Promise<ReadonlyMap<string, RecordRow>> {
  return new Map((await recordRows(db).where(among(requests.id, ids))).map((row) => [row.id, row]));
}
