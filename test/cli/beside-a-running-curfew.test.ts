/** The command line beside another process that has the embedded ledger, alive or killed. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openLedger } from '../../src/home/open-ledger.ts';
import { runCommand } from '../support/command-line.ts';
import { createScene, giveAccess, type Scene } from '../support/command-scene.ts';
import { createLedgerHome, type LedgerHome, openHome } from '../support/ledger-home.ts';

const HOLDER = path.join(import.meta.dirname, '../support/ledger-holder.mjs');

describe('beside a process that holds the embedded ledger', () => {
  let place: LedgerHome;
  const children: ChildProcess[] = [];
  beforeAll(async () => {
    place = await createLedgerHome();
    await (await openHome(place.home)).close();
  });
  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
  });
  afterAll(() => place.remove());

  async function holder(): Promise<ChildProcess> {
    const child = fork(HOLDER, { cwd: place.directory });
    children.push(child);
    await once(child, 'message');
    return child;
  }
  const cli = (args: readonly string[]) => runCommand(args, { cwd: place.directory });

  it('commands are answered by that process, and nobody opens the ledger a second time', async () => {
    const child = await holder();
    const frozen = await cli(['freeze', '--reason', 'asked over the socket']);
    expect(frozen).toMatchObject({ code: 0, stderr: '' });
    expect((await cli(['audit', 'verify'])).stdout).toContain('Not covered: 1 event');

    const second = await openLedger({ databaseUrl: null, home: place.home }).catch((error: Error) => error);
    expect(String(second)).toContain(`in use by process ${child.pid} since`);
    expect(await cli(['migrate'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(`process ${child.pid}`),
    });
  });

  it('a killed process is no hindrance, and what it committed is there', async () => {
    const child = await holder();
    await cli(['freeze', '--reason', 'just before the crash']);
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
    expect(existsSync(place.home.lock) && existsSync(place.home.socket)).toBe(true);

    const status = await cli(['freeze', '--status', '--json']);
    expect(JSON.parse(status.stdout)).toMatchObject({ on: true, note: 'just before the crash' });
    await holder();
    expect(await cli(['freeze', '--off'])).toMatchObject({ code: 0 });
  });

  it('two commands at once wait for each other instead of failing', async () => {
    const results = await Promise.all([
      cli(['grants']),
      cli(['freeze', '--status']),
      cli(['audit', 'verify']),
    ]);
    expect(results.map(({ code, stderr }) => ({ code, stderr }))).toEqual(
      Array(3).fill({ code: 0, stderr: '' }),
    );
  });
});

describe('revoke --wait', () => {
  let scene: Scene;
  beforeAll(async () => {
    scene = await createScene('embedded, held by a running Curfew');
  });
  afterAll(() => scene.close());

  it('returns when the target was read back without the access', async () => {
    const id = await scene.inside((house) => giveAccess(house, 'ana'));
    const waited = await scene.cli(['revoke', id, '--wait']);
    expect(waited).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('Gone: the targets were read back'),
    });
    expect(scene.vault.holds('dba', 'ana')).toBe(false);
  });

  it('fails and says what is in the way when the target does not answer', async () => {
    const id = await scene.inside((house) => giveAccess(house, 'lea'));
    scene.vault.state.down = true;
    const waited = await scene.cli(['revoke', id, '--wait', '1']);
    expect(waited.code).toBe(1);
    expect(waited.stderr).toContain(`${id} is NOT confirmed to be gone: vault: vault does not answer.`);

    scene.clocks.pass(300);
    const shown = await scene.cli(['grants']);
    expect(shown.stdout).toMatch(
      /OVERDUE for 5 min, not confirmed to be gone. vault: vault does not answer./,
    );
    expect(JSON.parse((await scene.cli(['grants', '--json'])).stdout)).toMatchObject([{ id, overdue: true }]);
    scene.vault.state.down = false;
  });

  it('does not wait where no Curfew runs that could do it', async () => {
    const alone = await createScene('embedded, nobody running');
    const id = await alone.inside((house) => giveAccess(house));
    const waited = await alone.cli(['revoke', id, '--wait', '600']);
    expect(waited).toMatchObject({ code: 1, stdout: expect.stringContaining('No Curfew is running') });
    await alone.close();
  });
});
