/** Whom Teams lets Curfew write to, and where: kept, so that a restart forgets nobody. */
import { sql } from 'drizzle-orm';
import { expect, it } from 'vitest';
import { createAddressBook } from '../../db/address-book.ts';
import { teams } from '../../db/schema-addresses.ts';
import type { AddressBook, Addressee } from '../../src/chat/teams/address-book.ts';
import { ledgerForFile } from '../support/empty-ledger.ts';

const ledger = ledgerForFile();
const book = (): AddressBook => createAddressBook(ledger().ledger.db);
const url = 'https://smba.trafficmanager.net/emea/';
const ana: Addressee = {
  tenant: 't1',
  userId: 'a1',
  address: '29:ana',
  name: 'Ana',
  timeZone: 'Europe/Berlin',
  serviceUrl: url,
  direct: 'a:chat',
  seenIn: 'a:chat',
};

it('finds a person by id and by address, and nobody of another tenant', async () => {
  await book().meet(ana);
  expect(await book().person('t1', 'a1')).toEqual(ana);
  expect(await book().personAt('29:ana')).toEqual(ana);
  expect(await book().person('t2', 'a1')).toBeNull();
  expect(await book().personAt('29:eve')).toBeNull();
});

it('keeps the personal chat, the address and the time zone of who is met elsewhere, until they close the chat', async () => {
  await book().meet(ana);
  await book().meet({
    ...ana,
    name: 'Ana Maria',
    address: null,
    direct: null,
    timeZone: null,
    seenIn: '19:x@thread.tacv2',
  });
  expect(await book().person('t1', 'a1')).toEqual({ ...ana, name: 'Ana Maria', seenIn: '19:x@thread.tacv2' });
  await book().lose('t1', 'a1');
  expect(await book().person('t1', 'a1')).toMatchObject({ direct: null, address: '29:ana' });
  await book().meet({ ...ana, direct: 'a:new' });
  expect(await book().person('t1', 'a1')).toMatchObject({ direct: 'a:new' });
});

it('knows the teams that it is in, and where each conversation is reached now', async () => {
  const team = { tenant: 't1', id: '19:t@thread.tacv2', name: 'Ops', serviceUrl: url };
  await book().joinTeam(team);
  await book().joinTeam({ ...team, name: 'Operations' });
  expect(await book().teams()).toEqual([{ ...team, name: 'Operations' }]);
  const version = () => ledger().ledger.db.select({ at: sql`xmin::text` }).from(teams);
  const before = await version();
  await book().joinTeam({ ...team, name: '' });
  expect(await version()).toEqual(before);
  await book().joinTeam({ ...team, name: '', serviceUrl: `${url}moved/` });
  expect(await book().teams()).toEqual([{ ...team, name: 'Operations', serviceUrl: `${url}moved/` }]);
  await book().leaveTeam(team.id);
  expect(await book().teams()).toEqual([]);

  expect(await book().serviceUrlOf('19:x@thread.tacv2')).toBeNull();
  await book().visit({ id: '19:x@thread.tacv2', tenant: 't1', serviceUrl: url });
  await book().visit({ id: '19:x@thread.tacv2', tenant: 't1', serviceUrl: `${url}moved/` });
  expect(await book().serviceUrlOf('19:x@thread.tacv2')).toBe(`${url}moved/`);
});
