/** At the vote everything is asked again: who is here, what the targets say, and what the catalog says today. */
import { eq } from 'drizzle-orm';
import { expect, it } from 'vitest';
import { votes } from '../../db/schema.ts';
import type { Role } from '../../src/domain/catalog.ts';
import { castVote } from '../../src/operations/cast-vote.ts';
import { submitRequest } from '../../src/operations/submit-request.ts';
import { askForMore, deny, events, liveGrant } from '../support/acts.ts';
import { ledgerForFile } from '../support/empty-ledger.ts';
import { createHouse, type House, type HouseOptions, testRole } from '../support/house.ts';
import { mortal } from '../support/mortal.ts';

const ledger = ledgerForFile();
const newHouse = (options: HouseOptions = {}) => createHouse({ ledger: ledger(), ...options });
const refusedBy = (rule: string) => ({ ok: false, refusal: { code: 'policy', rule } });

/** The same Curfew after a restart with another catalog. */
const withRoles = ({ clocks, vault }: House, roles: readonly Role[]) => newHouse({ clocks, vault, roles });

it.each<[string, string, Partial<Role>]>([
  ['the requester may not ask for it any more', 'requester-allowed', { requesters: ['eva@acme.test'] }],
  ['it needs an incident now', 'incident-required', { requiresIncident: true }],
  ['it was not recertified in time', 'recertified', { recertifyBy: '2026-01-01' }],
  [
    'it gives something else now',
    'role-unchanged',
    { entitlements: [{ connector: 'vault', permission: { key: 'root' } }] },
  ],
])('denies the request where %s, and tells the voter why', async (_, rule, change) => {
  const house = await newHouse();
  const id = await house.ask();
  const now = await withRoles(house, [testRole(change)]);
  expect(await now.approve(id)).toMatchObject(refusedBy(rule));
  const { request, grant } = await now.view(id);
  expect(request).toMatchObject({ state: 'denied', decidedBy: null });
  expect(request.decisionNote).toMatch(/^Asked again at the vote, the answer to ana is no: /);
  expect(grant).toBeNull();
  await now.settle();
  const denial = (await events(now)).find(({ action }) => action === 'request.denied');
  expect(denial).toMatchObject({ actor: 'curfew', details: { request: id, because: rule } });
  expect(house.vault.holds('dba', 'ana')).toBe(false);
});

it.each<[string, string, (house: House) => void]>([
  ['became a guest', 'parties-here', ({ directory }) => directory.say('ana', { standing: 'guest' })],
  ['left', 'parties-here', ({ directory }) => directory.say('ana', { standing: 'deactivated' })],
  ['has another address', 'parties-here', ({ directory }) => directory.say('ana', { email: 'x@acme.test' })],
  ['holds it outside of Curfew', 'not-held-outside', ({ vault }) => vault.put('dba', 'ana')],
  [
    'has no usable account there',
    'account-resolves',
    ({ vault }) =>
      Object.assign(vault.connector, {
        resolveAccount: async () => ({ ok: false, reason: 'disabled', message: 'The account cannot log in' }),
      }),
  ],
])('denies the request where whoever asked %s meanwhile', async (_, rule, change) => {
  const house = await newHouse();
  const id = await house.ask();
  change(house);
  expect(await house.approve(id)).toMatchObject(refusedBy(rule));
  expect((await house.view(id)).request.state).toBe('denied');
});

it('denies the request when somebody who was asked would decide about a role that is gone', async () => {
  const house = await newHouse();
  const id = await house.ask();
  const now = await withRoles(house, []);
  const refusal = { code: 'unknown-request', typed: id };
  expect(await now.approve(id, 'eva')).toEqual({ ok: false, refusal });
  expect((await now.view(id)).request.state).toBe('pending');
  expect(await now.approve(id, 'omar')).toMatchObject(refusedBy('role-exists'));
  expect((await now.view(id)).request.state).toBe('denied');
});

it.each<[string, string, (house: House, on: boolean) => void]>([
  ['a target', 'facts-known', ({ vault }, on) => Object.assign(vault.state, { down: on })],
  ['the directory', 'standing-known', ({ directory }, on) => Object.assign(directory.state, { down: on })],
])('refuses the vote while %s does not answer, and takes it afterwards', async (_, rule, outage) => {
  const house = await newHouse();
  const id = await house.ask();
  outage(house, true);
  expect(await house.approve(id)).toMatchObject(refusedBy(rule));
  expect((await house.view(id)).request.state).toBe('pending');
  outage(house, false);
  expect(await house.approve(id)).toMatchObject({ ok: true, state: 'approved' });
});

it('leaves a request open that is too long by now: it can be approved for less', async () => {
  const house = await newHouse();
  const id = await house.ask();
  const now = await withRoles(house, [testRole({ maxDurationS: 1800 })]);
  expect(await now.approve(id)).toMatchObject(refusedBy('duration-cap'));
  expect(await now.approve(id, 'omar', 900)).toMatchObject({ ok: true, durationS: 900 });
});

it('takes no vote, yes or no, of an owner who left and of whom no event told', async () => {
  const house = await newHouse();
  const id = await house.ask();
  house.directory.say('omar', { standing: 'deactivated' });
  expect(await house.approve(id, 'omar')).toMatchObject(refusedBy('approver-here'));
  expect(await deny(house, id, 'omar')).toMatchObject(refusedBy('approver-here'));
  expect((await house.view(id)).request.state).toBe('pending');
  expect(await house.approve(id, 'lea')).toMatchObject({ ok: true, state: 'approved' });
});

