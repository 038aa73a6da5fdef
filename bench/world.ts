/** What every row of the bench is measured in: one server, fresh databases on it, and words while it runs. */
import postgres from 'postgres';
import { openPostgres } from '../db/client.ts';
import { migrateLedger } from '../db/migrate.ts';
import type { Log } from '../src/observability/log.ts';
import { packageRoot } from '../src/package-root.ts';
import { createDatabase } from '../src/playground/postgres-server.ts';

export interface World {
  /** The superuser's URL of the server. */
  readonly adminUrl: string;
  readonly sizes: Sizes;
  /** Says on the terminal what is being done. */
  say(what: string): void;
}

/** How much is done; `--quick` has less of everything. */
export interface Sizes {
  readonly burst: number;
  readonly randomEnds: number;
  readonly randomEndsWithinS: number;
  readonly loadS: number;
  readonly histories: readonly number[];
  readonly sweeps: number;
}

/** Durable, as a ledger has to be; commit times are kept so that lag can be read from the database. */
export const SERVER_SETTINGS: Readonly<Record<string, string>> = {
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',
  io_method: 'worker',
  shared_buffers: '512MB',
  max_wal_size: '4GB',
  track_commit_timestamp: 'on',
};

export interface BenchDatabase {
  readonly url: string;
  /** For seeding and measuring; Curfew has connections of its own. */
  readonly sql: postgres.Sql;
  close(): Promise<void>;
}

export async function createBenchDatabase(
  world: World,
  options: { migrated: boolean },
): Promise<BenchDatabase> {
  const database = await createDatabase(world.adminUrl);
  if (options.migrated) {
    const ledger = openPostgres(database.url, { max: 2 });
    await migrateLedger(ledger, packageRoot());
    await ledger.close();
  }
  const sql = postgres(database.url, { max: 4, onnotice: () => {} });
  return {
    url: database.url,
    sql,
    async close() {
      await sql.end({ timeout: 5 });
      await database.drop();
    },
  };
}

/** Says nothing but what went wrong. */
export const benchLog: Log = {
  debug() {},
  info() {},
  warn: (fields, message) => console.error('warning:', message, fields),
  error: (fields, message) => console.error('error:', message, fields),
  child: () => benchLog,
};

/** Asks until the answer is true; fails after `boundS` seconds. */
export async function until(
  what: string,
  look: () => Promise<boolean>,
  { everyMs = 50, boundS = 120 } = {},
): Promise<void> {
  const end = Date.now() + boundS * 1000;
  while (!(await look())) {
    if (Date.now() > end) throw new Error(`Waited ${boundS} s in vain for ${what}.`);
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}
