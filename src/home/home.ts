/** Where a Curfew without PostgreSQL keeps its things: `.curfew/` under the directory that it runs in. */
import { join } from 'node:path';

export interface Home {
  /** Owner-only. */
  readonly directory: string;
  /** PGlite's data. */
  readonly ledger: string;
  /** Held by the one process that has the ledger open. */
  readonly lock: string;
  /** Where that process can be spoken to. */
  readonly socket: string;
}

export function homeIn(workingDirectory: string): Home {
  const directory = join(workingDirectory, '.curfew');
  return {
    directory,
    ledger: join(directory, 'ledger'),
    lock: join(directory, 'lock'),
    socket: join(directory, 'control.sock'),
  };
}
