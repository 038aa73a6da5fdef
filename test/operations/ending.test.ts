/** Ending early, asking for more, leaving: who may, and that the end is final. */
import { expect, it } from 'vitest';
import { createLedgerService } from '../../src/control/serve-ledger.ts';
import { revokePerson } from '../../src/operations/end-access.ts';
import { retryNow } from '../../src/operations/retry-now.ts';
import {
  actions,
  askForMore,
  assignmentOf,
  cancel,
  done,
  events,
  leave,
  liveGrant,
  revoke,
} from '../support/acts.ts';
import { ledgerForFile } from '../support/empty-ledger.ts';
import { createHouse, type HouseOptions, testRole } from '../support/house.ts';

const ledger = ledgerForFile();
const newHouse = (options: HouseOptions = {}) => createHouse({ ledger: ledger(), ...options });

it.each([
  ['handed back by who holds it', 'done', 'ana', 'ok'],
  ['not handed back by an owner', 'done', 'omar', 'unknown-request'],
  ['not handed back by a stranger, who does not learn of it', 'done', 'eva', 'unknown-request'],
  ['revoked by an owner of the role', 'revoke', 'lea', 'ok'],
  ['revoked by an admin', 'revoke', 'mia', 'ok'],
  ['not revoked by a stranger, who does not learn of it', 'revoke', 'eva', 'unknown-request'],
  ['not revoked by who holds it', 'revoke', 'ana', 'not-allowed'],
] as const)('access is %s', async (_, verb, who, outcome) => {
  const house = await newHouse();
  const id = await liveGrant(house);
  const result = await (verb === 'done' ? done(house, id, who) : revoke(house, id, who));
  expect(result.ok ? 'ok' : result.refusal.code).toBe(outcome);
  await house.settle();
  expect(house.vault.holds('dba', 'ana')).toBe(outcome !== 'ok');
  if (verb === 'revoke' && outcome !== 'ok') expect(await actions(house)).toContain('revoke.refused');
});

it('a second end is told that it is over, and changes neither reason nor person', async () => {
  const house = await newHouse();
  const id = await liveGrant(house);
  await done(house, id);
  expect(await revoke(house, id)).toMatchObject({ ok: false, refusal: { code: 'already-over' } });
  await house.settle();
  expect(await done(house, id)).toMatchObject({ ok: false, refusal: { code: 'already-over' } });
  expect((await house.view(id)).grant).toMatchObject({
    state: 'ended',
    endReason: 'returned',
    endedBy: 'ana',
  });
});

it('two ends at once are one', async () => {
  const house = await newHouse();
  const id = await liveGrant(house);
  await Promise.all([house.person('omar'), house.person('mia')]);
  const results = await Promise.all([done(house, id), revoke(house, id, 'omar'), revoke(house, id, 'mia')]);
  expect(results.filter(({ ok }) => ok)).toHaveLength(1);
  await house.settle();
  expect((await actions(house)).filter((action) => action === 'grant.ending')).toHaveLength(1);
});

it('revoking a person takes what the speaker may take, and no more', async () => {
  const roles = [
    testRole(),
    testRole({
      name: 'other',
      owners: ['eva@acme.test'],
      entitlements: [{ connector: 'vault', permission: { key: 'other' } }],
    }),
  ];
  const house = await newHouse({ roles });
  const mine = await liveGrant(house);
  const other = await house.ask('ana', 'other');
  await house.approve(other, 'eva');
  await house.settle();
  const take = async (who: string) =>
    revokePerson(house.ctx, {
      deliveryKey: house.deliveryKey(),
      speaker: await house.person(who),
      email: 'ana@acme.test',
      note: null,
    });
  expect(await take('ben')).toMatchObject({ ok: false, refusal: { code: 'not-allowed' } });
  expect(await take('omar')).toEqual({ ok: true, ids: [mine] });
  expect(await take('mia')).toEqual({ ok: true, ids: [other] });
  expect(await take('mia')).toMatchObject({ ok: false, refusal: { code: 'nobody-holds' } });
});

it('a request is cancelled by who made it, once, and by nobody else', async () => {
  const house = await newHouse();
  const id = await house.ask();
  expect(await cancel(house, id, 'omar')).toMatchObject({ ok: false, refusal: { code: 'unknown-request' } });
  expect(await cancel(house, id)).toMatchObject({ ok: true });
  expect(await cancel(house, id)).toMatchObject({ ok: false, refusal: { code: 'not-pending' } });
  expect(await house.approve(id)).toMatchObject({ ok: false });
});

it('more time is asked for by who holds the access, while it is live, once at a time', async () => {
  const house = await newHouse();
  const id = await liveGrant(house);
  expect(await askForMore(house, id, 600, 'eva')).toMatchObject({
    ok: false,
    refusal: { code: 'unknown-request' },
  });
  expect(await askForMore(house, id, 4 * 3600)).toMatchObject({
    ok: false,
    refusal: { rule: 'duration-cap' },
  });
  const first = await askForMore(house, id, 600);
  expect(first).toMatchObject({ ok: true });
  expect(await askForMore(house, id, 600)).toMatchObject({
    ok: false,
    refusal: { rule: 'not-open-already' },
  });
  await done(house, id);
  expect(await askForMore(house, id, 600)).toMatchObject({ ok: false, refusal: { rule: 'grant-live' } });
  if (first.ok) {
    expect((await house.view(first.id)).request).toMatchObject({ state: 'cancelled' });
    expect(await house.approve(first.id)).toMatchObject({ ok: false });
  }
});

