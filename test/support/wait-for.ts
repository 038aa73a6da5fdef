/** Run before each test file: `vi.waitFor` waits as long as everything else does, unless it is told otherwise. */
import { vi } from 'vitest';
import { PATIENCE_MS } from './patience.ts';

const { waitFor } = vi;
vi.waitFor = (callback, options) =>
  waitFor(
    callback,
    typeof options === 'number' ? options : { timeout: PATIENCE_MS, interval: 20, ...options },
  );
