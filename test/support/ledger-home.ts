/** A directory with an embedded ledger in it, as `curfew serve` would leave it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { migrateLedger } from '../../db/migrate.ts';
import type { AuditKey } from '../../src/domain/audit-key.ts';
import { type Home, homeIn } from '../../src/home/home.ts';
import { openLedger } from '../../src/home/open-ledger.ts';
import { packageRoot } from '../../src/package-root.ts';
import type { TestLedger } from './ledger.ts';

export interface LedgerHome {
  readonly directory: string;
  readonly home: Home;
  remove(): Promise<void>;
}

export async function createLedgerHome(): Promise<LedgerHome> {
  const directory = await mkdtemp(path.join(tmpdir(), 'curfew-home-'));
  return {
    directory,
    home: homeIn(directory),
    remove: () => rm(directory, { recursive: true, force: true }),
  };
}

/** Opens it, with the lock, and brings its tables up to date. */
export async function openHome(home: Home, auditKey: AuditKey | null = null): Promise<TestLedger> {
  const { ledger, release } = await openLedger({ databaseUrl: null, home, auditKey });
  await migrateLedger(ledger, packageRoot());
  return { ledger, url: '', close: release };
}
