import { chmod, chown, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openEmbedded } from '../../db/client.ts';
import { requirePrivateDirectory } from '../../src/home/private-directory.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'curfew-private-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe("the ledger's directory", () => {
  it('is made for its owner alone', async () => {
    const made = path.join(folder, '.curfew');
    await requirePrivateDirectory(made, { create: true });
    expect((await stat(made)).mode & 0o777).toBe(0o700);
    await requirePrivateDirectory(made, { create: true });
  });

  it.each([0o750, 0o710, 0o701, 0o777])(
    'is refused where others can look in (%o), with the remedy',
    async (mode) => {
      await chmod(folder, mode);
      await expect(requirePrivateDirectory(folder, { create: true })).rejects.toThrow(`chmod 700 ${folder}`);
      expect((await stat(folder)).mode & 0o777).toBe(mode);
    },
  );

  it("is refused where it is somebody else's", async () => {
    // Only root can give a folder away; for everybody else the root folder is somebody else's.
    const isRoot = process.getuid?.() === 0;
    if (isRoot) await chown(folder, 65_534, 65_534);
    await expect(requirePrivateDirectory(isRoot ? folder : '/', { create: true })).rejects.toThrow(
      /belongs to user/,
    );
  });

  it('holds no file of the ledger that anybody else could open', async () => {
    const directory = path.join(folder, 'ledger');
    const ledger = await openEmbedded(directory);
    await ledger.exclusively(async () => void (await ledger.db.execute('create table made (later int)')));
    const open = async () => {
      const entries = await readdir(directory, { recursive: true });
      const modes = await Promise.all(
        entries.map(async (entry) => (await stat(path.join(directory, entry))).mode),
      );
      return modes.filter((mode) => (mode & 0o077) !== 0).length;
    };
    expect((await readdir(directory)).length).toBeGreaterThan(5);
    expect(await open()).toBe(0);
    await ledger.close();
    expect(await open()).toBe(0);
  }, 300_000);
});
