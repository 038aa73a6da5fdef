/**
 * A directory that only we can look into. Whoever could write there could answer in the place of a running
 * Curfew, and whoever could read there could read the ledger: so anything else is refused, not repaired.
 */
import { mkdir, stat } from 'node:fs/promises';
import { ExpectedFailure } from '../expected-failure.ts';

/** Throws an `ExpectedFailure` that says what to do. With `create`, makes the directory where there is none. */
export async function requirePrivateDirectory(
  directory: string,
  { create }: { create: boolean },
): Promise<void> {
  if (create) await mkdir(directory, { recursive: true, mode: 0o700 });
  const { uid, mode } = await stat(directory);
  const own = process.getuid?.();
  if (own !== undefined && uid !== own) {
    throw new ExpectedFailure(
      `${directory} belongs to user ${uid}, and this is user ${own}. Run the command as the user that Curfew runs as.`,
    );
  }
  if (own !== undefined && (mode & 0o077) !== 0) {
    throw new ExpectedFailure(
      `${directory} is open to other users, and it holds the ledger. Close it with: chmod 700 ${directory}`,
    );
  }
}
