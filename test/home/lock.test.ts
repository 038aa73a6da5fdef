/** One process at a time has the embedded ledger, whatever became of the one before. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LockHeld, takeLock } from '../../src/home/lock.ts';
import { identityOf } from '../../src/home/process-identity.ts';

const RACER = path.join(import.meta.dirname, '../support/lock-racer.mjs');

let folder = '';
let lock = '';
const children: ChildProcess[] = [];
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'curfew-lock-'));
  lock = path.join(folder, 'lock');
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await rm(folder, { recursive: true, force: true });
});

async function racer(): Promise<ChildProcess> {
  const child = fork(RACER);
  children.push(child);
  await once(child, 'message');
  return child;
}

interface Told {
  readonly ok: boolean;
  readonly held?: boolean;
  readonly by?: number;
}

async function tell(child: ChildProcess, order: { take?: string; release?: boolean }): Promise<Told> {
  const answer = once(child, 'message');
  child.send(order);
  return (await answer)[0] as Told;
}

async function kill(child: ChildProcess): Promise<void> {
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

const written = async () => JSON.parse(await readFile(lock, 'utf8'));

describe('the lock of a ledger', () => {
  it('is refused while its holder lives, naming the process and since when', async () => {
    const holder = await racer();
    expect(await tell(holder, { take: lock })).toEqual({ ok: true });
    const refused = await takeLock(lock).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(LockHeld);
    expect((refused as LockHeld).holder.pid).toBe(holder.pid);
    expect(Date.now() - Date.parse((refused as LockHeld).holder.since)).toBeLessThan(60_000);

    expect(await tell(holder, { release: true })).toEqual({ ok: true });
    await (await takeLock(lock)).release();
    expect(await readdir(folder)).toEqual([]);
  });

  it('is refused to the process that has it already', async () => {
    const mine = await takeLock(lock);
    await expect(takeLock(lock)).rejects.toBeInstanceOf(LockHeld);
    await mine.release();
  });

  it('is free once its holder was killed', async () => {
    const holder = await racer();
    await tell(holder, { take: lock });
    await kill(holder);
    const mine = await takeLock(lock);
    expect(await written()).toMatchObject({ pid: process.pid });
    await mine.release();
  });

  it('is free when the process id of a dead holder was used again', async () => {
    const someone = await racer();
    const lives = { ...identityOf(someone.pid ?? 0), token: 'dead', since: new Date().toISOString() };
    await writeFile(lock, JSON.stringify(lives));
    await expect(takeLock(lock)).rejects.toBeInstanceOf(LockHeld);
    await writeFile(lock, JSON.stringify({ ...lives, began: 'another-boot:1' }));
    await (await takeLock(lock)).release();
  });

  it('is refused where the process cannot be seen but something of it still answers', async () => {
    const holder = await racer();
    await tell(holder, { take: lock });
    await kill(holder);
    await expect(takeLock(lock, { answers: async () => true })).rejects.toBeInstanceOf(LockHeld);
    await (await takeLock(lock, { answers: async () => false })).release();
  });

  it('goes to exactly one of many that find it left behind, again and again', async () => {
    const racers = await Promise.all(Array.from({ length: 5 }, racer));
    for (let round = 0; round < 40; round += 1) {
      const dead = {
        pid: 1,
        began: 'another-boot:1',
        token: `dead-${round}`,
        since: new Date().toISOString(),
      };
      await writeFile(lock, JSON.stringify(dead));
      // In every other round somebody also died while taking over.
      if (round % 2 === 1) await writeFile(`${lock}.takeover`, JSON.stringify(dead));
      const told = await Promise.all(racers.map((each) => tell(each, { take: lock })));
      const winners = racers.filter((_, index) => told[index]?.ok);
      expect(winners).toHaveLength(1);
      for (const { ok, held, by } of told)
        if (!ok) expect({ held, by }).toEqual({ held: true, by: winners[0]?.pid });
      expect(await written()).toMatchObject({ pid: winners[0]?.pid });
      for (const winner of winners) await tell(winner, { release: true });
      expect(await readdir(folder)).toEqual([]);
    }
  });

  it('is never taken from a file that Curfew did not write', async () => {
    for (const text of ['', 'half a lo', '{"pid":"x"}']) {
      await writeFile(lock, text);
      await expect(takeLock(lock)).rejects.toThrow(/remove it/);
      expect(await readFile(lock, 'utf8')).toBe(text);
    }
  });

  it('is given back only by who has it', async () => {
    const first = await takeLock(lock);
    await first.release();
    const holder = await racer();
    await tell(holder, { take: lock });
    await first.release();
    await expect(takeLock(lock)).rejects.toBeInstanceOf(LockHeld);
  });
});
