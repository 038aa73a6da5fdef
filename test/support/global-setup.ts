/**
 * Once for each vitest run: compiles what tests start as child processes, the playground among it, and starts
 * PostgreSQL. `CURFEW_TEST_BUILD=no` leaves the last build as it is, for a quick run of tests that start no child.
 */
import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import path from 'node:path';
import { promisify } from 'node:util';
import type { TestProject } from 'vitest/node';
import { startPostgres } from '../../src/playground/postgres-server.ts';

export default async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  const [pg18, pg15, ...problems] = await Promise.all([
    startPostgres({ version: 18 }),
    startPostgres({ version: 15 }),
    compile('tsconfig.build.json'),
    compile('tsconfig.children.json'),
    compile('tsconfig.playground.json'),
    build('vite', 'bin/vite.js', ['build', 'src/playground/page', '--logLevel', 'error']),
  ]);
  provide('pg18Url', pg18.url);
  provide('pg15Url', pg15.url);
  return async () => {
    await Promise.all([pg18.stop(), pg15.stop()]);
    const problem = problems.find((each) => each !== null);
    if (!problem) return;
    // vitest prints what a teardown throws, and ends well all the same.
    process.exitCode = 1;
    throw problem;
  };
}

function compile(project: string): Promise<Error | null> {
  return build('typescript', 'bin/tsc', ['-p', project]);
}

/**
 * Builds with a program of a package; what does not fit the types is written out all the same, so the
 * tests can run and tell more. The run fails for it at its end.
 */
async function build(name: string, program: string, args: readonly string[]): Promise<Error | null> {
  if (process.env.CURFEW_TEST_BUILD === 'no') return null;
  const root = path.resolve(import.meta.dirname, '../..');
  const manifest = createRequire(import.meta.url).resolve(`${name}/package.json`);
  try {
    await promisify(execFile)(process.execPath, [path.resolve(manifest, '..', program), ...args], {
      cwd: root,
    });
    return null;
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string };
    return new Error(`The build has errors, so this run fails:\n${stdout || stderr || String(error)}`);
  }
}
