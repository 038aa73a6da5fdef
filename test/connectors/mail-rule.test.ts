/** Whose account is whose, from the configuration to the target: namesakes of two mail domains share none. */
import { afterEach, describe, expect, inject, it } from 'vitest';
import { readConfig } from '../../src/config.ts';
import type { Connector } from '../../src/connectors/connector.ts';
import { connectorKinds } from '../../src/connectors/registry.ts';
import { incidentSourceKinds } from '../../src/incidents/registry.ts';
import { callContext } from '../support/connector-fixture.ts';
import { ORG, startGithub, TOKEN } from '../support/github-emulator.ts';
import { postgresFixture } from '../support/postgres-fixture.ts';
import { SECRET, startWebhookWorld } from '../support/webhook-world.ts';

const PLAIN = 'email_local_part';
const NAMED = '{ rule: email_local_part, domain: acme.test }';

const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

/** A target with a login for ana, as lines of its entry in the configuration. */
const targets: Record<string, () => Promise<{ entry: string; ana: string }>> = {
  async postgres() {
    const fixture = await postgresFixture(inject('pg18Url'), inject('pg15Url'));
    cleanUps.push(fixture.tearDown);
    return { entry: `kind: postgres, url: "${fixture.url}"`, ana: fixture.names.ana };
  },
  async github() {
    const world = await startGithub();
    cleanUps.push(world.close);
    const api = `http://127.0.0.1:${world.port}`;
    return { entry: `kind: github, org: ${ORG}, token: ${TOKEN}, api_url: "${api}"`, ana: 'ana' };
  },
  async webhook() {
    const world = await startWebhookWorld({ accounts: { 'ana@acme.test': 'ana' }, permissions: [] });
    cleanUps.push(world.close);
    const url = `http://127.0.0.1:${world.port}/curfew`;
    return { entry: `kind: webhook, url: "${url}", secret: ${SECRET}`, ana: 'ana' };
  },
};

async function connect(entry: string, accounts: string, domains: string): Promise<Connector> {
  const yaml = `version: 1
identity: { domains: [${domains}] }
admins: [user:mia@acme.test]
channels: { approvals: "#a", alerts: "#b" }
connectors:
  target: { ${entry}, accounts: { ${accounts} } }
roles: {}
`;
  const kinds = { connectors: connectorKinds, incidents: incidentSourceKinds };
  const reading = await readConfig({
    env: {},
    readFile: async () => yaml,
    kinds,
    needsChat: false,
    now: new Date(),
  });
  if (!reading.ok) throw new Error(JSON.stringify(reading.problems));
  const connector = reading.config.connectors.get('target') ?? expect.fail('no connector');
  cleanUps.push(() => connector.close());
  return connector;
}

describe.each(['postgres', 'github', 'webhook'])('accounts of %s', (kind) => {
  it('are given by name within the one domain of the rule, and to nobody of another one', async () => {
    const { entry, ana } = (await targets[kind]?.()) ?? expect.fail('no such target');
    const resolve = async (accounts: string, domains: string, email: string) => {
      const connector = await connect(entry, accounts, domains);
      return connector.resolveAccount({ email }, callContext(null));
    };
    const both = 'acme.test, contractor.test';
    const [own, namesake] = [`${ana}@acme.test`, `${ana}@contractor.test`];
    const given = { ok: true, account: ana };
    const unmapped = (message: string) => ({
      ok: false,
      reason: 'unmapped',
      message: expect.stringContaining(message),
    });

    expect(await resolve(`from: ${PLAIN}`, 'acme.test', own)).toMatchObject(given);
    // Somebody of another domain is known by identity.people.
    expect(await resolve(`from: ${PLAIN}`, 'acme.test', namesake)).toEqual(unmapped('at acme.test only'));
    expect(await resolve(`from: ${NAMED}`, both, own)).toMatchObject(given);
    expect(await resolve(`from: ${NAMED}`, both, namesake)).toEqual(unmapped('at acme.test only'));
    for (const email of [own, namesake])
      expect(await resolve(`from: ${PLAIN}`, both, email)).toEqual(unmapped(`Write from: ${NAMED}`));
    const map = `map: { ${own}: ${ana} }`;
    expect(await resolve(`${map}, from: ${PLAIN}`, both, own)).toMatchObject(given);
  });

  it('that the map gives to somebody are nobody else’s by the rule', async () => {
    const { entry, ana } = (await targets[kind]?.()) ?? expect.fail('no such target');
    const connector = await connect(entry, `map: { bo@acme.test: ${ana} }, from: ${PLAIN}`, 'acme.test');
    const resolve = (email: string) => connector.resolveAccount({ email }, callContext(null));
    expect(await resolve(`${ana}@acme.test`)).toMatchObject({ ok: false, reason: 'unmapped' });
    expect(await resolve('bo@acme.test')).toMatchObject({ ok: true, account: ana });
  });
});
