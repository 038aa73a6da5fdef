import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { connectorKinds } from '../../src/connectors/registry.ts';
import { incidentSourceKinds } from '../../src/incidents/registry.ts';
import { packageRoot } from '../../src/package-root.ts';
import { accepted, BASE, swap, variable } from './reading.ts';

describe('a good configuration', () => {
  it('becomes a catalog in plain units', async () => {
    const { catalog, timing, warnings } = await accepted(BASE);
    expect(warnings).toEqual([]);
    expect(catalog).toMatchObject({
      admins: ['mia@acme.test'],
      domains: ['acme.test'],
      channels: { approvals: '#access-approvals', alerts: 'C0123' },
    });
    expect(catalog.roles.get('prod-dba')).toEqual({
      name: 'prod-dba',
      title: 'Production database admin',
      owners: ['omar@acme.test'],
      risk: 'high',
      environment: 'production',
      sensitivity: 'confidential',
      recertifyBy: '2027-06-30',
      maxDurationS: 14_400,
      defaultDurationS: 5_400,
      requesters: ['ana@acme.test'],
      channel: '#dba',
      requiresIncident: false,
      entitlements: [{ connector: 'prod', permission: { group: 'dba', level: 'member' } }],
      problems: [],
    });
    expect(timing).toEqual({
      startByS: 900,
      requestExpiryS: 28_800,
      reminderBeforeEndS: 300,
      overdueAfterS: 60,
      readBackEveryS: 300,
    });
  });

  it('takes the domains of the admins where none are named, and every member where no requesters are', async () => {
    let yaml = swap('identity: { domains: [acme.test] }\n', '');
    yaml = swap('[user:mia@acme.test]', '[user:mia@acme.test, user:li@Other.test]', yaml);
    yaml = swap('    requesters: [user:ana@acme.test]\n', '', yaml);
    yaml = swap('    channel: "#dba"\n', '', yaml);
    yaml = swap('    default_duration: 1h30m\n', '', yaml);
    const { catalog } = await accepted(yaml);
    expect(catalog.domains).toEqual(['acme.test', 'other.test']);
    expect(catalog.roles.get('prod-dba')).toMatchObject({
      requesters: null,
      channel: null,
      defaultDurationS: 3_600,
    });
  });

  it('names channels for each platform, and people whom no directory tells', async () => {
    const tenant = '11111111-2222-3333-4444-555555555555';
    const user = 'AAAAAAAA-2222-3333-4444-555555555555';
    const link = 'https://teams.microsoft.com/l/channel/19%3aabc%40thread.tacv2/Access?groupId=1&tenantId=2';
    let yaml = swap('approvals: "#access-approvals"', `approvals: { slack: "#access", teams: "${link}" }`);
    yaml = swap('channel: "#dba"', 'channel: { teams: "Databases/On call" }', yaml);
    yaml = swap(
      'domains: [acme.test]',
      `domains: [acme.test], people: { Pat@contractor.test: { slack: T0123/U0456, teams: ${tenant}/${user} } }`,
      yaml,
    );
    const { catalog } = await accepted(yaml);
    expect(catalog.channels.approvals).toEqual({ slack: '#access', teams: link });
    expect(catalog.roles.get('prod-dba')?.channel).toEqual({ teams: 'Databases/On call' });
    expect([...catalog.mapped]).toEqual([
      ['slack:T0123/U0456', 'pat@contractor.test'],
      [`teams:${tenant}/${user.toLowerCase()}`, 'pat@contractor.test'],
    ]);
  });

  it('takes an identity that two people are said to have for neither, and says so', async () => {
    const yaml = swap(
      'domains: [acme.test]',
      'domains: [acme.test], people: { a@acme.test: { slack: T0123/U0456 }, b@acme.test: { slack: T0123/U0456 } }',
    );
    const { catalog, warnings } = await accepted(yaml);
    expect(catalog.mapped.size).toBe(0);
    expect(warnings).toEqual([
      expect.stringContaining('T0123/U0456 is named for a@acme.test too, so it counts for neither.'),
    ]);
  });

  it('suggests no more than the longest where no usual duration is named', async () => {
    const yaml = swap('max_duration: 4h\n    default_duration: 1h30m', 'max_duration: 20m');
    const { catalog } = await accepted(yaml);
    expect(catalog.roles.get('prod-dba')?.defaultDurationS).toBe(1_200);
  });

  it('can set how long things take', async () => {
    const { timing } = await accepted(`${BASE}timing: { start_by: 30s, overdue_after: 5s }\n`);
    expect(timing).toMatchObject({ startByS: 30, overdueAfterS: 5, reminderBeforeEndS: 300 });
  });

  it('is the example, which says nothing wrong about itself', async () => {
    const env = {
      PROD_PG_URL: 'postgres://curfew:example@db.acme.test/postgres',
      GITHUB_TOKEN: 'ghp_example0000000000',
      BILLING_WEBHOOK_SECRET: `whsec_${Buffer.alloc(32, 7).toString('base64')}`,
    };
    const kinds = { connectors: connectorKinds, incidents: incidentSourceKinds };
    const example = await readFile(join(packageRoot(), 'examples/curfew.yaml'), 'utf8');
    const { catalog, connectors, warnings } = await accepted(example, { env, kinds });
    expect(warnings).toEqual([]);
    expect([...catalog.roles.keys()]).toEqual(['prod-dba', 'release-manager']);
    expect([...connectors.values()].map(({ kind }) => kind)).toEqual(['postgres', 'github', 'webhook']);
    await Promise.all([...connectors.values()].map((connector) => connector.close()));
  });

  it('may hold 5,000 roles', async () => {
    const role = BASE.slice(BASE.indexOf('  prod-dba:'));
    const many = Array.from({ length: 4_999 }, (_, i) =>
      role.replace('prod-dba', `role-${i}x`).replace('group: dba', `group: g${i}`),
    );
    const { catalog, warnings } = await accepted(BASE + many.join(''));
    expect(catalog.roles.size).toBe(5_000);
    expect(warnings).toEqual([]);
  });
});