it('asks again before more time is given, too', async () => {
  const house = await newHouse();
  const held = await liveGrant(house);
  const asked = await askForMore(house, held, 600);
  if (!asked.ok) throw new Error('refused');
  const now = await withRoles(house, [testRole({ requesters: ['eva@acme.test'] })]);
  expect(await now.approve(asked.id)).toMatchObject(refusedBy('requester-allowed'));
  expect((await now.view(asked.id)).request.state).toBe('denied');
  expect((await now.view(held)).grant).toMatchObject({ state: 'live', durationS: 3600 });
});

it('keeps with the vote what policy answered to it', async () => {
  const house = await newHouse();
  const id = await house.ask();
  const now = await withRoles(house, [testRole({ risk: 'critical' })]);
  await now.approve(id);
  const [vote] = await house.ledger.db.select().from(votes).where(eq(votes.requestId, id));
  expect(vote?.decision).toMatchObject({ outcome: 'approval', facts: { role: { risk: 'critical' } } });
  await now.settle();
  expect((await events(now)).find(({ action }) => action === 'vote.approved')?.details).toMatchObject({
    anew: { facts: { role: { risk: 'critical' } } },
  });
});

/** What Ana is answered. */
async function asks(house: House) {
  const requester = await house.person('ana');
  const what = { role: 'prod-dba', durationS: 60, endsBy: null, reference: null, reason: 'why not' };
  return submitRequest(house.ctx, { deliveryKey: house.deliveryKey(), requester, ...what });
}

it('asks only those owners who are here', async () => {
  const house = await newHouse();
  house.directory.say('omar', { standing: 'deactivated' });
  expect(await asks(house)).toMatchObject({ ok: true, approvers: ['lea@acme.test'] });
});

it('asks an owner too of whom the directory does not say just now, as long as another one is here', async () => {
  const house = await newHouse();
  house.directory.state.silentAbout = 'omar';
  const asked = await asks(house);
  expect(asked).toMatchObject({ ok: true, approvers: ['omar@acme.test', 'lea@acme.test'] });
  const id = asked.ok ? asked.id : expect.fail();
  expect(await house.approve(id)).toMatchObject(refusedBy('standing-known'));
  house.directory.state.silentAbout = '';
  expect(await house.approve(id)).toMatchObject({ ok: true });
});

it('refuses where the directory says of no owner that they are here', async () => {
  const house = await newHouse();
  house.directory.say('lea', { standing: 'guest' });
  house.directory.state.silentAbout = 'omar';
  const answer = await asks(house);
  expect(answer).toMatchObject(refusedBy('standing-known'));
  expect(JSON.stringify(answer)).toContain('whether any owner of Production database admin is still here');
});

it.each([
  ['have left', { standing: 'deactivated' }],
  ['are guests', { standing: 'guest' }],
  ['are not known to the directory', null],
] as const)('refuses what nobody could approve, since all owners %s', async (_, change) => {
  const house = await newHouse();
  for (const who of ['omar', 'lea']) house.directory.say(who, change);
  expect(await asks(house)).toMatchObject({
    refusal: {
      rule: 'someone-can-approve',
      message: 'Nobody could approve this: no owner of Production database admin is here any more.',
    },
  });
});

it('refuses whoever asks and has left, though no event told of it', async () => {
  const house = await newHouse();
  await house.person('ana');
  house.directory.say('ana', { standing: 'deactivated' });
  expect(await asks(house)).toMatchObject(refusedBy('parties-here'));
});

it('refuses while the directory does not answer, and says so', async () => {
  const house = await newHouse();
  house.directory.state.down = true;
  const answer = await asks(house);
  expect(answer).toMatchObject(refusedBy('standing-known'));
  expect(JSON.stringify(answer)).toContain('The directory did not say just now whether ana is still here');
});

it('goes by what the directory says now, not by what is remembered', async () => {
  const house = await newHouse();
  const id = await house.ask();
  house.directory.reads.length = 0;
  await house.approve(id);
  const read = house.directory.reads.map(({ who, fresh }) => `${who} ${fresh ? 'fresh' : 'remembered'}`);
  expect(read.sort()).toEqual(['ana fresh', 'omar fresh']);
});

it('answers with the failure where the ledger goes away under a vote, and the process goes on', async () => {
  const house = await newHouse();
  const id = await house.ask();
  const body = mortal(ledger());
  const { clocks, vault, directory } = house;
  const cut = await createHouse({ ledger: body, clocks, vault });
  const found = body.ledger;
  let reads = 0;
  // Gone as soon as the request was found.
  const dying = new Proxy(found, {
    get(target, key) {
      if (key === 'db' && ++reads > 1) body.die();
      return Reflect.get(target, key);
    },
  });
  const approver = await house.person('omar');
  const vote = { approver, requestId: id, verdict: 'approve', lessS: null, note: null } as const;
  const voted = castVote({ ...cut.ctx, ledger: dying }, { deliveryKey: house.deliveryKey(), ...vote });
  await expect(voted).rejects.toThrow('this process is dead');
  directory.reads.length = 0;
  expect(await house.approve(id)).toMatchObject({ ok: true });
});

it('does not take for held outside what Curfew takes away in that moment', async () => {
  const house = await newHouse();
  const id = await liveGrant(house);
  house.clocks.pass(3600);
  house.vault.state.down = true;
  await house.settle();
  house.vault.state.down = false;
  house.clocks.pass(60);
  const { inspect } = house.vault.connector;
  house.vault.connector.inspect = async (edge, call) => {
    house.vault.connector.inspect = inspect;
    const seen = await inspect(edge, call);
    await house.settle();
    return seen;
  };
  expect(await asks(house)).toMatchObject({ ok: true });
  expect((await house.view(id)).grant).toMatchObject({ state: 'ended' });
});