it('nobody gives themselves more time', async () => {
  const house = await newHouse();
  const id = await house.ask('omar');
  await house.approve(id, 'lea');
  await house.settle();
  const more = await askForMore(house, id, 600, 'omar');
  if (!more.ok) throw new Error('refused');
  expect(await house.approve(more.id, 'omar')).toMatchObject({
    ok: false,
    refusal: { rule: 'not-own-request' },
  });
  expect(await house.approve(more.id, 'lea')).toMatchObject({ ok: true });
});

it('who leaves loses what they hold and what they asked for, at once, also while it is being approved', async () => {
  const roles = [testRole(), testRole({ name: 'other' }), testRole({ name: 'third' })];
  const house = await newHouse({ roles });
  const held = await liveGrant(house);
  const asked = await house.ask('ana', 'other');
  const racing = await house.ask('ana', 'third');
  await house.person('lea');
  await Promise.all([leave(house), house.approve(racing, 'lea')]);
  await house.settle();
  expect(house.vault.holds('dba', 'ana')).toBe(false);
  expect((await house.view(held)).grant).toMatchObject({ state: 'ended', endReason: 'offboarded' });
  expect((await house.view(asked)).request).toMatchObject({ state: 'cancelled' });
  expect(['cancelled', 'approved']).toContain((await house.view(racing)).request.state);
  expect((await house.view(racing)).grant?.state ?? 'none').toMatch(/ended|none/);
  expect((await events(house)).find(({ action }) => action === 'principal.offboarded')).toMatchObject({
    actor: 'slack:directory',
  });
});

it('leaving is nothing for somebody Curfew never knew, and nothing the second time', async () => {
  const house = await newHouse();
  expect(await leave(house, 'stranger')).toEqual({ ended: [], cancelled: [] });
  const id = await liveGrant(house);
  expect(await leave(house)).toEqual({ ended: [id], cancelled: [] });
  expect(await leave(house)).toEqual({ ended: [], cancelled: [] });
});

it('"Try now" drops the wait, for owners and admins', async () => {
  const house = await newHouse();
  const id = await liveGrant(house);
  house.vault.state.down = true;
  await done(house, id);
  for (let i = 0; i < 5; i += 1) {
    await house.settle();
    house.clocks.pass(60);
  }
  await house.settle();
  house.vault.state.down = false;
  await house.settle();
  expect(house.vault.holds('dba', 'ana')).toBe(true);
  const again = async (who: string) =>
    retryNow(house.ctx, { deliveryKey: house.deliveryKey(), speaker: await house.person(who), grantId: id });
  expect(await again('eva')).toMatchObject({ ok: false, refusal: { code: 'unknown-request' } });
  expect(await again('ana')).toMatchObject({ ok: false, refusal: { code: 'not-allowed' } });
  await house.settle();
  expect((await assignmentOf(house)).retryAt).not.toBeNull();
  expect(await again('omar')).toMatchObject({ ok: true });
  await house.settle();
  expect(house.vault.holds('dba', 'ana')).toBe(false);
  expect(await again('omar')).toMatchObject({ ok: false, refusal: { code: 'already-over' } });
});

it('revoking a person cancels what they wait for too, as far as the speaker decides on it, and says so', async () => {
  const house = await newHouse({
    roles: [
      testRole(),
      testRole({
        name: 'other',
        owners: ['eva@acme.test'],
        entitlements: [{ connector: 'vault', permission: { key: 'other' } }],
      }),
    ],
  });
  const own = await house.ask();
  const others = await house.ask('ana', 'other');
  const revokeAna = async (who: string) =>
    revokePerson(house.ctx, {
      deliveryKey: house.deliveryKey(),
      speaker: await house.person(who),
      email: 'ana@acme.test',
      note: 'compromised',
    });
  expect(await revokeAna('sam')).toMatchObject({ ok: false, refusal: { code: 'not-allowed' } });
  expect(await revokeAna('lea')).toMatchObject({ ok: true, ids: [], cancelled: [own] });
  expect((await house.view(own)).request).toMatchObject({ state: 'cancelled', decisionNote: 'compromised' });
  expect((await house.view(others)).request).toMatchObject({ state: 'pending' });
  expect(await house.approve(own)).toMatchObject({ ok: false });

  const service = createLedgerService({ ledger: house.ledger, clocks: house.clocks, nudge() {} });
  const asked = { selection: { email: 'ana@acme.test' }, actor: 'cli:root', by: 'root', note: null };
  expect(await service.revoke({ ...asked, dry_run: true })).toMatchObject({
    cancelled: [others],
    known: true,
  });
  expect((await house.view(others)).request).toMatchObject({ state: 'pending' });
  expect(await service.revoke({ ...asked, dry_run: false })).toMatchObject({ cancelled: [others] });
  expect((await house.view(others)).request).toMatchObject({ state: 'cancelled' });
});
