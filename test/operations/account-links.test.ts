/** An account in a target belongs to one person, from the first grant on, and not before. */
import { expect, it } from 'vitest';
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

it('is of the first of two who is approved; the other one is denied', async () => {
  const house = await newHouse();
  const [evas, anas] = [await house.ask('eva'), await house.ask('ana')];
  expect(await house.approve(anas)).toMatchObject({ ok: true, state: 'approved' });
  expect(await house.approve(evas)).toMatchObject(refusedBy('account-is-own'));
  expect((await house.view(evas)).request.state).toBe('denied');
  await expect(house.ask('eva')).rejects.toThrow('belongs to somebody else');
});

it('is given to one of two who are approved at once', async () => {
  const house = await newHouse();
  const ids = [await house.ask('eva'), await house.ask('ana')];
  await house.person('lea');
  const votes = await Promise.all(ids.map((id, index) => house.approve(id, index ? 'lea' : 'omar')));
  expect(votes.filter(({ ok }) => ok)).toHaveLength(1);
});
