/** A request that is over without having been approved: its requester hears of it, whatever closed it. */
import { and, eq } from 'drizzle-orm';
import { expect, it } from 'vitest';
import { cards, notices } from '../../db/schema-messages.ts';
import { askForMore, cancel, deny, done, leave, liveGrant } from '../support/acts.ts';
import { ledgerForFile } from '../support/empty-ledger.ts';
import { createHouse, type House, type HouseOptions } from '../support/house.ts';

const ledger = ledgerForFile();
const newHouse = (options: HouseOptions = {}) => createHouse({ ledger: ledger(), ...options });

async function toldOf(house: House, requestId: string) {
  const rows = await house.ledger.db
    .select()
    .from(notices)
    .where(and(eq(notices.requestId, requestId), eq(notices.audience, 'person')));
  return rows.map(({ recipient, notice }) => ({ recipient, ...notice }));
}

async function revisionOf(house: House, requestId: string): Promise<number> {
  const [card] = await house.ledger.db
    .select()
    .from(cards)
    .where(and(eq(cards.requestId, requestId), eq(cards.audience, 'channel')));
  return card?.wantedRevision ?? 0;
}

async function extension(house: House) {
  const grant = await liveGrant(house);
  const more = await askForMore(house, grant, 600);
  if (!more.ok) throw new Error('no extension');
  return { grant, id: more.id, before: await revisionOf(house, grant) };
}

it('tells the requester that it was cancelled since they left', async () => {
  const house = await newHouse();
  const id = await house.ask();
  await leave(house);
  expect(await toldOf(house, id)).toEqual([
    { recipient: 'ana@acme.test', kind: 'cancelled', because: 'the account of ana in chat was deactivated' },
  ]);
});

it.each([
  ['cancelled by who asked', (house: House, id: string) => cancel(house, id), []],
  ['denied', (house: House, id: string) => deny(house, id), ['denied']],
  ['cancelled since who asked left', (house: House) => leave(house), ['cancelled']],
] as const)(
  'draws the card of the grant that was to last longer anew when it is %s',
  async (_, close, told) => {
    const house = await newHouse();
    const { grant, id, before } = await extension(house);
    await close(house, id);
    expect(await revisionOf(house, grant)).toBeGreaterThan(before);
    // Who takes a request back has the answer to that already.
    expect((await toldOf(house, id)).map(({ kind }) => kind)).toEqual(told);
  },
);

it('tells the requester that there is no more time to be had of what is over', async () => {
  const house = await newHouse();
  const { grant, id } = await extension(house);
  await done(house, grant);
  expect(await toldOf(house, id)).toEqual([
    { recipient: 'ana@acme.test', kind: 'cancelled', because: 'the access ended first' },
  ]);
});
