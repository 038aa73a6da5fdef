/** Who may not see a request makes no work with it, and does not learn that it is there. */
import { expect, it } from 'vitest';
import { nameWithMail } from '../../src/domain/person-name.ts';
import { retryNow } from '../../src/operations/retry-now.ts';
import { askForMore, cancel, deny, done, liveGrant, revoke } from '../support/acts.ts';
import { createTestDirectory } from '../support/directory.ts';
import { ledgerForFile } from '../support/empty-ledger.ts';
import { createHouse, type House } from '../support/house.ts';

const ledger = ledgerForFile();

function countingChat() {
  const { port } = createTestDirectory();
  const changes: string[] = [];
  const update: typeof port.update = async ({ message }) => void changes.push(message);
  return { changes, port: { ...port, update } };
}

it.each(['eva', 'ana'])('“approve ID”, twenty times by %s who may not, changes no message', async (who) => {
  const { changes, port } = countingChat();
  const house = await createHouse({ ledger: ledger(), ports: new Map([['slack', port]]) });
  const id = await house.ask();
  await house.settle();
  changes.length = 0;
  for (let times = 0; times < 20; times += 1) expect((await house.approve(id, who)).ok).toBe(false);
  await house.settle();
  expect(changes).toEqual([]);
});

it('a card that is touched and shows the same is not sent again', async () => {
  const { changes, port } = countingChat();
  const house = await createHouse({ ledger: ledger(), ports: new Map([['slack', port]]) });
  const id = await house.ask();
  await deny(house, id);
  await house.settle();
  changes.length = 0;
  // An owner whose copy may be an old one.
  for (let times = 0; times < 20; times += 1) expect((await house.approve(id)).ok).toBe(false);
  await house.settle();
  expect(changes).toEqual([]);
});

const retry = async (house: House, grantId: string, who: string) =>
  retryNow(house.ctx, { deliveryKey: house.deliveryKey(), speaker: await house.person(who), grantId });

it.each([
  ['approve', (house: House, id: string) => house.approve(id, 'eva')],
  ['deny', (house: House, id: string) => deny(house, id, 'eva')],
  ['cancel', (house: House, id: string) => cancel(house, id, 'eva')],
  ['done', (house: House, id: string) => done(house, id, 'eva')],
  ['extend', (house: House, id: string) => askForMore(house, id, 600, 'eva')],
  ['revoke', (house: House, id: string) => revoke(house, id, 'eva')],
  ['try now', (house: House, id: string) => retry(house, id, 'eva')],
] as const)('%s answers a stranger the same whether or not there is such a request', async (_, act) => {
  const house = await createHouse({ ledger: ledger() });
  const live = await liveGrant(house);
  const pending = await house.ask('ben');
  for (const id of [live, pending, 'R-9999'])
    expect(await act(house, id)).toEqual({ ok: false, refusal: { code: 'unknown-request', typed: id } });
});

it('asks no directory anything for a stranger who would extend, so time tells nothing either', async () => {
  const house = await createHouse({ ledger: ledger() });
  const live = await liveGrant(house);
  const { reads } = house.directory;
  reads.length = 0;
  for (const id of [live, 'R-9999']) expect((await askForMore(house, id, 600, 'eva')).ok).toBe(false);
  expect(reads).toEqual([]);
  expect((await askForMore(house, live, 600)).ok).toBe(true);
  expect(reads.map(({ who }) => who).sort()).toEqual(['ana', 'lea', 'omar']);
});

it.each([
  ['ana', 'ana@acme.test', 'ana'],
  ['Ana Diaz', 'ana.diaz@acme.test', 'Ana Diaz'],
  ['ana', 'sam@acme.test', 'ana (sam@acme.test)'],
  ['Ana Diaz', 'ana_diaz@acme.test', 'Ana Diaz (ana_diaz@acme.test)'],
  ['\u0430na', 'ana@acme.test', '\u0430na (ana@acme.test)'],
  ['\u212Aim', 'kim@acme.test', 'Kim (kim@acme.test)'],
])('%s with the address %s is called %s', (name, email, called) => {
  expect(nameWithMail({ name, email })).toBe(called);
});
