import { configDefaults, defineConfig } from 'vitest/config';
import { findChromium } from './test/support/chromium.ts';

const IN_A_BROWSER = 'test/browser/**';
const withoutBrowser = findChromium() === null;
if (withoutBrowser) console.log(`No Chromium was found (set CHROMIUM), so ${IN_A_BROWSER} is left out.`);

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: withoutBrowser ? [...configDefaults.exclude, IN_A_BROWSER] : configDefaults.exclude,
    globalSetup: ['test/support/global-setup.ts'],
    setupFiles: ['test/support/seed.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    pool: 'forks',
    // One more than CI's cores: many tests wait for servers and child processes.
    maxWorkers: 3,
    retry: 0,
    allowOnly: false,
  },
});
