/** The commands for bad days, against each kind of ledger: they need neither chat nor a configuration. */
import { writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readEvents } from '../../db/audit.ts';
import type { AuditEvent } from '../../src/domain/audit-chain.ts';
import { createScene, giveAccess, type Scene, WAYS, type Way } from '../support/command-scene.ts';

const actor = `cli:${userInfo().username}`;

/** One ledger for all tests of a block, since making one takes longest: each test has people of its own. */
function useScene(way: Way) {
  const opened: { scene: Scene | null } = { scene: null };
  beforeAll(async () => {
    opened.scene = await createScene(way);
  });
  afterAll(() => opened.scene?.close());
  return () => {
    if (!opened.scene) throw new Error('there is no scene yet');
    return opened.scene;
  };
}

/** Every sealed event. */
function eventsOf(scene: Scene): Promise<AuditEvent[]> {
  return scene.inside(async (house) => {
    await house.settle();
    const found: AuditEvent[] = [];
    for await (const event of readEvents(house.ledger.db)) found.push(event);
    return found;
  });
}

describe.each(WAYS)('the command line %s', (way) => {
  const sceneOf = useScene(way);

  it('revokes one grant, names who did it and why, and the access goes', async () => {
    const scene = sceneOf();
    const id = await scene.inside((house) => giveAccess(house, 'bo'));
    const revoked = await scene.cli(['revoke', id.toLowerCase(), '--reason', 'laptop stolen']);
    expect(revoked).toMatchObject({ code: 0, stderr: '' });
    expect(revoked.stdout).toContain(id);
    expect(revoked.stdout).toContain(
      way === 'embedded, nobody running' ? 'No Curfew is running' : 'The running Curfew takes it away now',
    );

    const log = await eventsOf(scene);
    expect(scene.vault.holds('dba', 'bo')).toBe(false);
    const ending = log.find(({ action, details }) => action === 'grant.ending' && details.request === id);
    expect(ending).toMatchObject({
      actor,
      details: { reason: 'revoked', note: 'laptop stolen', reference: 'INC-1042' },
    });
    const view = await scene.inside((house) => house.view(id));
    expect(view.grant).toMatchObject({ state: 'ended', endReason: 'revoked', endNote: 'laptop stolen' });

    const again = await scene.cli(['revoke', id]);
    expect(again).toMatchObject({ code: 0, stdout: expect.stringContaining('had ended') });
  });

  it('freezes, says so, and lifts it again', async () => {
    const scene = sceneOf();
    expect((await scene.cli(['freeze', '--status'])).stdout).toContain('Not frozen');
    const on = await scene.cli(['freeze', '--reason', 'credentials leaked']);
    expect(on).toMatchObject({ code: 0, stdout: expect.stringContaining('Frozen by cli:') });
    const status = await scene.cli(['freeze', '--status', '--json']);
    expect(JSON.parse(status.stdout)).toMatchObject({ on: true, actor, note: 'credentials leaked' });
    await expect(scene.inside((house) => house.ask('flo'))).rejects.toThrow(/frozen/);

    expect(await scene.cli(['freeze', '--off'])).toMatchObject({ code: 0 });
    await scene.inside((house) => house.ask('flo'));
    const actions = (await eventsOf(scene)).map(({ action }) => action);
    expect(actions).toEqual(expect.arrayContaining(['freeze.on', 'freeze.off']));
  });

  it('shows whose account is whose, and undoes a link that no grant uses', async () => {
    const scene = sceneOf();
    const id = await scene.inside((house) => giveAccess(house, 'kit'));
    const link = { connector: 'vault', account: 'kit', email: 'kit@acme.test', since: expect.any(String) };
    const listed = async (...more: string[]) =>
      JSON.parse((await scene.cli(['accounts', '--json', ...more])).stdout);
    expect(await listed('--user', 'Kit@acme.test')).toEqual([expect.objectContaining(link)]);
    const table = await scene.cli(['accounts']);
    expect(table.stdout).toMatch(/WHO +ON +ACCOUNT +ID +SINCE/);
    expect(table.stdout).toMatch(/kit@acme\.test +vault +kit/);

    const unlink = ['accounts', 'unlink', 'vault', 'kit', '--reason', 'a new person'];
    const inUse = await scene.cli(unlink);
    expect(inUse).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining(id) });
    await scene.cli(['revoke', id]);
    await eventsOf(scene);
    expect((await scene.cli([...unlink, '--dry-run'])).stdout).toContain('Nothing was changed');
    expect(await listed('--user', 'kit@acme.test')).toHaveLength(1);
    const undone = await scene.cli([...unlink, '--json']);
    expect(JSON.parse(undone.stdout)).toMatchObject(link);
    expect(await listed('--user', 'kit@acme.test')).toEqual([]);
    expect(await scene.cli(unlink)).toMatchObject({ code: 1, stderr: expect.stringContaining('No account') });

    const log = await eventsOf(scene);
    const of = (action: string) => log.filter((event) => event.action === action);
    expect(of('account.linked').find(({ details }) => details.request === id)?.details).toMatchObject({
      subject: 'kit@acme.test',
      account: 'kit',
      reference: 'INC-1042',
      rule: expect.any(String),
    });
    expect(of('account.unlinked')).toMatchObject([
      { actor, details: { account: 'kit', subject: 'kit@acme.test', note: 'a new person' } },
    ]);
  });
});

