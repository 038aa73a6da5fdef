/** Asking for access: what is found out first, what is written down, and what is refused before anyone is asked. */
import { eq } from 'drizzle-orm';
import { expect, it } from 'vitest';
import { cards } from '../../db/schema-messages.ts';
import { ConnectorError } from '../../src/connectors/connector.ts';
import type { Role } from '../../src/domain/catalog.ts';
import { freeze } from '../../src/operations/set-freeze.ts';
import { submitRequest } from '../../src/operations/submit-request.ts';
import { events, liveGrant } from '../support/acts.ts';
import { ledgerForFile } from '../support/empty-ledger.ts';
import { createHouse, type House, type HouseOptions, testRole } from '../support/house.ts';
import { createVault } from '../support/vault.ts';

const ledger = ledgerForFile();
const newHouse = (options: HouseOptions = {}) => createHouse({ ledger: ledger(), ...options });

async function ask(house: House, over: Partial<Parameters<typeof submitRequest>[1]> = {}) {
  return submitRequest(house.ctx, {
    deliveryKey: house.deliveryKey(),
    requester: await house.person('ana'),
    role: 'prod-dba',
    durationS: 3600,
    endsBy: null,
    reference: 'INC-1042',
    reason: 'failing over the primary',
    ...over,
  });
}

const refusedBy = (rule: string, message: RegExp | string = /./) => ({
  ok: false,
  refusal: { code: 'policy', rule, message: expect.stringMatching(message) },
});

it('freezes the decision, the facts it saw and the resolved edge on the request, and writes them in the log', async () => {
  const house = await newHouse();
  const result = await ask(house);
  if (!result.ok) throw new Error('refused');
  const { request } = await house.view(result.id);
  expect(request.decision).toMatchObject({
    rule: 'owner-approves',
    policyVersion: 'sha256:test',
    facts: { durationS: 3600, entitlements: [{ account: 'ana', heldOutside: false }], unknown: [] },
    stages: [{ approvers: ['omar@acme.test', 'lea@acme.test'], required: 1 }],
  });
  expect(request.entitlements).toMatchObject([
    { connector: 'vault', targetId: 'target-of-vault', edge: '["dba","ana"]', account: 'ana' },
  ]);
  await house.settle();
  expect(await events(house)).toMatchObject([
    {
      actor: 'slack:U-ana ana@acme.test',
      action: 'request.created',
      details: {
        request: result.id,
        rule: 'owner-approves',
        policy: 'sha256:test',
        reference: 'INC-1042',
        facts: request.decision.facts,
      },
    },
  ]);
});

it('intends a card for the channel, one for each owner, and one for the requester', async () => {
  const house = await newHouse();
  const result = await ask(house);
  if (!result.ok) throw new Error('refused');
  const rows = await house.ledger.db.select().from(cards).where(eq(cards.requestId, result.id));
  expect(rows.map(({ audience, recipient }) => `${audience} ${recipient}`).sort()).toEqual([
    'channel #access-approvals',
    'owner lea@acme.test',
    'owner omar@acme.test',
    'requester ana@acme.test',
  ]);
});

it('puts a refusal by policy on record too, and asks nobody', async () => {
  const house = await newHouse();
  const result = await ask(house, { durationS: 5 * 3600 });
  expect(result).toMatchObject(refusedBy('duration-cap', /at most 4 h/));
  await house.settle();
  expect(await events(house)).toMatchObject([
    { action: 'request.refused', details: { rule: 'duration-cap' } },
  ]);
  expect(await house.ledger.db.select().from(cards)).toEqual([]);
});

it.each([
  [
    'does not answer',
    (house: House) => void Object.assign(house.vault.state, { down: true }),
    /vault does not answer/,
  ],
  [
    'answers one question and fails at the next',
    (house: House) =>
      house.vault.onBefore(async (call) => {
        if (call === 'inspect')
          throw new ConnectorError('terminal', 'permission_denied', 'vault refuses to say.', {
            outcomeKnown: true,
          });
      }),
    /vault refuses to say/,
  ],
])(
  'refuses, naming it, when the target %s: what cannot be read is not absent',
  async (_, breakIt, message) => {
    const house = await newHouse();
    breakIt(house);
    expect(await ask(house)).toMatchObject(refusedBy('facts-known', message));
  },
);

it('refuses when the connector is not configured', async () => {
  const house = await newHouse({ connectors: [] });
  expect(await ask(house)).toMatchObject(refusedBy('facts-known', /vault is not configured/));
});

it('asks no target about a role that cannot be requested at all', async () => {
  const house = await newHouse({ roles: [testRole({ problems: ['It has no owner.'] })] });
  expect(await ask(house)).toMatchObject(refusedBy('role-usable', /no owner/));
  expect(house.vault.calls).toEqual([]);
});

