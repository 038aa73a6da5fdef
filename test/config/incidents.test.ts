import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { incidentSourceKinds } from '../../src/incidents/registry.ts';
import { packageRoot } from '../../src/package-root.ts';
import { accepted, BASE, fakeKinds, refused, swap, variable } from './reading.ts';

const REQUIRES = swap('risk: high', 'risk: high\n    requires: incident');
const WITH_SOURCE = `${BASE}incidents:
  pd:
    kind: pager
    webhook_secret: in-the-file
    severities: { P1: sev1 }
    grace: 15m
    unconfirmed: end
`;

describe('sources of incidents', () => {
  it('need not be there, and then nothing that is opened by hand is trusted', async () => {
    const { incidents, catalog } = await accepted(BASE);
    expect(incidents.size).toBe(0);
    expect(catalog.manualIncidentsTrusted).toBe(false);
    expect((await accepted(`${BASE}incidents: {}\n`)).incidents.size).toBe(0);
  });

  it('are made by their names', async () => {
    const { incidents, warnings } = await accepted(WITH_SOURCE);
    expect(warnings).toEqual([]);
    expect([...incidents.values()]).toEqual([
      expect.objectContaining({ name: 'pd', kind: 'pager', graceS: 900, unconfirmed: 'end' }),
    ]);
  });

  it('can be of every kind', async () => {
    const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
    const lines = incidentSourceKinds.map(
      ({ kind }) => `  ${kind}: { kind: ${kind}, webhook_secret: "${secret}" }`,
    );
    const kinds = { connectors: fakeKinds().connectors, incidents: incidentSourceKinds };
    const { incidents } = await accepted(`${BASE}incidents:\n${lines.join('\n')}\n`, { kinds });
    const made = ['pagerduty', 'incident-io', 'rootly', 'standard'];
    expect([...incidents.values()].map(({ name, kind }) => [name, kind])).toEqual(
      made.map((kind) => [kind, kind]),
    );
    await Promise.all([...incidents.values()].map((source) => source.close()));
  });

  it('are trusted by hand where the configuration says so', async () => {
    const { incidents, catalog } = await accepted(`${BASE}incidents: { manual: { trusted: true } }\n`);
    expect(catalog.manualIncidentsTrusted).toBe(true);
    expect(incidents.size).toBe(0);
  });

  it.each([
    ['that are a list', 'incidents: []', '21:1 incidents: This must be a map, not a list.'],
    [
      'of an unknown kind',
      'incidents: { pd: { kind: pagr } }',
      '21:20 incidents.pd.kind: This must be pager.',
    ],
    [
      'with an unknown key',
      'incidents: { pd: { kind: pager, webhook_secret: x, grase: 0s } }',
      '21:52 incidents.pd.grase: There is no such key; did you mean grace?',
    ],
    [
      'without their secret',
      'incidents: { pd: { kind: pager } }',
      '21:14 incidents.pd.webhook_secret: This is missing.',
    ],
    [
      'with a malformed name',
      'incidents: { PD: { kind: pager, webhook_secret: x } }',
      '21:14 incidents.PD: A name has lower-case letters, digits and hyphens: prod-dba.',
    ],
    [
      'that are called manual',
      'incidents: { manual: { kind: pager } }',
      '21:24 incidents.manual.kind: There is no such key here, only trusted.',
    ],
    [
      'whose trust is no yes or no',
      'incidents: { manual: { trusted: maybe } }',
      '21:24 incidents.manual.trusted: This must be true or false, not text.',
    ],
    [
      'that cannot be made',
      'incidents: { pd: { kind: pager, webhook_secret: broken } }',
      '21:14 incidents.pd: This source cannot be made: cannot use [redacted]',
    ],
    [
      'with too long a grace',
      'incidents: { pd: { kind: pager, webhook_secret: x, grace: 2d } }',
      '21:52 incidents.pd.grace: At most 24h.',
    ],
  ])('%s stop the service, with their place', async (_name, line, expected) => {
    expect(await refused(`${BASE}${line}\n`)).toEqual([`curfew.yaml:${expected}`]);
  });

  it('are all looked at together with everything else', async () => {
    const yaml = `${swap('risk: high', 'risk: huge')}incidents:\n  pd: { kind: pager }\n  Up: { kind: pager, webhook_secret: x }\n`;
    expect(await refused(yaml)).toEqual([
      expect.stringContaining('roles.prod-dba.risk'),
      expect.stringContaining('incidents.pd.webhook_secret: This is missing.'),
      expect.stringContaining('incidents.Up: A name has'),
    ]);
  });

  it('keep their secrets out of the log, from the file or from a variable under any key', async () => {
    const yaml = WITH_SOURCE.replace('P1: sev1', `P1: "${variable('SEVERITY')}"`);
    const { secrets } = await accepted(yaml, { env: { SEVERITY: 'from-the-environment' } });
    expect(secrets).toEqual(expect.arrayContaining(['in-the-file', 'from-the-environment']));
    const kinds = { connectors: fakeKinds().connectors, incidents: incidentSourceKinds };
    const two = `${BASE}incidents: { pd: { kind: pagerduty, webhook_secret: [first-one, second-one], api_token: tok-9 } }\n`;
    const several = await accepted(two, { kinds });
    expect(several.secrets).toEqual(expect.arrayContaining(['first-one', 'second-one', 'tok-9']));
  });
});

