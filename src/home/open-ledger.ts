/** Opens the ledger that the environment names, and for an embedded one takes the lock that goes with it. */
import { connectPostgres, type Ledger, openEmbedded } from '../../db/client.ts';
import { connectControl } from '../control/connect.ts';
import type { AuditKey } from '../domain/audit-key.ts';
import { ExpectedFailure } from '../expected-failure.ts';
import type { Home } from './home.ts';
import { type Holder, LockHeld, takeLock } from './lock.ts';
import { requirePrivateDirectory } from './private-directory.ts';

export interface OpenLedgerOptions {
  /** Null: the embedded ledger in `home`. */
  readonly databaseUrl: string | null;
  readonly home: Home;
  /** Null, or left out: the audit log is not signed. */
  readonly auditKey?: AuditKey | null;
}

export interface OpenedLedger {
  readonly ledger: Ledger;
  /** Closes the ledger and lets the next process have it. */
  release(): Promise<void>;
}

/** Another process has the embedded ledger open. */
export class LedgerHeld extends ExpectedFailure {
  readonly holder: Holder;

  constructor(home: Home, holder: Holder) {
    super(
      `The ledger in ${home.directory} is in use by process ${holder.pid} since ${holder.since}: an embedded ledger ` +
        'belongs to one process at a time. Stop that process first, or run Curfew on PostgreSQL (DATABASE_URL).',
    );
    this.holder = holder;
  }
}

/** Makes an embedded ledger where there is none. Its tables are `migrateLedger`'s business. */
export async function openLedger({ databaseUrl, home, auditKey }: OpenLedgerOptions): Promise<OpenedLedger> {
  if (databaseUrl !== null) {
    const ledger = await connectPostgres(databaseUrl, { auditKey });
    return { ledger, release: () => ledger.close() };
  }
  await requirePrivateDirectory(home.directory, { create: true });
  const lock = await takeLock(home.lock, { answers: () => answers(home.socket) }).catch((error: unknown) => {
    throw error instanceof LockHeld ? new LedgerHeld(home, error.holder) : error;
  });
  try {
    const ledger = await openEmbedded(home.ledger, { auditKey });
    return {
      ledger,
      async release() {
        try {
          await ledger.close();
        } finally {
          await lock.release();
        }
      },
    };
  } catch (error) {
    await lock.release();
    throw error;
  }
}

/**
 * Whether a process answers there. Process ids mean nothing between containers that share a volume; a
 * socket does, as long as both run on one machine.
 */
async function answers(socketPath: string): Promise<boolean> {
  const socket = await connectControl(socketPath);
  socket?.destroy();
  return socket !== null;
}
