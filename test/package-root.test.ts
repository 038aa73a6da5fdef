import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { packageRoot } from '../src/package-root.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'curfew-root-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('the package root', () => {
  it('is where this package.json is', () => {
    expect(existsSync(join(packageRoot(), 'vitest.config.ts'))).toBe(true);
  });

  it('is found from sources and from what was built, past the package.json of others', () => {
    writeFileSync(join(folder, 'package.json'), '{"name":"curfew"}');
    for (const inner of ['src', 'dist/src']) {
      mkdirSync(join(folder, inner), { recursive: true });
      expect(packageRoot(join(folder, inner, 'package-root.js'))).toBe(folder);
    }
    writeFileSync(join(folder, 'dist/package.json'), '{"type":"module"}');
    expect(packageRoot(join(folder, 'dist/src/package-root.js'))).toBe(folder);
  });

  it('is an error where there is none', () => {
    expect(() => packageRoot(join(folder, 'src/package-root.js'))).toThrow(/no package.json of curfew/);
  });
});
