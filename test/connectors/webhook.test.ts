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
    permission_ids: true,
    accounts: { map: { 'O.Mar@acme.test': 'omar' }, from: 'email_local_part' },
  };
  return webhookConnector.create(name, webhookConnector.config.parse(settings), ['acme.test']);
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
  /** The example's ids are first names. */
  const wordsOf = (one: WebhookPermission) => JSON.stringify(Object.entries(one).sort());
  const edgeBy = (one: WebhookPermission, account: string) => ({
    permission: one,
    permissionId: wordsOf(one),
    account,
    accountId: account,
  });
  const rename = (kind: 'people' | 'rights', from: string, to: string) => {
    const names = world.system().memory[kind];
    const [id] = [...names].find(([, name]) => name === from) ?? expect.fail(`nobody is called ${from}`);
    names.set(id, to);
  };
  const idsOf = (edge: { permission: WebhookPermission; account: string }): [string, string] | null => {
    const { people, rights } = world.system().memory;
    const right = [...rights].find(([, words]) => words === wordsOf(edge.permission))?.[0];
    const who = [...people].find(([, name]) => name === edge.account)?.[0];
    return right === undefined || who === undefined ? null : [right, who];
  };
  const connector = connect(line.port);
  const twin = connect(line.port, 'same-billing');
  const refused = connect(line.port, 'no-billing', wrong);
  return {
    connector,
    twin,
    edge: edgeBy(permission, 'ana'),
    other: edgeBy(reading, 'omar'),
    missing: edgeBy({ role: 'nothing' }, 'ghost'),
    rename: {
      async account(who) {
        rename('people', who, `${who}-2`);
        return `${who}-2`;
      },
      async permission(what) {
        const renamed = { ...what, role: 'operator-2' };
        rename('rights', wordsOf(what), wordsOf(renamed));
        return renamed;
      },
      accountBack: async (from, to) => rename('people', from, to),
      permissionBack: async (from, to) => rename('rights', wordsOf(from), wordsOf(to)),
      newAccount: async (name) => void world.system().memory.people.set(`${name}, the next`, name),
      newPermission: async (what) =>
        void world.system().memory.rights.set(`${wordsOf(what)}, the next`, wordsOf(what)),
      dropAccount: async (name) => void world.system().memory.people.delete(name),
      dropPermission: async (what) => void world.system().memory.rights.delete(wordsOf(what)),
    },
    badPermissions: [
      { 'not a word': 1 },
      { __proto: 1 },
      { role: { deep: true } },
      { role: ['x'] },
      { role: 'x'.repeat(201) },
      Object.fromEntries(Array.from({ length: 11 }, (_, n) => [`key${n}`, n])),
    ],
    hostileEdges: [edgeBy(nasty, 'ana'), edgeBy(permission, nastyAccount), edgeBy(nasty, nastyAccount)],
    subjects: {
      ruled: { email: 'ana@acme.test', account: 'ana', accountId: 'ana' },
      mapped: { email: 'o.mar@acme.test', account: 'omar', accountId: 'omar' },
      unknown: 'nobody@acme.test',
      disabled: 'left@acme.test',
    },
    secrets: [SECRET, SECRET.slice('whsec_'.length), 'tenant=7'],
    refused: { connector: refused, secret: wrong },
    landsLate: 'never',
    async holds(edge) {
      const ids = idsOf(edge);
      return ids !== null && (await world.system().access.inspect(...ids)).direct;
    },
    async makeHeld(edge) {
      await world.system().access.grant(...(idsOf(edge) ?? expect.fail('no such names')), null);
    },
    async makeInherited(edge) {
      world.system().groups.set(edge.accountId, 'group ops');
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
        const [, who = account] = idsOf({ permission, account }) ?? [];
        const session = { account: who, begun: Date.now(), alive: true };
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
