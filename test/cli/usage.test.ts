/** What every script can rely on: exit codes, help, sentences instead of stacks, and no secret in them. */
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { runCommand } from '../support/command-line.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'curfew-usage-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const cli = (args: readonly string[], env: Readonly<Record<string, string>> = {}, cwd = folder) =>
  runCommand(args, { cwd, env });

describe('the command line', () => {
  it.each(
    [[], ['serve'], ['check'], ['migrate'], ['grants'], ['revoke'], ['freeze'], ['connectors']]
      .concat([['audit'], ['audit', 'verify'], ['audit', 'export'], ['audit', 'head']])
      .map((command) => ({ command })),
  )('explains itself: $command', async ({ command }) => {
    const help = await cli([...command, '--help']);
    expect(help).toMatchObject({ code: 0, stderr: '' });
    expect(help.stdout).toContain(`Usage: curfew ${command.join(' ')}`.trimEnd());
  });

  it.each([
    [[], 'Usage'],
    [['grant'], 'Did you mean grants?'],
    [['grants', '--rolle', 'x'], 'unknown option'],
    [['grants', '--role', 'Prod DBA'], 'not the name of a role'],
    [['grants', '--user', 'ana'], 'not a mail address'],
    [['revoke'], 'Name what is to end'],
    [['revoke', 'R-7K3M', '--user', 'ana@acme.test'], 'not both'],
    [['revoke', 'R-OIL0'], 'not an id'],
    [['revoke', 'R-7K3M', '--reason', '  '], 'Say why'],
    [['revoke', 'R-7K3M', '--wait', 'long'], 'whole seconds'],
    [['freeze', '--status', '--off'], '--status only asks'],
    [['audit', 'verify', '--head', '7'], 'SEQ:HASH'],
    [['audit', 'export', '--after', '-1'], 'number of an event'],
  ] as const)('used wrongly it exits with 2 and says how: %s', async (args, sentence) => {
    const result = await cli(args);
    expect(result).toMatchObject({ code: 2, stdout: '' });
    expect(result.stderr).toContain(sentence);
  });

  it('says where it looked when there is no ledger, and makes none', async () => {
    const result = await cli(['grants']);
    expect(result).toMatchObject({ code: 1, stdout: '' });
    expect(result.stderr).toContain(path.join(folder, '.curfew'));
    expect(await cli(['grants'])).toEqual(result);
  });

  it('refuses a ledger that other users can look into', async () => {
    const open = path.join(folder, 'open');
    await mkdir(path.join(open, '.curfew/ledger'), { recursive: true });
    await chmod(path.join(open, '.curfew'), 0o755);
    expect(await cli(['grants'], {}, open)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('chmod 700'),
    });
  });

  it('puts failures in a sentence, without stack and without password', async () => {
    const wrong = new URL(inject('pg18Url'));
    wrong.password = 'hunter2-secret';
    const nowhere = new URL(inject('pg18Url'));
    nowhere.pathname = '/no_such_database';
    for (const [url, sentence] of [
      ['postgres://u:hunter2-secret@127.0.0.1:1/x', 'Nothing listens where DATABASE_URL points'],
      [wrong.href, 'refuses the user or the password'],
      [nowhere.href, 'does not exist'],
      [inject('pg18Url'), 'Run `curfew migrate`'],
      ['mysql://u:hunter2-secret@127.0.0.1/x', 'DATABASE_URL: This must begin with postgres://'],
    ] as const) {
      const result = await cli(['grants'], { DATABASE_URL: url });
      expect(result).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining(sentence) });
      expect(result.stderr).not.toMatch(/hunter2|\n\s+at /);
    }
  });

  it('does not start without a configuration, and names everything that is missing', async () => {
    const result = await cli(['serve']);
    expect(result.code).toBe(1);
    expect(result.stderr).toContain('curfew.yaml');
    expect(result.stderr).toContain('SLACK_BOT_TOKEN');
    expect(result.stderr).not.toMatch(/\n\s+at /);
  });

  it('checks a configuration, and asks its targets who they are', async () => {
    const place = path.join(folder, 'configured');
    await mkdir(place);
    const yaml = (roles: string) => `version: 1
admins: [user:mia@acme.test]
channels: { approvals: "#a", alerts: "#b" }
connectors:
  prod-pg: { kind: postgres, url: "\${PROD}", accounts: { from: email_local_part } }
  dead-pg: { kind: postgres, url: "\${DEAD}", accounts: { from: email_local_part } }
roles: ${roles}
`;
    const role = `
  prod-dba:
    title: Database admin
    owners: [user:omar@acme.test]
    risk: high
    environment: production
    sensitivity: confidential
    recertify_by: 2099-06-30
    max_duration: 4h
    entitlements: [{ connector: prod-pg, permission: { role: dba } }]
`;
    const env = { PROD: inject('pg18Url'), DEAD: 'postgres://u:hunter2-secret@127.0.0.1:1/x' };
    await writeFile(path.join(place, 'curfew.yaml'), yaml('{ prod-dba: { title: 7 } }'));
    const bad = await cli(['check'], env, place);
    expect(bad.code).toBe(1);
    expect(bad.stdout).toMatch(/curfew.yaml:7:\d+ roles.prod-dba/);
    expect(await cli(['connectors'], env, place)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('curfew.yaml:7:'),
    });

    await writeFile(path.join(place, 'curfew.yaml'), yaml(role));
    const good = await cli(['check', '--json'], env, place);
    expect(good.code).toBe(0);
    expect(JSON.parse(good.stdout)).toMatchObject({ ok: true, problems: [] });
    const listed = await cli(['connectors', '--json'], env, place);
    expect(listed.code).toBe(0);
    expect(JSON.parse(listed.stdout)).toEqual([
      { name: 'prod-pg', kind: 'postgres', roles: ['prod-dba'] },
      { name: 'dead-pg', kind: 'postgres', roles: [] },
    ]);
    const probed = await cli(['connectors', '--probe', '--json'], env, place);
    expect(probed.code).toBe(1);
    expect(JSON.parse(probed.stdout)).toMatchObject([
      { name: 'prod-pg', reachable: true, target: expect.stringMatching(/\d/) },
      { name: 'dead-pg', reachable: false, error: { code: expect.any(String) } },
    ]);
    expect((await cli(['connectors', '--probe'], env, place)).stdout).toMatch(
      /prod-pg +postgres +reachable +prod-dba/,
    );
    expect(probed.stdout).not.toContain('hunter2');
  });
});
