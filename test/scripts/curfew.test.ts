import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { packageRoot } from '../../src/package-root.ts';

const manifest = JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8'));
const command: string = join(packageRoot(), manifest.bin.curfew);

describe('the command that npm links', () => {
  it('is executable as it is checked out, and passes on arguments and exit code', () => {
    expect(statSync(command).mode & 0o111).toBe(0o111);
    const version = spawnSync(command, ['--version'], { encoding: 'utf8' });
    expect(version).toMatchObject({ status: 0, stdout: `${manifest.version}\n`, stderr: '' });
    expect(spawnSync(command, ['grant']).status).toBe(2);
  });

  it('says what to do where nothing was built', () => {
    const folder = mkdtempSync(join(tmpdir(), 'curfew-unbuilt-'));
    cpSync(command, join(folder, 'scripts/curfew.mjs'));
    const ran = spawnSync(process.execPath, [join(folder, 'scripts/curfew.mjs'), 'grants'], {
      encoding: 'utf8',
    });
    rmSync(folder, { recursive: true, force: true });
    expect(ran).toMatchObject({ status: 1, stderr: expect.stringContaining('npm run build') });
  });
});