it.each<[string, Partial<Role>, (house: House) => Promise<unknown>]>([
  [
    'while everything is frozen',
    {},
    ({ ctx }) => freeze(ctx, { on: true, actor: 'slack:U-mia', note: null }),
  ],
  ['of somebody who may not ask', { requesters: ['eva@acme.test'] }, async () => {}],
  ['for longer than the role allows', { maxDurationS: 1800 }, async () => {}],
  ['for a role that was to be recertified', { recertifyBy: '2000-01-01' }, async () => {}],
  ['that nobody could approve', { owners: ['ana@acme.test'] }, async () => {}],
  ['without the incident that it needs', { requiresIncident: true }, async () => {}],
  ['that was made already', {}, (house) => ask(house)],
])('asks no target about a request %s', async (_, role, before) => {
  const house = await newHouse({ roles: [testRole(role)] });
  await before(house);
  house.vault.calls.length = 0;
  expect(await ask(house)).toMatchObject({ ok: false });
  expect(house.vault.calls).toEqual([]);
});

it('refuses somebody without an account there', async () => {
  const house = await newHouse();
  const requester = await house.person('noaccount');
  expect(await ask(house, { requester })).toMatchObject(
    refusedBy('account-resolves', /no account noaccount/),
  );
});

it('refuses what the account holds already outside Curfew, directly or another way', async () => {
  const house = await newHouse();
  house.vault.put('dba', 'ana');
  expect(await ask(house)).toMatchObject(refusedBy('not-held-outside'));
  house.vault.take('dba', 'ana');
  house.vault.inherited.set('dba:ana', ['through role ops']);
  expect(await ask(house)).toMatchObject(refusedBy('not-held-outside', /through role ops/));
});

it('does not refuse what the account holds by a grant of its own', async () => {
  const house = await newHouse({ roles: [testRole(), testRole({ name: 'prod-reader' })] });
  await liveGrant(house);
  expect(await ask(house, { role: 'prod-reader' })).toMatchObject({ ok: true });
});

it('refuses a second request while one waits, and while access is held, also when both come at once', async () => {
  const house = await newHouse();
  const both = await Promise.all([ask(house), ask(house)]);
  expect(both.filter(({ ok }) => ok)).toHaveLength(1);
  expect(await ask(house)).toMatchObject(refusedBy('not-open-already', /waiting for a decision/));
  const made = both.find(({ ok }) => ok);
  if (made?.ok) await house.approve(made.id);
  expect(await ask(house)).toMatchObject(refusedBy('not-open-already', /hold/));
});

it('refuses an account that is pinned to somebody else, however its mail address maps now', async () => {
  const house = await newHouse();
  await liveGrant(house);
  // The target now says that Eva's account is `ana`.
  house.vault.connector.resolveAccount = async () => ({ ok: true, account: 'ana', accountId: 'ana' });
  const requester = await house.person('eva');
  expect(await ask(house, { requester })).toMatchObject(
    refusedBy('account-is-own', /belongs to somebody else/),
  );
});

it('refuses one of two people who claim one account at the same moment', async () => {
  const house = await newHouse();
  house.vault.connector.resolveAccount = async () => ({ ok: true, account: 'shared', accountId: 'shared' });
  const people = await Promise.all(['ana', 'eva'].map((name) => house.person(name)));
  const results = await Promise.all(people.map((requester) => ask(house, { requester })));
  expect(results.filter(({ ok }) => ok)).toHaveLength(1);
  expect(results.find(({ ok }) => !ok)).toMatchObject(refusedBy('account-is-own'));
});

it('refuses a role that does not exist, with the nearest names, and puts it on record', async () => {
  const house = await newHouse();
  expect(await ask(house, { role: 'prod-dab' })).toMatchObject({
    ok: false,
    refusal: { code: 'unknown-role', typed: 'prod-dab', nearest: ['prod-dba'] },
  });
  await house.settle();
  expect(await events(house)).toMatchObject([{ action: 'request.refused' }]);
});

it('makes one request of one delivery, however often it comes', async () => {
  const house = await newHouse();
  const deliveryKey = house.deliveryKey();
  const results = await Promise.all([1, 2, 3].map(() => ask(house, { deliveryKey })));
  const [first] = results;
  expect(first?.ok).toBe(true);
  expect(results).toEqual([first, first, first]);
});

it('asks each target once who it is and once for the account, however many entitlements a role has there', async () => {
  const vault = createVault();
  const other = createVault('other');
  const keys = Array.from({ length: 18 }, (_, n) => ({ connector: 'vault', permission: { key: `k${n}` } }));
  const elsewhere = { connector: 'other', permission: { key: 'x' } };
  const entitlements = [...keys.slice(0, 9), elsewhere, ...keys.slice(9)];
  const house = await newHouse({
    vault,
    connectors: [vault.connector, other.connector],
    roles: [testRole({ entitlements })],
  });
  let inFlight = 0;
  let most = 0;
  vault.onBefore(async () => {
    most = Math.max(most, ++inFlight);
    await new Promise(setImmediate);
    inFlight -= 1;
  });
  const result = await ask(house);
  if (!result.ok) throw new Error('refused');
  expect(vault.calls).toEqual([
    'targetId',
    'resolveAccount',
    ...keys.flatMap(() => ['resolvePermission', 'inspect']),
  ]);
  expect(other.calls).toEqual(['targetId', 'resolveAccount', 'resolvePermission', 'inspect']);
  expect(most).toBe(1);
  const { request } = await house.view(result.id);
  expect(request.entitlements.map(({ permission }) => permission)).toEqual(
    entitlements.map(({ permission }) => permission),
  );
});
