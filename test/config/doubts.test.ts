/** What `curfew check` says of configurations that are well formed and hardly wanted. */
import { expect, it } from 'vitest';
import { checkConfig, renderCheck } from '../../src/config/check.ts';
import { connectorKinds } from '../../src/connectors/registry.ts';
import { incidentSourceKinds } from '../../src/incidents/registry.ts';

const yaml = (
  over: { url?: string; accounts?: string; role?: string; owner?: string; domains?: string } = {},
) => `version: 1
identity: { domains: [${over.domains ?? 'acme.test'}], non_ascii_addresses: true }
admins: [user:mia@acme.test]
channels: { approvals: "#a", alerts: "#b" }
connectors:
  pg: { kind: postgres, url: "${over.url ?? 'postgres://curfew:x@localhost/app'}", accounts: { ${over.accounts ?? 'from: email'} } }
roles:
  dba:
    title: DBA
    owners: [user:${over.owner ?? 'omar@acme.test'}]
    risk: high
    environment: production
    sensitivity: confidential
    recertify_by: 2027-06-30
    max_duration: 4h
    requesters: [user:ana@acme.test]
    entitlements: [{ connector: pg, permission: { role: ${over.role ?? 'dba'} } }]
`;
const check = (text: string, env = {}) =>
  checkConfig({
    env,
    readFile: async () => text,
    kinds: { connectors: connectorKinds, incidents: incidentSourceKinds },
    needsChat: false,
    now: new Date('2026-11-20T12:00:00Z'),
  });

it.each([
  ['no TLS', yaml({ url: 'postgres://curfew:x@db.acme.test/app' }), 'connectors.pg.url', 'verify-full'],
  [
    'a rule for a domain that nobody has',
    yaml({ accounts: 'from: { rule: email_local_part, domain: b.test }' }),
    'connectors.pg.accounts.from.domain',
    'identity.domains',
  ],
  ['a superuser by another name', yaml({ role: 'pg_write_server_files' }), 'permission.role', 'superuser'],
  [
    'its only owner is its only requester',
    yaml({ owner: 'ana@acme.test' }),
    'roles.dba.owners',
    'add an owner',
  ],
  ['two scripts', yaml({ owner: 'om\u0430r@acme.test' }), 'roles.dba.owners[0]', 'mixes letters'],
])('warns of %s, and fails only when it is to be strict', async (_what, text, path, why) => {
  const result = await check(text);
  const shown = renderCheck(result, { json: false });
  expect(shown.exitCode).toBe(0);
  expect(shown.text).toMatch(/^curfew\.yaml:\d+:\d+ /);
  expect(shown.text).toContain(path);
  expect(shown.text).toContain(why);
  expect(shown.text).toContain('1 warning.');
  expect(renderCheck(result, { json: false, strict: true }).exitCode).toBe(1);
});

it.each([
  [
    'two people with one account',
    yaml({ accounts: 'map: { ana@acme.test: x, bob@acme.test: x }' }),
    'one account, x',
  ],
  ["the bot's own login", yaml({ role: 'curfew' }), "Curfew's own login"],
  [
    'a rule that makes one account of two people',
    yaml({ domains: 'acme.test, b.test', accounts: 'from: email_local_part' }),
    'Write from: { rule: email_local_part, domain: acme.test }',
  ],
])('fails for %s', async (_what, text, why) => {
  const shown = renderCheck(await check(text), { json: false });
  expect(shown).toEqual({ exitCode: 1, text: expect.stringContaining(why) });
});

it('takes two spellings of a login at GitHub for one account, and of a role in PostgreSQL for two', async () => {
  const map = 'map: { ana@acme.test: Octocat, bob@acme.test: octocat }';
  const github = `identity: { domains: [acme.test] }
channels: { approvals: "#a", alerts: "#b" }
connectors:
  gh: { kind: github, org: acme, token: t0ken, accounts: { ${map} } }
roles: {}
`;
  expect(renderCheck(await check(github), { json: false }).text).toContain('have one account, octocat');
  expect(renderCheck(await check(yaml({ accounts: map })), { json: false }).text).not.toContain(
    'one account',
  );
});

it('warns of a ledger elsewhere without TLS', async () => {
  const shown = renderCheck(await check(yaml(), { DATABASE_URL: 'postgres://c:x@db.acme.test/c' }), {
    json: false,
  });
  expect(shown).toEqual({
    exitCode: 0,
    text: expect.stringMatching(/^environment DATABASE_URL: .*\(warning\)\n1 warning\.$/),
  });
});