// Opening an embedded ledger takes a second each time, and what it then answers is what PostgreSQL answers.
describe.each([WAYS[0], WAYS[2]])('the command line %s', (way) => {
  const sceneOf = useScene(way);

  it('shows who holds what and until when, narrowed as asked', async () => {
    const scene = sceneOf();
    const [ana, lea] = await scene.inside(async (house) => [
      await giveAccess(house, 'ana'),
      await giveAccess(house, 'lea'),
    ]);
    const all = await scene.cli(['grants']);
    expect(all).toMatchObject({ code: 0, stderr: '' });
    expect(all.stdout).toMatch(new RegExp(`${ana} +ana@acme.test +prod-dba +live +\\d\\d:\\d\\d`));
    expect(all.stdout).toContain(lea);
    expect(all.stdout).toContain('Europe/Berlin');
    const lines = all.stdout.split('\n');
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(100);

    const narrowed = await scene.cli(['grants', '--json', '--user', 'Lea@acme.test', '--role', 'prod-dba']);
    expect(JSON.parse(narrowed.stdout)).toEqual([
      expect.objectContaining({
        id: lea,
        email: 'lea@acme.test',
        state: 'live',
        overdue: false,
        last_error: null,
      }),
    ]);
    expect(JSON.parse((await scene.cli(['grants', '--json', '--role', 'other'])).stdout)).toEqual([]);
  });

  it('revokes all of a role or a person, after a dry run that changes nothing', async () => {
    const scene = sceneOf();
    const ids = await scene.inside(async (house) => [
      await giveAccess(house, 'cy'),
      await giveAccess(house, 'di'),
    ]);
    const dry = await scene.cli(['revoke', '--role', 'prod-dba', '--dry-run']);
    expect(dry).toMatchObject({ code: 0, stdout: expect.stringContaining('Would end') });
    for (const id of ids) expect(dry.stdout).toContain(id);
    const unasked = await scene.cli(['revoke', '--role', 'prod-dba']);
    expect(unasked).toMatchObject({ code: 2, stderr: expect.stringContaining('--yes') });
    const states = await scene.inside(async (house) => {
      await house.settle();
      return Promise.all(ids.map(async (id) => (await house.view(id)).grant?.state));
    });
    expect(states).toEqual(['live', 'live']);

    expect(await scene.cli(['revoke', '--user', 'CY@acme.test', '--yes'])).toMatchObject({ code: 0 });
    await scene.inside((house) => house.settle());
    expect(scene.vault.holds('dba', 'cy')).toBe(false);
    expect(scene.vault.holds('dba', 'di')).toBe(true);

    expect(await scene.cli(['revoke', '--role', 'prod-dba', '--yes'])).toMatchObject({ code: 0 });
    await scene.inside((house) => house.settle());
    expect(scene.vault.holds('dba', 'di')).toBe(false);
  });

  it('never takes a slip of the pen for success', async () => {
    const scene = sceneOf();
    await scene.inside((house) => giveAccess(house, 'eve'));
    for (const args of [['R-9999'], ['--user', 'evee@acme.test', '--yes'], ['--role', 'prod-dab', '--yes']]) {
      const result = await scene.cli(['revoke', ...args]);
      expect(result).toMatchObject({ code: 1, stderr: expect.stringContaining('never gave access') });
    }
    expect(scene.vault.holds('dba', 'eve')).toBe(true);
  });

  it('verifies, exports and notes the audit log', async () => {
    const scene = sceneOf();
    await scene.inside((house) => giveAccess(house, 'gus'));
    const log = await eventsOf(scene);
    const last = log.at(-1);
    const verified = await scene.cli(['audit', 'verify', '--json']);
    expect(verified.code).toBe(0);
    expect(JSON.parse(verified.stdout)).toMatchObject({
      ok: true,
      events: log.length,
      unsealed: 0,
      problem: null,
    });

    const exported = (await scene.cli(['audit', 'export'])).stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(exported.map(({ seq }) => seq)).toEqual(log.map(({ seq }) => seq));
    expect(exported.at(-1)).toEqual({
      seq: last?.seq,
      at: last?.at.toISOString(),
      actor: last?.actor,
      action: last?.action,
      details: last?.details,
      prev_hash: last?.prevHash,
      hash: last?.hash,
    });
    const rest = await scene.cli(['audit', 'export', '--after', String(log.length - 2)]);
    expect(rest.stdout.trimEnd().split('\n')).toHaveLength(2);

    const rows = await scene.cli(['audit', 'verify', '--ledger']);
    expect(rows).toMatchObject({ code: 0, stdout: expect.stringContaining('as their events left them') });

    const head = (await scene.cli(['audit', 'head'])).stdout.trim();
    expect(head).toBe(`${last?.seq}:${last?.hash}`);
    expect(await scene.cli(['audit', 'verify', '--head', head])).toMatchObject({ code: 0 });

    const cut = await scene.cli(['audit', 'verify', '--head', `${log.length + 5}:${last?.hash}`]);
    expect(cut).toMatchObject({ code: 1, stdout: expect.stringContaining('the tail was cut') });
    // With a key, a log that nobody signed is not good enough.
    const unsigned = await scene.cli(['audit', 'verify'], { CURFEW_AUDIT_KEY: 'a key of ours, long enough' });
    expect(unsigned).toMatchObject({ code: 1, stdout: expect.stringContaining('is not signed') });
  });

  it('works where curfew.yaml and the variables of the service are broken', async () => {
    const scene = sceneOf();
    const id = await scene.inside((house) => giveAccess(house, 'hal'));
    await writeFile(path.join(scene.place.directory, 'curfew.yaml'), 'roles: [what\n  is: this\n');
    const broken = { PORT: 'many', SLACK_BOT_TOKEN: 'xoxb-alone', LOG_LEVEL: 'loud' };
    expect(await scene.cli(['grants'], broken)).toMatchObject({
      code: 0,
      stdout: expect.stringContaining(id),
    });
    expect(await scene.cli(['revoke', id], broken)).toMatchObject({ code: 0 });
  });
});
