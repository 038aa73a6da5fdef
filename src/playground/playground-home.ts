/** Where the playground keeps its things: `.curfew/playground`, owner-only, its own for as long as it runs. */
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ExpectedFailure } from '../expected-failure.ts';
import { homeIn } from '../home/home.ts';
import { LockHeld, takeLock } from '../home/lock.ts';
import { requirePrivateDirectory } from '../home/private-directory.ts';

export interface PlaygroundHome {
  readonly directory: string;
  /** What the bot logs. */
  readonly botLog: string;
  release(): Promise<void>;
}

const LOCK = 'lock';

/** Empties it of what an earlier playground left. Throws an `ExpectedFailure` where another one runs in it. */
export async function openPlaygroundHome(workingDirectory: string): Promise<PlaygroundHome> {
  const curfew = homeIn(workingDirectory).directory;
  const directory = join(curfew, 'playground');
  await requirePrivateDirectory(curfew, { create: true });
  await requirePrivateDirectory(directory, { create: true });
  const lock = await takeLock(join(directory, LOCK)).catch((error: unknown) => {
    if (!(error instanceof LockHeld)) throw error;
    const { pid, since } = error.holder;
    throw new ExpectedFailure(
      `A playground is running in this directory already: process ${pid}, since ${since}. Stop it first.`,
    );
  });
  for (const name of await readdir(directory)) {
    // Others may be taking the lock at this moment: their files are theirs.
    if (name === LOCK || name.startsWith(`${LOCK}.`)) continue;
    await rm(join(directory, name), { recursive: true, force: true });
  }
  return { directory, botLog: join(directory, 'bot.log'), release: lock.release };
}
