import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { packageRoot } from '../../src/package-root.ts';
import { PATIENCE_MS } from '../support/patience.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'curfew-prepare-'));
  cpSync(join(packageRoot(), 'scripts'), join(folder, 'scripts'), { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{"name":"curfew","type":"module"}');
  writeFileSync(
    join(folder, 'tsconfig.build.json'),
    '{"compilerOptions":{"outDir":"dist","rootDir":".","types":[]},"include":["src"]}',
  );
  mkdirSync(join(folder, 'src'));
  writeFileSync(join(folder, 'src/main.ts'), 'export const one: number = 1;\n');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const prepare = () =>
  spawnSync(process.execPath, [join(folder, 'scripts/prepare.mjs')], {
    encoding: 'utf8',
    timeout: PATIENCE_MS,
  });

describe('preparing an install', () => {
  it('does not fail without the development packages, but says what was left out', () => {
    const { status, stdout } = prepare();
    expect(stdout).toContain('TypeScript is not installed');
    expect(status).toBe(0);
  });

  it('builds where the compiler is there, and fails when that fails', () => {
    symlinkSync(join(packageRoot(), 'node_modules'), join(folder, 'node_modules'));
    expect(prepare().status).toBe(0);
    expect(existsSync(join(folder, 'dist/src/main.js'))).toBe(true);
    writeFileSync(join(folder, 'src/main.ts'), 'export const one: number = "1";\n');
    expect(prepare().status).not.toBe(0);
  });

  it('builds the playground too, page and program, where a checkout has one', () => {
    symlinkSync(join(packageRoot(), 'node_modules'), join(folder, 'node_modules'));
    const options = '"compilerOptions":{"outDir":"dist-playground","rootDir":".","types":[]}';
    writeFileSync(join(folder, 'tsconfig.playground.json'), `{${options},"include":["src"]}`);
    const page = join(folder, 'src/playground/page');
    mkdirSync(page, { recursive: true });
    writeFileSync(join(page, 'index.html'), '<!doctype html><title>Curfew</title>');
    const build = "{ outDir: '../../../dist-playground/page', emptyOutDir: true }";
    writeFileSync(join(page, 'vite.config.mjs'), `export default { build: ${build} };\n`);
    expect(prepare()).toMatchObject({ status: 0, stderr: '' });
    expect(existsSync(join(folder, 'dist-playground/src/main.js'))).toBe(true);
    expect(existsSync(join(folder, 'dist-playground/page/index.html'))).toBe(true);
    rmSync(join(page, 'index.html'));
    expect(prepare().status).not.toBe(0);
  });
});