describe('a role that requires an incident', () => {
  const PROBLEM = 'It needs an incident, and no source of incidents is configured.';

  it('can be asked for where a source is configured', async () => {
    const { catalog, warnings } = await accepted(REQUIRES + WITH_SOURCE.slice(BASE.length));
    expect(warnings).toEqual([]);
    expect(catalog.roles.get('prod-dba')).toMatchObject({ requiresIncident: true, problems: [] });
  });

  it('can be asked for where incidents opened by hand are trusted', async () => {
    const { catalog } = await accepted(`${REQUIRES}incidents: { manual: { trusted: true } }\n`);
    expect(catalog.roles.get('prod-dba')?.problems).toEqual([]);
  });

  it.each(['', 'incidents: { manual: { trusted: false } }\n'])(
    'cannot where neither is so: %s',
    async (more) => {
      const { catalog, warnings } = await accepted(REQUIRES + more);
      expect(warnings).toEqual([`curfew.yaml:12:5 roles.prod-dba.requires: ${PROBLEM}`]);
      expect(catalog.roles.get('prod-dba')?.problems).toEqual([PROBLEM]);
    },
  );

  it('is not complained of where the source is only wrong itself', async () => {
    expect(await refused(`${REQUIRES}incidents: { pd: { kind: pager } }\n`)).toHaveLength(1);
  });

  it('says incident and nothing else', async () => {
    expect(await refused(swap('risk: high', 'risk: high\n    requires: ticket'))).toEqual([
      'curfew.yaml:12:5 roles.prod-dba.requires: This must be incident.',
    ]);
  });
});

describe("the catalog's version", () => {
  const versionOf = async (yaml: string) => (await accepted(yaml)).catalog.version;

  it.each([
    ['P1: sev1', 'P1: sev2'],
    ['grace: 15m', 'grace: 0s'],
    ['unconfirmed: end', 'unconfirmed: keep'],
    ['  pd:', '  pd2:'],
    ['incidents:', 'incidents:\n  manual: { trusted: true }'],
  ])('changes with what incidents mean for access: %s', async (line, by) => {
    expect(await versionOf(swap(line, by, WITH_SOURCE))).not.toBe(await versionOf(WITH_SOURCE));
  });

  it('changes with whether a role requires one', async () => {
    expect(await versionOf(REQUIRES)).not.toBe(await versionOf(BASE));
  });

  it('does not depend on a source’s secrets', async () => {
    const other = swap('in-the-file', 'another', WITH_SOURCE);
    expect(await versionOf(other)).toBe(await versionOf(WITH_SOURCE));
  });
});

describe('a source by Standard Webhooks', () => {
  const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
  const kinds = { connectors: fakeKinds().connectors, incidents: incidentSourceKinds };
  const entry = (fields: string) => `${BASE}incidents:\n  ops:\n    kind: standard\n${fields}`;
  const lines = (fields: Record<string, string>) =>
    Object.entries(fields)
      .map(([key, value]) => `    ${key}: ${value}\n`)
      .join('');
  const API = { api_url: 'https://status.acme.test', api_token: 'tok-1' };

  it.each([
    [{ webhook_secret: 'short' }, 'webhook_secret: This must be whsec_ and 24 to 64 random bytes in base64.'],
    [
      { webhook_secret: SECRET, header: 'X-Secret' },
      'header: A signed source needs no header; signed: false does.',
    ],
    [
      { webhook_secret: SECRET, api_url: API.api_url },
      'api_token: With api_url, a token to ask with is needed.',
    ],
    [{ webhook_secret: SECRET, api_token: 'tok-1' }, 'api_token: A token without api_url is of no use.'],
    [
      { webhook_secret: '0123456789abcdef', signed: 'false', header: 'X-Secret' },
      'api_url: What nobody signed is never believed, so Curfew needs an address to ask.',
    ],
    [
      { webhook_secret: '0123456789abcdef', signed: 'false', ...API },
      'header: Without signatures, name the header with the secret.',
    ],
    [
      { webhook_secret: 'tiny', signed: 'false', header: 'X-Secret', ...API },
      'webhook_secret: This needs at least 16 characters.',
    ],
    [{ signed: 'true' }, 'webhook_secret: This is missing.'],
  ])('is refused as %j', async (fields, expected) => {
    const [problem, ...more] = await refused(entry(lines(fields)), { kinds });
    expect(problem).toContain(`incidents.ops.${expected}`);
    expect(more).toEqual([]);
  });

  it('may be unsigned where it can be asked', async () => {
    const fields = lines({ webhook_secret: '0123456789abcdef', signed: 'false', header: 'X-Secret', ...API });
    const { incidents } = await accepted(entry(fields), { kinds });
    expect(incidents.get('ops')?.polls).toBe(true);
    await incidents.get('ops')?.close();
  });
});

it('the example’s sources are good as soon as their # is taken off', async () => {
  const example = await readFile(join(packageRoot(), 'examples/curfew.yaml'), 'utf8');
  const commented = example.slice(example.indexOf('# incidents:\n'));
  const section = commented.slice(0, commented.indexOf('\n\n')).replaceAll(/^# ?/gm, '');
  const env = {
    PAGERDUTY_WEBHOOK_SECRET: 'pd-webhook-secret',
    PAGERDUTY_TOKEN: 'pd-token',
    OPS_WEBHOOK_SECRET: `whsec_${Buffer.alloc(32, 7).toString('base64')}`,
  };
  const kinds = { connectors: fakeKinds().connectors, incidents: incidentSourceKinds };
  const { incidents } = await accepted(`${BASE}${section}\n`, { env, kinds });
  expect([...incidents.values()].map(({ name, polls }) => [name, polls])).toEqual([
    ['pagerduty', true],
    ['ops', false],
  ]);
  await Promise.all([...incidents.values()].map((source) => source.close()));
});
