import { describe, expect, it } from 'vitest';
import { fakeKinds, refused, swap } from './reading.ts';

describe('a wrong shape stops the service, and every fault is named with its place', () => {
  it.each([
    [
      'an unknown key',
      'risk: high',
      'risk: high\n    ownerz: []',
      '12:5 roles.prod-dba.ownerz: There is no such key; did you mean owners?',
    ],
    [
      'an unknown section',
      'admins:',
      'policies: {}\nadmins:',
      '3:1 policies: There is no such key here, only version, identity, admins, channels, timing, limits, connectors, incidents, roles.',
    ],
    [
      'an unknown key of a connector',
      'kind: fake,',
      'kind: fake, end_sessions: true,',
      '6:23 connectors.prod.end_sessions: There is no such key; did you mean ends_sessions?',
    ],
    ['a missing key', '    risk: high\n', '', '8:3 roles.prod-dba.risk: This is missing.'],
    [
      'an empty key',
      'title: Production database admin',
      'title:',
      '9:5 roles.prod-dba.title: This must be text, not nothing.',
    ],
    [
      'a word that is none of the choices',
      'risk: high',
      'risk: huge',
      '11:5 roles.prod-dba.risk: This must be low or medium or high or critical.',
    ],
    [
      'a number for a duration',
      'max_duration: 4h',
      'max_duration: 4',
      '15:5 roles.prod-dba.max_duration: Write a length of time, such as 30m or 1h30m.',
    ],
    [
      'a duration that is none',
      'max_duration: 4h',
      'max_duration: 4 hours',
      '15:5 roles.prod-dba.max_duration: 4 hours is not a length of time: write 30m, 2h or 1h30m.',
    ],
    [
      'a day that does not exist',
      '2027-06-30',
      '2027-06-31',
      '14:5 roles.prod-dba.recertify_by: Write a day that exists as YYYY-MM-DD.',
    ],
    [
      'a long title',
      'Production database admin',
      'x'.repeat(76),
      '9:5 roles.prod-dba.title: This may have at most 75 characters.',
    ],
    [
      'a role named like a command',
      '  prod-dba:',
      '  revoke:',
      '8:3 roles.revoke: That word is a command; a role needs another name.',
    ],
    [
      'a role named like a duration',
      '  prod-dba:',
      '  30m:',
      '8:3 roles.30m: That reads like a length of time; a role needs another name.',
    ],
    [
      'a role with a malformed name',
      '  prod-dba:',
      '  Prod_DBA:',
      '8:3 roles.Prod_DBA: A name has lower-case letters, digits and hyphens: prod-dba.',
    ],
    [
      'a person without a kind',
      'user:ana@acme.test',
      'ana@acme.test',
      '17:18 roles.prod-dba.requesters[0]: Write a person as user:name@example.com.',
    ],
    [
      'no entitlements',
      '    entitlements:\n      - { connector: prod, permission: { group: dba } }',
      '    entitlements: []',
      '19:5 roles.prod-dba.entitlements: This needs at least 1 entry.',
    ],
    [
      'an unknown kind of connector',
      'kind: fake,',
      'kind: fakir,',
      '6:11 connectors.prod.kind: This must be fake.',
    ],
    [
      'a connector that is no map',
      '{ kind: fake, url: "fake:prod" }',
      '7',
      '6:3 connectors.prod: This must be a map, not a number.',
    ],
    [
      'a connector setting out of form',
      '"fake:prod"',
      '"prod"',
      '6:23 connectors.prod.url: must begin with fake:',
    ],
    [
      'a connector that cannot be made',
      '"fake:prod"',
      '"fake:broken"',
      '6:3 connectors.prod: This connector cannot be made: cannot use fake:broken',
    ],
    [
      'an admin from outside',
      'user:mia@acme.test',
      'user:mia@evil.test',
      '3:10 admins[0]: mia@evil.test is not of acme.test (identity.domains), so Curfew would not know them.',
    ],
    ['another version', 'version: 1', 'version: 2', '1:1 version: This must be 1.'],
    [
      'a channel that YAML took for a comment',
      '"#dba"',
      '#dba',
      '18:5 roles.prod-dba.channel: This must be text, not nothing.',
    ],
  ])('%s', async (_name, line, by, expected) => {
    expect(await refused(swap(line, by))).toEqual([`curfew.yaml:${expected}`]);
  });

  it('lists all of them at once, in the order of the file, role problems too', async () => {
    let yaml = swap('user:mia@acme.test', 'mia');
    yaml = swap('risk: high', 'risk: huge', yaml);
    yaml = `${yaml}  staging:
    title: Staging
    risk: low
    environment: staging
    sensitivity: internal
    recertify_by: 2020-01-01
    max_duration: 1h
    entitlements:
      - { connector: prood, permission: { group: x } }
`;
    expect(await refused(yaml)).toEqual([
      'curfew.yaml:3:10 admins[0]: Write a person as user:name@example.com.',
      'curfew.yaml:11:5 roles.prod-dba.risk: This must be low or medium or high or critical.',
      'curfew.yaml:21:3 roles.staging.owners: It has no owner, so nobody could approve it.',
      'curfew.yaml:26:5 roles.staging.recertify_by: Its owners were to recertify it by 2020-01-01; since then it cannot be requested.',
      'curfew.yaml:29:11 roles.staging.entitlements[0].connector: Its connector prood is not configured; did you mean prod?',
    ]);
  });

  it('does not call a connector unknown that is only wrong itself', async () => {
    expect(await refused(swap('kind: fake,', 'kind: fakir,'))).toHaveLength(1);
  });

  it('closes the connectors and sources that it made', async () => {
    const kinds = fakeKinds();
    const yaml = `${swap('risk: high', 'risk: huge')}incidents: { pd: { kind: pager, webhook_secret: x } }\n`;
    await refused(yaml, { kinds });
    expect(kinds.connectors[0].closed).toEqual(['prod']);
    expect(kinds.incidents[0].closed).toEqual(['pd']);
  });
});
