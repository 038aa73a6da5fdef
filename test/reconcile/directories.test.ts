/** Who left is found by asking, whatever became of the event that should have told of it. */
import { eq } from 'drizzle-orm';
import { expect, it } from 'vitest';
import { principals } from '../../db/schema.ts';
import type { Profile } from '../../src/chat/port.ts';
import { actions, liveGrant } from '../support/acts.ts';
import { createTestDirectory } from '../support/directory.ts';
import { ledgerForFile } from '../support/empty-ledger.ts';
import { createHouse, type HouseOptions } from '../support/house.ts';

const ledger = ledgerForFile();
const MINUTE = 60;

async function houseWith(options: HouseOptions = {}) {
  const directory = createTestDirectory();
  const ports = new Map([['slack', directory.port]]);
  return { directory, house: await createHouse({ ledger: ledger(), ports, ...options }) };
}

it.each<[string, Partial<Profile>]>([
  ['was deactivated', { standing: 'deactivated' }],
  ['was made a guest', { standing: 'guest' }],
  ['belongs to another organisation now', { standing: 'outsider' }],
  ['is a bot', { standing: 'bot' }],
])('ends within 15 minutes what somebody holds who %s, though no event came', async (_, change) => {
  const { house, directory } = await houseWith();
  const id = await liveGrant(house, 'ana', 'prod-dba', 4 * 3600);
  directory.say('ana', change);
  house.clocks.pass(15 * MINUTE);
  await house.settle();
  expect((await house.view(id)).grant).toMatchObject({ state: 'ended', endReason: 'offboarded' });
  expect(house.vault.holds('dba', 'ana')).toBe(false);
  expect(await actions(house)).toContain('principal.offboarded');
});

it('cancels what somebody asked for who is gone, once the directory has said so twice', async () => {
  const { house, directory } = await houseWith();
  const id = await house.ask('ana');
  directory.say('ana', null);
  house.clocks.pass(10 * MINUTE);
  await house.settle();
  expect((await house.view(id)).request.state).toBe('pending');
  house.clocks.pass(MINUTE);
  await house.settle();
  expect((await house.view(id)).request.state).toBe('cancelled');
});

it('finds an approver who left, who then decides nothing', async () => {
  const { house, directory } = await houseWith();
  const omar = await house.person('omar');
  await house.ask('ana');
  directory.say('omar', { standing: 'deactivated' });
  house.clocks.pass(15 * MINUTE);
  await house.settle();
  const [row] = await house.ledger.db.select().from(principals).where(eq(principals.id, omar.id));
  expect(row?.active).toBe(false);
});

it('takes nothing away while the directory does not answer, and finds the leaver once it does', async () => {
  const { house, directory } = await houseWith();
  const id = await liveGrant(house, 'ana', 'prod-dba', 4 * 3600);
  directory.say('ana', { standing: 'deactivated' });
  directory.state.down = true;
  house.clocks.pass(20 * MINUTE);
  await house.settle();
  expect((await house.view(id)).grant?.state).toBe('live');
  directory.state.down = false;
  house.clocks.pass(MINUTE);
  await house.settle();
  expect((await house.view(id)).grant?.state).toBe('ended');
});

it('asks once about each person, however many processes look, and about nobody who holds nothing', async () => {
  const { house, directory } = await houseWith();
  await liveGrant(house, 'ana', 'prod-dba', 4 * 3600);
  await house.person('ben');
  const { clocks, vault } = house;
  const other = await createHouse({
    ledger: ledger(),
    clocks,
    vault,
    ports: new Map([['slack', directory.port]]),
  });
  clocks.pass(15 * MINUTE);
  directory.reads.length = 0;
  await Promise.all([house.settle(), other.settle()]);
  const asked = directory.reads.filter(({ fresh }) => fresh).map(({ who }) => who);
  expect(asked.sort()).toEqual(['ana', 'omar']);
});

it('keeps to its pace, and asks about everybody in time', async () => {
  const { house, directory } = await houseWith();
  const people = Array.from({ length: 20 }, (_, index) => `person${index}`);
  for (const who of people) await house.ask(who);
  house.clocks.pass(11 * MINUTE);
  directory.reads.length = 0;
  await house.settle();
  expect(directory.reads.filter(({ fresh }) => fresh)).toHaveLength(8);
  for (let round = 0; round < 3; round += 1) {
    house.clocks.pass(11);
    await house.settle();
  }
  const asked = new Set(directory.reads.filter(({ fresh }) => fresh).map(({ who }) => who));
  expect(people.filter((who) => !asked.has(who))).toEqual([]);
});
