/** Once for each vitest run: compiles to dist/ and dist-test/, for tests that start child processes, and starts PostgreSQL. */
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
    build('tsconfig.build.json'),
    build('tsconfig.children.json'),
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

/**
 * Compiles; what does not fit the types is written out all the same, so the tests can run and tell
 * more. The run fails for it at its end.
 */
async function build(project: string): Promise<Error | null> {
  const root = path.resolve(import.meta.dirname, '../..');
  const tsc = path.resolve(createRequire(import.meta.url).resolve('typescript/package.json'), '../bin/tsc');
  try {
    await promisify(execFile)(process.execPath, [tsc, '-p', project], { cwd: root });
    return null;
  } catch (error) {
    const { stdout } = error as { stdout?: string };
    return new Error(`The build has errors, so this run fails:\n${stdout || String(error)}`);
  }
}
