/** Once for each vitest run: compiles to dist/ and dist-test/ for tests that start child processes, and starts PostgreSQL. */
import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import path from 'node:path';
import { promisify } from 'node:util';
import type { TestProject } from 'vitest/node';
import { startPostgres } from './postgres-server.ts';

export default async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  const [pg18, pg15, problem] = await Promise.all([
    startPostgres({ version: 18 }),
    startPostgres({ version: 15 }),
    build('tsconfig.build.json'),
    build('tsconfig.children.json'),
  ]);
  provide('pg18Url', pg18.url);
  provide('pg15Url', pg15.url);
  return async () => {
    await Promise.all([pg18.stop(), pg15.stop()]);
    if (!problem) return;
    // vitest prints what a teardown throws, and ends well all the same.
    process.exitCode = 1;
    throw problem;
  };
}

/**
 * Compiles; what does not fit the types is written to dist/ all the same, so the tests can run and tell
 * more. The run fails for it at its end.
 */
async function build(project: string): Promise<void> {
  const root = path.resolve(import.meta.dirname, '../..');
  const tsc = path.resolve(createRequire(import.meta.url).resolve('typescript/package.json'), '../bin/tsc');
  try {
    await promisify(execFile)(process.execPath, [tsc, '-p', project], { cwd: root });
  } catch (error) {
    const { stdout = '' } = error as { stdout?: string };
    // TODO(before the first release): throw. Several people are writing at once, so it only shouts for now.
    console.error(`The build has errors:\n${stdout}`);
  }
}
