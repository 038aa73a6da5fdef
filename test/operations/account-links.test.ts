/** An account in a target belongs to one person, from the first grant on, and not before. */
import { expect, it } from 'vitest';
import { requests } from '../../db/schema.ts';
import { cancel, deny } from '../support/acts.ts';
import { ledgerForFile } from '../support/empty-ledger.ts';
import { createHouse } from '../support/house.ts';

const ledger = ledgerForFile();
const refusedBy = (rule: string) => ({ ok: false, refusal: { code: 'policy', rule } });

/** A house whose target has one account for everybody. */
async function newHouse() {
  const house = await createHouse({ ledger: ledger() });
  Object.assign(house.vault.connector, {
    resolveAccount: async () => ({ ok: true, account: 'ana', accountId: 'ana' }),
  });
  return house;
}

it.each([
  ['took the request back', cancel, 'eva'],
  ['was denied', deny, 'omar'],
] as const)('is nobody’s yet when whoever asked for it %s', async (_, close, who) => {
  const house = await newHouse();
  await close(house, await house.ask('eva'), who);
  expect(await house.approve(await house.ask('ana'))).toMatchObject({ ok: true, state: 'approved' });
});

it('is reserved for whoever asked first, as long as that is undecided', async () => {
  const house = await newHouse();
  const evas = await house.ask('eva');
  await expect(house.ask('ana')).rejects.toThrow('is asked for by somebody else just now');
  expect(await house.approve(evas)).toMatchObject({ ok: true, state: 'approved' });
  await expect(house.ask('ana')).rejects.toThrow('belongs to somebody else');
});

it('is of the first of two who is approved; the other one is denied', async () => {
  const house = await newHouse();
  const evas = await house.ask('eva');
  // Asked for when nothing was reserved yet.
  await house.ledger.db.update(requests).set({ state: 'expired' });
  const anas = await house.ask('ana');
  await house.ledger.db.update(requests).set({ state: 'pending' });
  const votes = await Promise.all([house.approve(anas), house.approve(evas, 'lea')]);
  expect(votes.filter(({ ok }) => ok)).toHaveLength(1);
  expect(votes.find(({ ok }) => !ok)).toMatchObject(refusedBy('account-is-own'));
  await expect(house.ask('ben')).rejects.toThrow('belongs to somebody else');
});
