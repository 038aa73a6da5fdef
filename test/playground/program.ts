/** The playground as people start it: the built program, a process in a directory of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { packageRoot } from '../../src/package-root.ts';

const PROGRAM = path.join(packageRoot(), 'scripts/playground.mjs');

export interface Program {
  readonly child: ChildProcess;
  readonly directory: string;
  /** What it wrote so far. */
  output(): string;
  /** The page's address, once it says that it is ready; rejects when it ends instead. */
  ready(): Promise<string>;
  /** How it ended, once everything that it wrote is here. */
  over(): Promise<{ code: number | null; output: string }>;
}

export function newDirectory(): Promise<string> {
  return mkdtemp(path.join(tmpdir(), 'curfew-playground-'));
}

export function startProgram(options: {
  directory: string;
  env?: Readonly<Record<string, string>>;
  args?: readonly string[];
  /** As `npm run playground`, in a package of the directory whose script is ours. */
  byNpm?: boolean;
}): Program {
  const { directory, env, args = [], byNpm } = options;
  const words = byNpm ? npmWords(directory) : [process.execPath, PROGRAM];
  const child = spawn(words[0] ?? '', [...words.slice(1), ...args], {
    cwd: directory,
    env: { PATH: process.env.PATH ?? '', PORT: '0', ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let output = '';
  const closed = once(child, 'close').then(([code]) => ({ code: code as number | null, output }));
  const ready = new Promise<string>((resolve, reject) => {
    const read = (chunk: Buffer) => {
      output += chunk;
      const url = /Open (http:\S+)/.exec(output)?.[1];
      if (url) resolve(url);
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    void closed.then(({ code }) => reject(new Error(`it ended with ${code}:\n${output}`)));
  });
  ready.catch(() => {});
  return { child, directory, output: () => output, ready: () => ready, over: () => closed };
}

function npmWords(directory: string): string[] {
  const { scripts } = JSON.parse(readFileSync(path.join(packageRoot(), 'package.json'), 'utf8')) as {
    scripts: { playground: string };
  };
  const playground = scripts.playground.replace('scripts/playground.mjs', PROGRAM);
  writeFileSync(path.join(directory, 'package.json'), JSON.stringify({ scripts: { playground } }));
  return ['npm', 'run', 'playground'];
}

/** Ends it without ceremony; whether that leaves anything is what a test of its own says. */
export async function discard({ child, directory, over }: Program): Promise<void> {
  child.kill('SIGKILL');
  await over();
  await rm(directory, { recursive: true, force: true });
}

/** A process that is running, told from one that has its number later. */
export interface Running {
  readonly pid: number;
  readonly began: string;
  readonly command: string;
  readonly environment: string;
}

/** All processes below this one, from `/proc`. */
export function descendantsOf(pid: number): Running[] {
  const all = readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? (read(Number(name)) ?? []) : []));
  const below = (parent: number): typeof all =>
    all.filter((each) => each.parent === parent).flatMap((each) => [each, ...below(each.pid)]);
  return below(pid);
}

export function isAlive({ pid, began }: Running): boolean {
  return read(pid)?.began === began;
}

function read(pid: number): (Running & { parent: number }) | null {
  const text = (name: string) => readFileSync(`/proc/${pid}/${name}`, 'utf8');
  try {
    const stat = text('stat');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z') return null;
    return {
      pid,
      parent: Number(fields[1]),
      began: fields[19] ?? '',
      command: text('cmdline').replaceAll('\0', ' '),
      environment: text('environ').replaceAll('\0', '\n'),
    };
  } catch {
    return null;
  }
}
