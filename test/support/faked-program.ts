/** The built program as a process whose wall clock is faked by libfaketime, and can be set while it runs. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { CLI } from './command-line.ts';

export interface FakedProgram {
  readonly child: ChildProcess;
  /** Seconds that its wall clock is ahead of this machine's, from now on. */
  setClock(aheadS: number): Promise<void>;
  health(): Promise<Readonly<Record<string, unknown>>>;
  /** All that it logged. */
  log(): string;
  stop(): Promise<void>;
}

/** Debian's package `faketime` brings it. Throws where it is missing: a test of clocks is never left out. */
function findLibfaketime(): string {
  const found = ['/usr/lib', ...readdirSync('/usr/lib').map((name) => path.join('/usr/lib', name))]
    .map((folder) => path.join(folder, 'faketime/libfaketime.so.1'))
    .find((file) => existsSync(file));
  if (found) return found;
  throw new Error('libfaketime is missing: apt-get install faketime');
}

export async function startFakedProgram(options: {
  readonly configuration: string;
  readonly env: Readonly<Record<string, string>>;
  readonly timeZone: string;
  readonly aheadS: number;
}): Promise<FakedProgram> {
  const library = findLibfaketime();
  const folder = await mkdtemp(path.join(tmpdir(), 'curfew-clock-'));
  const offset = path.join(folder, 'offset');
  const setClock = async (aheadS: number) => {
    await writeFile(`${offset}.new`, `${aheadS >= 0 ? '+' : ''}${aheadS}s\n`);
    await rename(`${offset}.new`, offset);
  };
  await setClock(options.aheadS);
  await writeFile(path.join(folder, 'curfew.yaml'), options.configuration);
  const child = spawn(process.execPath, [CLI, 'serve'], {
    cwd: folder,
    env: {
      PATH: process.env.PATH ?? '',
      PORT: '0',
      ...options.env,
      TZ: options.timeZone,
      LD_PRELOAD: library,
      FAKETIME_TIMESTAMP_FILE: offset,
      FAKETIME_NO_CACHE: '1',
      // Only the wall clock can be set; the monotonic one goes on as it does on a machine.
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let log = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (part: string) => {
      log += part;
    });
  const gone = once(child, 'close');
  const port = await new Promise<number>((resolve, reject) => {
    child.stdout.on('data', () => {
      const found = log.match(/"port":(\d+)/)?.[1];
      if (found) resolve(Number(found));
    });
    void gone.then(() => reject(new Error(`the program ended:\n${log}`)));
  });
  return {
    child,
    setClock,
    async health() {
      const answer = await fetch(`http://127.0.0.1:${port}/healthz`);
      return (await answer.json()) as Record<string, unknown>;
    },
    log: () => log,
    async stop() {
      child.kill('SIGKILL');
      await gone;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
