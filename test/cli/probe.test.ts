/** `curfew connectors --probe`: what a target would refuse is said before anybody asks, with what mends it. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, inject, it } from 'vitest';
import { runCommand } from '../support/command-line.ts';
import { type PostgresFixture, postgresFixture } from '../support/postgres-fixture.ts';

let target: PostgresFixture;
let folder: string;
beforeEach(async () => {
  target = await postgresFixture(inject('pg18Url'), inject('pg15Url'));
  folder = await mkdtemp(path.join(tmpdir(), 'curfew-probe-'));
});
afterEach(async () => {
  await target.tearDown();
  await rm(folder, { recursive: true, force: true });
});

it('names the role that Curfew may not give, and the statement after which it may', async () => {
  const { admin, names, url } = target;
  const roleOf = (name: string, role: string) => `  ${name}:
    title: ${name}
    owners: [user:omar@acme.test]
    risk: high
    environment: production
    sensitivity: confidential
    recertify_by: 2099-06-30
    max_duration: 4h
    entitlements: [{ connector: prod-pg, permission: { role: ${role} } }]
`;
  const yaml = `version: 1
admins: [user:mia@acme.test]
channels: { approvals: "#a", alerts: "#b" }
connectors:
  prod-pg: { kind: postgres, url: "\${PROD}", accounts: { from: email_local_part } }
roles:
${roleOf('prod-dba', names.dba)}${roleOf('prod-ops', names.ops)}`;
  await writeFile(path.join(folder, 'curfew.yaml'), yaml);
  await admin.unsafe(`revoke ${names.dba} from ${names.bot}`);
  const probe = () => runCommand(['connectors', '--probe', '--json'], { cwd: folder, env: { PROD: url } });

  const statement = `GRANT "${names.dba}" TO "${names.bot}" WITH ADMIN TRUE, INHERIT FALSE, SET FALSE;`;
  const before = await probe();
  expect(before.code).toBe(1);
  expect(JSON.parse(before.stdout)).toMatchObject([
    { name: 'prod-pg', reachable: true, problems: [expect.stringContaining(`Run: ${statement}`)] },
  ]);

  await admin.unsafe(statement);
  const after = await probe();
  expect(JSON.parse(after.stdout)).toMatchObject([{ reachable: true, problems: [] }]);
  expect(after.code).toBe(0);
});
