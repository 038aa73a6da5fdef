/** A team of Teams with Ana, Omar, a guest, a stranger and somebody anonymous, and Curfew's port to it. */
import { expect } from 'vitest';
import type { Card } from '../../src/chat/card.ts';
import { ChatError } from '../../src/chat/port.ts';
import { createTeamsPort } from '../../src/chat/teams/client.ts';
import { createConnector } from '../../src/chat/teams/connector.ts';
import { createMemoryAddressBook } from './teams-address-book.ts';
import { startTeamsConnector } from './teams-connector.ts';

export const HOME = '11111111-2222-3333-4444-555555555555';
export const TEAM = '19:general@thread.tacv2';
export const DBA = '19:dba@thread.tacv2';
/** Entra's id of the nth of `people`, from 1. */
export const id = (n: number) => `aaaaaaaa-0000-0000-0000-00000000000${n}`;
export const member = (name: string, n: number, over: object = {}) => ({
  id: `29:${name}`,
  objectId: id(n),
  name,
  email: `${name}@acme.test`,
  userPrincipalName: `${name}@acme.test`,
  tenantId: HOME,
  userRole: 'user',
  ...over,
});
export const people = [
  member('ana', 1),
  member('omar', 2, { email: '' }),
  member('sam', 3, {
    userRole: 'guest',
    userPrincipalName: 'sam_x.test#EXT#@acme.test',
    email: 'sam@x.test',
  }),
  member('zoe', 4, { tenantId: '99999999-2222-3333-4444-555555555555', email: 'zoe@other.test' }),
  { id: '29:anon', name: 'Anon (Guest)', tenantId: HOME, userRole: 'anonymous' },
];
export const card: Card = {
  title: 'Ana asks for dba',
  tone: 'waiting',
  summary: 'Ana asks',
  body: [{ kind: 'quote', text: 'secret-reason' }],
  actions: [],
  footer: ['R-1'],
};

export async function startTeamsScene() {
  const teams = await startTeamsConnector({ pageSize: 2 });
  const clock = { now: 0 };

  return {
    teams,
    clock,
    close: () => teams.close(),
    /** Everything as at the beginning, and a port that remembers nothing. */
    async begin() {
      teams.heal();
      const book = createMemoryAddressBook();
      teams.roster(TEAM, people);
      teams.roster(DBA, people);
      teams.channels(TEAM, [
        { id: TEAM, name: null },
        { id: DBA, name: 'dba', type: 'standard' },
      ]);
      await book.joinTeam({ tenant: HOME, id: TEAM, name: 'Platform', serviceUrl: teams.serviceUrl });
      await book.visit({ id: DBA, tenant: HOME, serviceUrl: teams.serviceUrl });
      for (const [n, { id: address, name }] of people.slice(0, 4).entries()) {
        await book.meet({
          tenant: HOME,
          userId: id(n + 1),
          address,
          name,
          timeZone: n === 0 ? 'Europe/Berlin' : null,
          serviceUrl: teams.serviceUrl,
          direct: null,
          seenIn: TEAM,
        });
      }
      const port = createTeamsPort({
        connector: createConnector({ settings: { credentials: null, tenantId: HOME, dialogs: true } }),
        book,
        household: { tenants: [HOME], named: [] },
        dialogs: true,
        realNow: () => clock.now,
      });
      return { book, port };
    },
  };
}
export type TeamsScene = Awaited<ReturnType<typeof startTeamsScene>>;

export async function failure(work: Promise<unknown>): Promise<ChatError> {
  const error = await work.then(
    () => expect.unreachable('it should have failed'),
    (reason: unknown) => reason,
  );
  if (!(error instanceof ChatError)) throw error;
  return error;
}
