/** Runs the built command line as a child process, as a person at a shell would. */
import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';
import { packageRoot } from '../../src/package-root.ts';

export interface CommandResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export const CLI = path.join(packageRoot(), 'dist/src/cli.js');

export interface CommandOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Nobody is at its terminal: standard input is closed. The environment is only what is given. */
export function runCommand(args: readonly string[], options: CommandOptions): Promise<CommandResult> {
  return resultOf(spawn(process.execPath, [CLI, ...args], spawnOptions(options)));
}

/** The same in a pipe of the shell: `curfew ARGS | REST`. The result is the pipe's. */
export function runInPipe(
  args: readonly string[],
  rest: string,
  options: CommandOptions,
): Promise<CommandResult> {
  const words = [process.execPath, CLI, ...args].map((word) => `'${word.replaceAll("'", "'\\''")}'`);
  const script = `{ ${words.join(' ')}; echo "exit code $?" >&2; } | ${rest}`;
  return resultOf(spawn('/bin/sh', ['-c', script], spawnOptions(options)));
}

function spawnOptions({ cwd, env }: CommandOptions) {
  const base = { PATH: process.env.PATH ?? '', TZ: 'Europe/Berlin' };
  return { cwd, env: { ...base, ...env }, stdio: ['ignore', 'pipe', 'pipe'] as ['ignore', 'pipe', 'pipe'] };
}

function resultOf(child: ChildProcess): Promise<CommandResult> {
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });
}
