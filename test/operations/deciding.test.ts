/** Deciding: once, by somebody who may, under the state and the catalog as they are at the click. */
import { eq } from 'drizzle-orm';
import { expect, it } from 'vitest';
import { grants, votes } from '../../db/schema.ts';
import { castVote } from '../../src/operations/cast-vote.ts';
import { offboard } from '../../src/operations/offboard.ts';
import { freeze } from '../../src/operations/set-freeze.ts';
import { actions, askForMore, cancel, deny, events, liveGrant } from '../support/acts.ts';
import { ledgerForFile } from '../support/empty-ledger.ts';
import { createHouse, type HouseOptions, testRole } from '../support/house.ts';

const ledger = ledgerForFile();
const newHouse = (options: HouseOptions = {}) => createHouse({ ledger: ledger(), ...options });
const refusedBy = (rule: string) => ({ ok: false, refusal: { code: 'policy', rule } });

it('is done by one of two owners who click at once; the other one is told that it is decided', async () => {
  const house = await newHouse();
  for (let round = 0; round < 5; round += 1) {
    const id = await house.ask(`person${round}`);
    await Promise.all([house.person('omar'), house.person('lea')]);
    const results = await Promise.all([house.approve(id, 'omar'), house.approve(id, 'lea')]);
    expect(results.filter(({ ok }) => ok)).toHaveLength(1);
    expect(results.find(({ ok }) => !ok)).toMatchObject(refusedBy('pending'));
    expect(await house.ledger.db.select().from(votes).where(eq(votes.requestId, id))).toHaveLength(1);
  }
  await house.settle();
  expect((await actions(house)).filter((action) => action === 'request.approved')).toHaveLength(5);
});

it('is one thing or the other when approval, denial and cancelling come at once', async () => {
  const house = await newHouse();
  for (let round = 0; round < 5; round += 1) {
    const who = `person${round}`;
    const id = await house.ask(who);
    await Promise.all([house.person('omar'), house.person('lea')]);
    const results = await Promise.all([
      house.approve(id, 'omar'),
      deny(house, id, 'lea'),
      cancel(house, id, who),
    ]);
    expect(results.filter(({ ok }) => ok)).toHaveLength(1);
    const { request, grant } = await house.view(id);
    expect(['approved', 'denied', 'cancelled']).toContain(request.state);
    expect(grant !== null).toBe(request.state === 'approved');
  }
});

it('has one effect and one answer when a click is delivered three times', async () => {
  const house = await newHouse();
  const id = await house.ask();
  const approver = await house.person('omar');
  const vote = {
    deliveryKey: 'click',
    approver,
    requestId: id,
    verdict: 'approve',
    lessS: null,
    note: null,
  } as const;
  const results = await Promise.all([1, 2, 3].map(() => castVote(house.ctx, vote)));
  expect(results).toEqual([1, 2, 3].map(() => ({ ok: true, id, state: 'approved', durationS: 3600 })));
  expect(await house.ledger.db.select().from(grants)).toHaveLength(1);
});

it('is not done by the requester, not even as an owner; the try is on record', async () => {
  const house = await newHouse();
  const id = await house.ask('omar');
  expect(await house.approve(id, 'omar')).toMatchObject(refusedBy('not-own-request'));
  expect((await house.view(id)).request).toMatchObject({ state: 'pending' });
  await house.settle();
  expect((await events(house)).at(-1)).toMatchObject({
    actor: 'slack:U-omar omar@acme.test',
    action: 'vote.refused',
    details: { request: id, because: 'not-own-request' },
  });
});

it('is not done by an admin, who owns nothing', async () => {
  const house = await newHouse();
  const id = await house.ask();
  expect(await house.approve(id, 'mia')).toMatchObject(refusedBy('owner'));
  expect(await deny(house, id, 'mia')).toMatchObject(refusedBy('owner'));
});

it('is not done by eva, who owns nothing and does not learn that there is such a request', async () => {
  const house = await newHouse();
  const id = await house.ask();
  const unknown = { ok: false, refusal: { code: 'unknown-request', typed: id } };
  expect(await house.approve(id, 'eva')).toMatchObject(unknown);
  expect(await deny(house, id, 'eva')).toMatchObject(unknown);
});

it('is not done by who was an owner when it was asked, and is done by who is one now', async () => {
  const house = await newHouse();
  const id = await house.ask();
  const now = await newHouse({
    clocks: house.clocks,
    vault: house.vault,
    roles: [testRole({ owners: ['eva@acme.test'] })],
  });
  expect(await now.approve(id, 'omar')).toMatchObject(refusedBy('owner'));
  expect(await now.approve(id, 'eva')).toMatchObject({ ok: true, state: 'approved' });
});

it('waits while Curfew is frozen, and access that is live ends all the same', async () => {
  const house = await newHouse();
  const held = await liveGrant(house, 'ben');
  const id = await house.ask();
  await freeze(house.ctx, { on: true, actor: 'cli:root', note: null });
  expect(await house.approve(id)).toMatchObject(refusedBy('frozen'));
  await expect(house.ask('eva')).rejects.toThrow('frozen');
  expect(await askForMore(house, held, 60, 'ben')).toMatchObject(refusedBy('frozen'));
  house.clocks.pass(3600);
  await house.settle();
  expect(house.vault.holds('dba', 'ben')).toBe(false);
  await freeze(house.ctx, { on: false, actor: 'cli:root', note: null });
  expect(await house.approve(id)).toMatchObject({ ok: true });
  await house.settle();
  expect(await actions(house)).toEqual(expect.arrayContaining(['freeze.on', 'freeze.off']));
});

it('keeps a denial’s reason, and makes no grant', async () => {
  const house = await newHouse();
  const id = await house.ask();
  expect(await deny(house, id, 'omar', 'not tonight')).toMatchObject({ ok: true, state: 'denied' });
  const { request, grant } = await house.view(id);
  expect(request).toMatchObject({ state: 'denied', decisionNote: 'not tonight' });
  expect(grant).toBeNull();
  expect(await house.approve(id, 'lea')).toMatchObject(refusedBy('pending'));
});

it('of a request nobody made is refused', async () => {
  const house = await newHouse();
  expect(await house.approve('R-9999')).toMatchObject({ ok: false, refusal: { code: 'unknown-request' } });
});

it('is not done by an owner of whom the ledger knows that they left, whatever their process still thinks', async () => {
  const house = await newHouse();
  const id = await house.ask();
  const approver = await house.person('omar');
  await offboard(house.ctx, { deliveryKey: 'left', person: approver });
  const vote = { approver, requestId: id, verdict: 'approve', lessS: null, note: null } as const;
  expect(await castVote(house.ctx, { deliveryKey: 'click', ...vote })).toMatchObject({
    refusal: { code: 'deactivated' },
  });
  expect((await house.view(id)).request.state).toBe('pending');
});

it('and leaving are one after the other: who left first approves nothing, and who approved first has', async () => {
  const house = await newHouse();
  for (let round = 0; round < 5; round += 1) {
    const id = await house.ask(`person${round}`);
    const requester = await house.person(`person${round}`);
    const [voted] = await Promise.all([
      house.approve(id),
      offboard(house.ctx, { deliveryKey: house.deliveryKey(), person: requester }),
    ]);
    const { request, grant } = await house.view(id);
    expect(request.state).toBe(voted.ok ? 'approved' : 'cancelled');
    expect(grant?.state ?? 'none').toBe(voted.ok ? 'ending' : 'none');
  }
});
