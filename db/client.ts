/**
 * Opens the ledger: an embedded PGlite or a PostgreSQL server, behind one interface.
 *
 * PGlite is one backend: while a transaction is open, anything asked outside of it waits. Code inside
 * `tx` therefore uses only the `tx` it is given; asking `db` there would wait for itself for ever.
 */
import { mkdirSync } from 'node:fs';
import type { PGlite } from '@electric-sql/pglite';
import { sql } from 'drizzle-orm';
import type { PgDatabase, PgQueryResultHKT } from 'drizzle-orm/pg-core';
import { drizzle as drizzlePostgres } from 'drizzle-orm/postgres-js';
import type { AuditKey } from '../src/domain/audit-key.ts';
import { ExpectedFailure } from '../src/expected-failure.ts';
import { readPostgresUrl } from '../src/net/postgres-url.ts';
import { closeToOthers } from './close-to-others.ts';
import { openMendingPool } from './mending-pool.ts';
import { sqlState } from './sql-state.ts';
import { createTurns, type Turns } from './turns.ts';

/** A connection or a transaction of the ledger. */
export interface Tx extends PgDatabase<PgQueryResultHKT, Record<string, never>> {
  /** What is written to the audit log here is authenticated with it; null: with nothing. */
  readonly auditKey: AuditKey | null;
}

interface LedgerAccess {
  /** For reads and single statements. */
  readonly db: Tx;
  /** One transaction, READ COMMITTED, run again (at most 5 times) when the database chose it as a deadlock's victim. */
  tx<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
}

