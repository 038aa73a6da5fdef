import { configDefaults, defineConfig } from 'vitest/config';
import { findChromium } from './test/support/chromium.ts';
import { PATIENCE_MS } from './test/support/patience.ts';
import { findProgram } from './test/support/programs.ts';

/** What needs a program that the machine may lack; `.ci/run` installs all of them. */
const NEEDS: readonly { what: string; found: string | null; tests: string }[] = [
  { what: 'Chromium (set CHROMIUM)', found: findChromium(), tests: 'test/browser/**' },
  { what: 'psql', found: findProgram('psql'), tests: 'test/**/*.psql.test.ts' },
  { what: 'PgBouncer', found: findProgram('pgbouncer'), tests: 'test/**/*.pgbouncer.test.ts' },
];
const leftOut = NEEDS.filter(({ found }) => found === null);
for (const { what, tests } of leftOut) console.log(`No ${what} was found, so ${tests} is left out.`);

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: [...configDefaults.exclude, ...leftOut.map(({ tests }) => tests)],
    globalSetup: ['test/support/global-setup.ts'],
    setupFiles: ['test/support/seed.ts', 'test/support/wait-for.ts'],
    // These end a hang. Nothing is measured by them: see `patience.ts`.
    testTimeout: 3 * PATIENCE_MS,
    hookTimeout: 3 * PATIENCE_MS,
    expect: { poll: { timeout: PATIENCE_MS, interval: 20 } },
    pool: 'forks',
    // One more than CI's cores: many tests wait for servers and child processes.
    maxWorkers: 3,
    retry: 0,
    allowOnly: false,
  },
});
