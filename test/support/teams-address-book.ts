/** An address book that lives in memory, for tests. */
import type { AddressBook, Addressee, TeamPlace } from '../../src/chat/teams/address-book.ts';

export function createMemoryAddressBook(): AddressBook {
  const people = new Map<string, Addressee>();
  const teams = new Map<string, TeamPlace>();
  const serviceUrls = new Map<string, string>();
  const key = (tenant: string, userId: string) => `${tenant} ${userId}`;

  return {
    person: async (tenant, userId) => people.get(key(tenant, userId)) ?? null,
    personAt: async (address) => [...people.values()].find((person) => person.address === address) ?? null,
    async meet(person) {
      const known = people.get(key(person.tenant, person.userId));
      people.set(key(person.tenant, person.userId), {
        ...person,
        direct: person.direct ?? known?.direct ?? null,
        timeZone: person.timeZone ?? known?.timeZone ?? null,
      });
    },
    async lose(tenant, userId) {
      const known = people.get(key(tenant, userId));
      if (known) people.set(key(tenant, userId), { ...known, direct: null });
    },
    teams: async () => [...teams.values()],
    async joinTeam(team) {
      teams.set(team.id, { ...team, name: team.name || (teams.get(team.id)?.name ?? '') });
      serviceUrls.set(team.id, team.serviceUrl);
    },
    async leaveTeam(id) {
      teams.delete(id);
    },
    serviceUrlOf: async (conversation) => serviceUrls.get(conversation) ?? null,
    async visit({ id, serviceUrl }) {
      serviceUrls.set(id, serviceUrl);
    },
  };
}
