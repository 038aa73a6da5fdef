/**
 * One process at a time, by a file that names its holder.
 *
 * The file appears whole: it is written under another name and then linked, which fails where the name is
 * taken. A holder that died leaves it behind. Who finds such a file replaces it by a rename, and only while
 * holding a second lock of the same kind (`lock.takeover`) and having read the first one again: so of many
 * that find it at once exactly one replaces it, and none replaces the file of the one that was quicker.
 */
import { randomBytes } from 'node:crypto';
import { link, open, readFile, rename, unlink } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { ExpectedFailure } from '../expected-failure.ts';
import { identityOf, isRunning } from './process-identity.ts';

const holderSchema = z.object({
  pid: z.int().positive(),
  began: z.string().max(200).nullable(),
  token: z.string().min(1).max(100),
  /** ISO 8601, real time. */
  since: z.iso.datetime(),
});
export type Holder = z.infer<typeof holderSchema>;

/** Somebody else has it. */
export class LockHeld extends Error {
  override readonly name = 'LockHeld';
  readonly holder: Holder;

  constructor(path: string, holder: Holder) {
    super(`${path} is held by process ${holder.pid} since ${holder.since}`);
    this.holder = holder;
  }
}

export interface Lock {
  /** Gives it back; a second time does nothing. */
  release(): Promise<void>;
}

export interface LockOptions {
  /** Asked when the holder's process seems to be gone: true where something else says that it lives. */
  readonly answers?: () => Promise<boolean>;
}

const MOST_TRIES = 100;
const DEEPEST = 3;

/** Takes the lock or throws: `LockHeld` where somebody has it, `ExpectedFailure` where the file is no lock. */
export async function takeLock(path: string, options: LockOptions = {}): Promise<Lock> {
  const own: Holder = {
    ...identityOf(process.pid),
    token: randomBytes(12).toString('hex'),
    since: new Date().toISOString(),
  };
  await take(path, own, options, 0);
  let released = false;
  return {
    async release() {
      if (released) return;
      released = true;
      await giveBack(path, own);
    },
  };
}

async function take(path: string, own: Holder, options: LockOptions, depth: number): Promise<void> {
  const draft = `${path}.${own.token}`;
  await write(draft, own);
  try {
    for (let tries = 0; tries < MOST_TRIES; tries += 1) {
      if (await linked(draft, path)) return;
      const holder = await readHolder(path);
      if (holder === null) continue;
      if (isRunning(holder) || (await options.answers?.())) throw new LockHeld(path, holder);
      if (await takeOver({ path, draft, stale: holder, own, depth })) return;
      await pause(5 + Math.random() * 20);
    }
    throw new ExpectedFailure(`${path} changes hands all the time; try again.`);
  } finally {
    await unlink(draft).catch(ignoreMissing);
  }
}

/** Replaces a dead holder's file; false where somebody else is at it or was quicker. */
async function takeOver(over: {
  path: string;
  draft: string;
  stale: Holder;
  own: Holder;
  depth: number;
}): Promise<boolean> {
  const { path, draft, stale, own, depth } = over;
  if (depth >= DEEPEST) throw new ExpectedFailure(`Processes died again and again at ${path}: remove it.`);
  const turn = `${path}.takeover`;
  try {
    await take(turn, own, {}, depth + 1);
  } catch (error) {
    if (error instanceof LockHeld) return false;
    throw error;
  }
  try {
    if ((await readHolder(path))?.token !== stale.token) return false;
    await rename(draft, path);
    return true;
  } finally {
    await giveBack(turn, own);
  }
}

async function giveBack(path: string, own: Holder): Promise<void> {
  if ((await readHolder(path))?.token === own.token) await unlink(path).catch(ignoreMissing);
}

async function write(path: string, holder: Holder): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(`${JSON.stringify(holder)}\n`);
    // So that a power cut cannot leave the name without the content.
    await file.sync();
  } finally {
    await file.close();
  }
}

async function linked(draft: string, path: string): Promise<boolean> {
  try {
    await link(draft, path);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

/** Who holds it; null where nobody does. */
async function readHolder(path: string): Promise<Holder | null> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  }
  try {
    return holderSchema.parse(JSON.parse(text));
  } catch {
    throw new ExpectedFailure(
      `${path} is not a lock that Curfew wrote. If no Curfew runs in this directory, remove it.`,
    );
  }
}

function ignoreMissing(error: unknown): void {
  if (codeOf(error) !== 'ENOENT') throw error;
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
