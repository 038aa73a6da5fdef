/** Who left is found by asking, whatever became of the event that should have told of it. */
import { eq } from 'drizzle-orm';
import { expect, it } from 'vitest';
import { checkSoon } from '../../db/directory-checks.ts';
import { identities, principals } from '../../db/schema.ts';
import type { ChatPort, Profile } from '../../src/chat/port.ts';
import { createDirectories } from '../../src/reconcile/directories.ts';
import { actions, liveGrant } from '../support/acts.ts';
import { createTestDirectory, type TestDirectory } from '../support/directory.ts';
import { ledgerForFile } from '../support/empty-ledger.ts';
import { createHouse, type House, type HouseOptions, testRole } from '../support/house.ts';

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

it('leaves in peace a guest whom the configuration names in another workspace of their organisation', async () => {
  const mapped = new Map([['slack:E1/U-ana', 'ana@acme.test']]);
  const { house, directory } = await houseWith({ mapped });
  directory.say('ana', { alsoOf: ['T1', 'E1'] });
  const id = await liveGrant(house, 'ana', 'prod-dba', 4 * 3600);
  directory.say('ana', { standing: 'guest', alsoOf: ['T1', 'E1'] });
  house.clocks.pass(15 * MINUTE);
  await house.settle();
  expect((await house.view(id)).grant?.state).toBe('live');
  directory.say('ana', { standing: 'deactivated', alsoOf: ['T1', 'E1'] });
  house.clocks.pass(15 * MINUTE);
  await house.settle();
  expect((await house.view(id)).grant?.state).toBe('ended');
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

/** Who is asked about in the next `minutes`, in order, by a Curfew that looks every eleven seconds. */
async function askedIn({ ctx, clocks }: House, { reads }: TestDirectory, minutes: number): Promise<string[]> {
  const directories = createDirectories({ ...ctx, left() {} });
  reads.length = 0;
  for (let passed = 0; passed < minutes * MINUTE; passed += 11) {
    clocks.pass(11);
    await directories.sweep();
  }
  return reads.map(({ who }) => who);
}

/** So many people whom the directory has just confirmed. */
async function confirmed(house: House, name: string, count: number, platform = 'slack'): Promise<string[]> {
  const names = Array.from({ length: count }, (_, index) => `${name}${index}`);
  const { db } = house.ledger;
  const now = house.clocks.now();
  const people = names.map((each) => ({ email: `${each}@acme.test`, name: each, boundAt: now }));
  const bound = await db.insert(principals).values(people).returning();
  const seen = { platform, workspace: 'T1', boundAt: now, checkedAt: now };
  await db
    .insert(identities)
    .values(
      bound.map((each) => ({ ...seen, userId: `U-${each.name}`, principalId: each.id, name: each.name })),
    );
  return names;
}

const ownedBy = (names: readonly string[]) =>
  testRole({ owners: ['omar', ...names].map((name) => `${name}@acme.test`) });

it('asks about everybody else too while it never gets an answer about very many', async () => {
  const names = Array.from({ length: 60 }, (_, index) => `lost${index}`);
  const { house, directory } = await houseWith({ roles: [ownedBy(names)] });
  await confirmed(house, 'lost', 60);
  house.clocks.pass(MINUTE);
  await liveGrant(house, 'ana', 'prod-dba', 4 * 3600);
  names.forEach(directory.silence);
  house.clocks.pass(10 * MINUTE);
  const asked = await askedIn(house, directory, 4);
  for (const who of [...names, 'ana', 'omar']) expect(asked).toContain(who);
  // In seven times eight nobody is asked about twice.
  expect(new Set(asked.slice(0, 56)).size).toBe(56);
});

it('asks about those who hold or wait first, and then about those who decide', async () => {
  const names = Array.from({ length: 40 }, (_, index) => `owner${index}`);
  const { house, directory } = await houseWith({ roles: [ownedBy(names)] });
  await confirmed(house, 'owner', 40);
  house.clocks.pass(MINUTE);
  await liveGrant(house, 'ana', 'prod-dba', 4 * 3600);
  await house.ask('ben');
  house.clocks.pass(11 * MINUTE);
  const asked = await askedIn(house, directory, 2);
  // Eight at once.
  expect(asked.slice(0, 8)).toEqual(expect.arrayContaining(['ana', 'ben']));
  expect(asked.sort()).toEqual([...names, 'ana', 'ben', 'omar'].sort());
});

it('asks soon about somebody of whom something new may be known, however many wait', async () => {
  const names = Array.from({ length: 100 }, (_, index) => `owner${index}`);
  const { house, directory } = await houseWith({ roles: [ownedBy(names)] });
  await liveGrant(house, 'ana', 'prod-dba', 4 * 3600);
  await confirmed(house, 'owner', 100);
  house.clocks.pass(11 * MINUTE);
  await askedIn(house, directory, 3);
  await checkSoon(house.ledger.db, [{ platform: 'slack', workspace: 'T1', userId: 'U-owner90' }]);
  house.clocks.pass(8 * MINUTE);
  expect((await askedIn(house, directory, 0.1)).slice(0, 8)).toContain('owner90');
});

it.each([
  ['slack', 8],
  ['teams', 30],
] as const)('asks %s about %i people at most in ten seconds', async (platform, most) => {
  const names = Array.from({ length: 40 }, (_, index) => `owner${index}`);
  const directory = createTestDirectory(platform);
  const ports = new Map<string, ChatPort>([[platform, directory.port]]);
  const house = await createHouse({ ledger: ledger(), roles: [ownedBy(names)] });
  await house.ask('ana');
  await confirmed(house, 'owner', 40, platform);
  house.clocks.pass(11 * MINUTE);
  const asking = { ...house, ctx: { ...house.ctx, ports, platforms: [platform] } };
  expect(await askedIn(asking, directory, 0.1)).toHaveLength(most);
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
