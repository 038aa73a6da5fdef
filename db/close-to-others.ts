/**
 * Takes from others what they may do with a ledger's files. PGlite makes files open to all, whatever the umask.
 */
import { chmod, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** Does nothing where there is no such directory. Links are left alone. */
export async function closeToOthers(directory: string): Promise<void> {
  const entries = await readdir(directory, { withFileTypes: true }).catch((error: unknown) => {
    ignoreMissing(error);
    return null;
  });
  if (entries === null) return;
  await chmod(directory, 0o700);
  for (const entry of entries) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) await closeToOthers(path);
    else if (entry.isFile()) await chmod(path, 0o600).catch(ignoreMissing);
  }
}

/** The database takes files away while this goes on. */
function ignoreMissing(error: unknown): void {
  if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
}