describe("the catalog's version", () => {
  const versionOf = async (yaml: string, env = {}) => (await accepted(yaml, { env })).catalog.version;

  it('is the same for the same content, however it is written', async () => {
    const version = await versionOf(BASE);
    expect(version).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(await versionOf(`# a comment\n${swap('max_duration: 4h', 'max_duration: 240m')}`)).toBe(version);
  });

  it.each([
    ['max_duration: 4h', 'max_duration: 5h'],
    ['user:Omar@ACME.test', 'user:lea@acme.test'],
    ['group: dba', 'group: dbb'],
    ['"#dba"', '"#dbb"'],
    ['user:mia@', 'user:max@'],
  ])('changes with what policy sees: %s', async (line, by) => {
    expect(await versionOf(swap(line, by))).not.toBe(await versionOf(BASE));
  });

  it('does not depend on secrets', async () => {
    const yaml = swap('"fake:prod"', `"fake:${variable('TOKEN')}"`);
    expect(await versionOf(yaml, { TOKEN: 'one-secret' })).toBe(
      await versionOf(yaml, { TOKEN: 'another-one' }),
    );
  });
});

describe('a role that cannot be requested', () => {
  it.each([
    [
      'has no owner',
      '    owners: [user:Omar@ACME.test]\n',
      '',
      '8:3 roles.prod-dba.owners: It has no owner, so nobody could approve it.',
    ],
    [
      'has an empty list of owners',
      '[user:Omar@ACME.test]',
      '[]',
      '10:5 roles.prod-dba.owners: It has no owner, so nobody could approve it.',
    ],
    [
      'has an owner from outside',
      'user:Omar@ACME.test',
      'user:eve@evil.test',
      '10:14 roles.prod-dba.owners[0]: Its owner eve@evil.test is not of acme.test (identity.domains).',
    ],
    [
      'names an unknown connector',
      'connector: prod,',
      'connector: prd,',
      '20:11 roles.prod-dba.entitlements[0].connector: Its connector prd is not configured; did you mean prod?',
    ],
    [
      'has a permission that its connector refuses',
      '{ group: dba }',
      '{ group: dba, level: god }',
      '20:54 roles.prod-dba.entitlements[0].permission.level: Its permission on prod is refused, level: This must be member or maintainer.',
    ],
    [
      'suggests more than it allows',
      '1h30m',
      '5h',
      '16:5 roles.prod-dba.default_duration: Its default_duration (5 h) is longer than its max_duration (4 h).',
    ],
    [
      'gives one thing twice',
      '{ connector: prod, permission: { group: dba } }',
      '{ connector: prod, permission: { group: dba } }\n      - { connector: prod, permission: { group: dba, level: member } }',
      '21:28 roles.prod-dba.entitlements[1].permission: It gives member of dba on prod twice.',
    ],
  ])('%s: Curfew starts, and says why', async (_name, line, by, expected) => {
    const { catalog, warnings } = await accepted(swap(line, by));
    expect(warnings).toEqual([`curfew.yaml:${expected}`]);
    expect(catalog.roles.get('prod-dba')?.problems).toEqual([expected.replace(/^\S+ \S+ /, '')]);
  });

  it('is past its recertification date, or has none: a matter of the day, so not written into the role', async () => {
    const now = new Date('2027-07-01T00:00:00Z');
    const late = await accepted(BASE, { now });
    expect(late.warnings).toEqual([
      'curfew.yaml:14:5 roles.prod-dba.recertify_by: Its owners were to recertify it by 2027-06-30; since then it cannot be requested.',
    ]);
    expect(late.catalog.roles.get('prod-dba')?.problems).toEqual([]);
    expect((await accepted(BASE, { now: new Date('2027-06-30T23:59:59Z') })).warnings).toEqual([]);
    const none = await accepted(swap('    recertify_by: 2027-06-30\n', ''));
    expect(none.warnings).toEqual([
      'curfew.yaml:8:3 roles.prod-dba.recertify_by: It has no recertification date, so it cannot be requested.',
    ]);
  });

  it('shares an edge with a role that gives another level of it', async () => {
    const second = BASE.slice(BASE.indexOf('  prod-dba:'))
      .replace('prod-dba:', 'prod-lead:')
      .replace('group: dba', 'group: dba, level: maintainer');
    const { catalog, warnings } = await accepted(BASE + second);
    expect(warnings).toHaveLength(2);
    expect(catalog.roles.get('prod-dba')?.problems[0]).toMatch(
      /^It gives member of dba on prod, and role prod-lead gives maintainer of dba on prod:/,
    );
    expect(catalog.roles.get('prod-lead')?.problems[0]).toMatch(/and role prod-dba gives member of dba/);
  });
});
