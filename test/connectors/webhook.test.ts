import { expect } from 'vitest';
import { type WebhookPermission, webhookConnector } from '../../src/connectors/webhook/webhook-connector.ts';
import { startTcpProxy } from '../../src/playground/tcp-proxy.ts';
import { connectorContract } from '../support/connector-contract.ts';
import type { ConnectorFixture } from '../support/connector-fixture.ts';
import { SECRET, startWebhookWorld } from '../support/webhook-world.ts';

const permission = { role: 'operator', region: 'eu', level: 2 };
const reading = { role: 'reader' };
const nasty = { role: `x'); DROP TABLE access; --"\n\\u0000`, emoji: '🔑 ключ', yes: true };
const nastyAccount = `o'brien "the, [admin]" 太郎 a\\b`;

function connect(port: number, name = 'billing', secret = SECRET) {
  const settings = {
    kind: 'webhook',
    url: `http://127.0.0.1:${port}/curfew?tenant=7`,
    secret,
    end_sessions: true,
    accounts: { map: { 'O.Mar@acme.test': 'omar' }, from: 'email_local_part' },
  };
  return webhookConnector.create(name, webhookConnector.config.parse(settings));
}

async function contractFixture(): Promise<ConnectorFixture<WebhookPermission>> {
  const names = ['ana', 'omar', 'left', nastyAccount];
  const world = await startWebhookWorld({
    accounts: Object.fromEntries(names.map((name) => [`${name}@acme.test`, name])),
    permissions: [permission, reading, nasty],
    disabled: ['left'],
  });
  const line = await startTcpProxy(world.port);
  const wrong = `whsec_${Buffer.from('some other secret of enough bytes').toString('base64')}`;
  const connector = connect(line.port);
  const twin = connect(line.port, 'same-billing');
  const refused = connect(line.port, 'no-billing', wrong);
  return {
    connector,
    twin,
    edge: { permission, account: 'ana' },
    other: { permission: reading, account: 'omar' },
    missing: { permission: { role: 'nothing' }, account: 'ghost' },
    badPermissions: [
      { 'not a word': 1 },
      { __proto: 1 },
      { role: { deep: true } },
      { role: ['x'] },
      { role: 'x'.repeat(201) },
      Object.fromEntries(Array.from({ length: 11 }, (_, n) => [`key${n}`, n])),
    ],
    hostileEdges: [
      { permission: nasty, account: 'ana' },
      { permission, account: nastyAccount },
      { permission: nasty, account: nastyAccount },
    ],
    subjects: {
      ruled: { email: 'ana@acme.test', account: 'ana' },
      mapped: { email: 'o.mar@acme.test', account: 'omar' },
      unknown: 'nobody@acme.test',
      disabled: 'left@acme.test',
    },
    secrets: [SECRET, SECRET.slice('whsec_'.length), 'tenant=7'],
    refused: { connector: refused, secret: wrong },
    landsLate: 'never',
    async holds(edge) {
      return (await world.system().access.inspect(edge.permission, edge.account)).direct;
    },
    async makeHeld(edge) {
      await world.system().access.grant(edge.permission, edge.account, null);
    },
    async makeInherited(edge) {
      world.system().groups.set(edge.account, 'group ops');
      return 'group ops';
    },
    async stall() {
      const goOn = world.stall();
      return async () => {
        goOn();
        await expect.poll(world.unfinished).toBe(0);
      };
    },
    goDown: async (how) => (how === 'refuses' ? line.refuse() : line.hold()),
    comeBack: async () => line.pass(),
    replaceTarget: async () => world.replace(),
    sessions: {
      async open(account) {
        const session = { account, begun: Date.now(), alive: true };
        world.system().sessions.push(session);
        return {
          alive: async () => session.alive,
          close: async () => {
            session.alive = false;
          },
        };
      },
      now: async () => new Date(),
    },
    async tearDown() {
      await Promise.all([connector, twin, refused].map((each) => each.close()));
      await line.close();
      await world.close();
    },
  };
}

connectorContract({ name: 'webhook, with the example receiver', setUp: contractFixture });