export interface Ledger extends LedgerAccess {
  readonly kind: 'postgres' | 'embedded';
  readonly auditKey: AuditKey | null;
  /**
   * The same ledger for whatever takes access away, so that nothing else can hold it up: connections of its
   * own, or on the embedded ledger's one backend the next turn.
   */
  readonly forEnds: LedgerAccess;
  /** Runs the work alone among all processes that hold this ledger; waits its turn. */
  exclusively<T>(work: () => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** Any number that no other program's advisory lock in this database is likely to use. */
const MIGRATION_LOCK = 7_283_310_261;
/** PgBouncer's answer to a setting that it does not pass on. */
const PROTOCOL_VIOLATION = '08P01';
const RERUN = new Set(['40001', '40P01']);
const MOST_RUNS = 5;

/** The ledger as those use it who take access away. */
export function ledgerForEnds(ledger: Ledger): Ledger {
  const { kind, auditKey, forEnds } = ledger;
  return {
    kind,
    auditKey,
    forEnds,
    get db() {
      return forEnds.db;
    },
    tx: (work) => forEnds.tx(work),
    exclusively: (work) => ledger.exclusively(work),
    close: () => ledger.close(),
  };
}

export interface PostgresOptions {
  /** Connections for everything but ends. */
  readonly max?: number;
  readonly auditKey?: AuditKey | null;
  /** Behind a pooler in transaction mode; left out: as the URL says. */
  readonly pooled?: boolean;
  /** What its connections are called, 63 bytes at most; left out: as the URL says. */
  readonly applicationName?: string;
}

/** Connections that only ends use. Opened, like all others, when they are needed first. */
const RESERVED = 4;

/** DATABASE_URL is none that Curfew can keep. */
export class LedgerUrlRefused extends ExpectedFailure {
  constructor(problem: string) {
    super(`DATABASE_URL ${problem}.`);
  }
}

/** Opens it, and finds out by asking whether a pooler in transaction mode stands before it. */
export async function connectPostgres(url: string, options: PostgresOptions = {}): Promise<Ledger> {
  const ledger = openPostgres(url, options);
  if (!(await keepsNoSettings(ledger))) return ledger;
  await ledger.close();
  return openPostgres(url, { ...options, pooled: true });
}

/** Such a pooler refuses the settings of a session, or was told to ignore them. */
async function keepsNoSettings({ db }: Ledger): Promise<boolean> {
  try {
    const [row] = await db
      .select({ limit: sql<string>`current_setting('statement_timeout')` })
      .from(sql`(select 1) as one`);
    return row?.limit !== '30s';
  } catch (error) {
    // Whatever else is wrong is said by what the ledger is asked next.
    return sqlState(error) === PROTOCOL_VIOLATION && /startup parameter/.test(String((error as Error).cause));
  }
}

/** Throws a `LedgerUrlRefused` for a URL that cannot be kept; it connects when it is first asked. */
export function openPostgres(url: string, options: PostgresOptions = {}): Ledger {
  const address = readPostgresUrl(url);
  if ('problem' in address) throw new LedgerUrlRefused(address.problem);
  const { auditKey = null, max = 10, pooled = address.pooled } = options;
  const { applicationName = address.applicationName } = options;
  const settings = { ...address, pooled, applicationName };
  const pool = openMendingPool(settings, max);
  const reserved = openMendingPool(settings, RESERVED);
  return {
    kind: 'postgres',
    auditKey,
    ...accessTo(drizzlePostgres(pool), auditKey),
    forEnds: accessTo(drizzlePostgres(reserved), auditKey),
    async exclusively<T>(work: () => Promise<T>) {
      let result: { readonly of: T } | undefined;
      await pool.begin(async (tx) => {
        await tx`set local lock_timeout = 0`;
        await tx`set local statement_timeout = 0`;
        await tx`select pg_advisory_xact_lock(${MIGRATION_LOCK})`;
        result = { of: await work() };
      });
      if (!result) throw new Error('the work was not done');
      return result.of;
    },
    async close() {
      await Promise.all([pool.end(), reserved.end()]);
    },
  };
}

const CHECKPOINT_EVERY_MS = 600_000;

/**
 * `directory` null: in memory, for tests. The caller holds `.curfew/lock` (one process at a time).
 *
 * A commit is with the operating system when it is answered, but PGlite (0.5) never waits for the disk: it
 * loses nothing when its process is killed, and can when the machine loses power.
 */
export async function openEmbedded(
  directory: string | null,
  { auditKey = null }: { readonly auditKey?: AuditKey | null } = {},
): Promise<Ledger> {
  if (directory !== null) mkdirSync(directory, { recursive: true, mode: 0o700 });
  // Here and not above: who has a PostgreSQL does not load another one.
  const [{ PGlite }, { drizzle: drizzlePglite }] = await Promise.all([
    import('@electric-sql/pglite'),
    import('drizzle-orm/pglite'),
  ]);
  const client = directory === null ? new PGlite() : new PGlite(directory);
  await client.waitReady;
  const closed = async () => {
    if (directory !== null) await closeToOthers(directory);
  };
  await closed();
  // PGlite has no process beside it that would do this: without, its log grows for ever, and so does the
  // time that the next start takes after a kill. If one fails the next one does its work.
  const checkpoint = () =>
    void client
      .exec('checkpoint')
      .then(closed)
      .catch(() => {});
  const checkpoints = setInterval(checkpoint, CHECKPOINT_EVERY_MS).unref();
  const turns = createTurns();
  const inTurn = (urgent: boolean) =>
    accessTo(drizzlePglite({ client: takingTurns(client, turns, urgent) }), auditKey);
  return {
    kind: 'embedded',
    auditKey,
    ...inTurn(false),
    forEnds: inTurn(true),
    // This is how tables are made, and with them files.
    exclusively: (work) => work().finally(closed),
    async close() {
      clearInterval(checkpoints);
      await client.close();
      await closed();
    },
  };
}

function withAuditKey(db: object, auditKey: AuditKey | null): Tx {
  return Object.assign(db, { auditKey }) as Tx;
}

/** What drizzle asks of PGlite, each thing when it is its turn: PGlite's own queue knows no urgency. */
function takingTurns(client: PGlite, turns: Turns, urgent: boolean): PGlite {
  return new Proxy(client, {
    get(_client, key) {
      const value = Reflect.get(client, key);
      if (typeof value !== 'function') return value;
      const call = value.bind(client);
      if (key !== 'query' && key !== 'exec' && key !== 'transaction') return call;
      return (...given: unknown[]) => turns.take(urgent, () => call(...given));
    },
  });
}

function accessTo(driver: object, auditKey: AuditKey | null): LedgerAccess {
  const db = withAuditKey(driver, auditKey);
  return { db, tx: (work) => rerun(() => db.transaction((tx) => work(withAuditKey(tx, auditKey)))) };
}

async function rerun<T>(run: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await run();
    } catch (error) {
      if (attempt >= MOST_RUNS || !RERUN.has(sqlState(error) ?? '')) throw error;
    }
  }
}
