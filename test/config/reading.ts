import { formatProblem } from '../../src/config/problem.ts';
import { type ConfigSources, readConfig } from '../../src/config.ts';
import { fakeKind } from './fake-kind.ts';
import { fakeSourceKind } from './fake-source-kind.ts';

/** One role on one connector, with nothing wrong; lines 1 to 20. */
export const BASE = `version: 1
identity: { domains: [acme.test] }
admins: [user:mia@acme.test]
channels: { approvals: "#access-approvals", alerts: C0123 }
connectors:
  prod: { kind: fake, url: "fake:prod" }
roles:
  prod-dba:
    title: Production database admin
    owners: [user:Omar@ACME.test]
    risk: high
    environment: production
    sensitivity: confidential
    recertify_by: 2027-06-30
    max_duration: 4h
    default_duration: 1h30m
    requesters: [user:ana@acme.test]
    channel: "#dba"
    entitlements:
      - { connector: prod, permission: { group: dba } }
`;

/** `fake` targets and `pager` sources of incidents. */
export function fakeKinds() {
  return { connectors: [fakeKind()], incidents: [fakeSourceKind()] } as const;
}

/** Reads `yaml`, by default as `curfew check` would on a day in 2026. */
async function read(yaml: string, more: Partial<ConfigSources> = {}) {
  return readConfig({
    env: {},
    readFile: async () => yaml,
    kinds: fakeKinds(),
    needsChat: false,
    now: new Date('2026-11-20T12:00:00Z'),
    ...more,
  });
}

export async function accepted(yaml: string, more: Partial<ConfigSources> = {}) {
  const reading = await read(yaml, more);
  if (!reading.ok) throw new Error(reading.problems.map(formatProblem).join('\n'));
  return { ...reading.config, warnings: reading.warnings.map(formatProblem) };
}

export async function refused(yaml: string, more: Partial<ConfigSources> = {}) {
  const reading = await read(yaml, more);
  if (reading.ok) throw new Error('it was accepted');
  return reading.problems.map(formatProblem);
}

/** BASE with one line exchanged or taken out; fails when the line is not there. */
export function swap(line: string, by: string, yaml = BASE): string {
  if (!yaml.includes(line)) throw new Error(`not in the file: ${line}`);
  return yaml.replace(line, () => by);
}

/** `NAME` as a configuration refers to it. */
export function variable(name: string): string {
  return ['$', '{', name, '}'].join('');
}
