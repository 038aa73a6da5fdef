/** The address book of Teams, in the ledger: what was met once is found again after a restart. */
import { and, asc, eq, sql } from 'drizzle-orm';
import type { Tx } from './client.ts';
import { addressees, conversations, teams } from './schema-addresses.ts';

export type AddresseeRow = typeof addressees.$inferSelect;
export type TeamRow = typeof teams.$inferSelect;

/** The calls of `AddressBook` in `src/chat/teams/address-book.ts`. */
export function createAddressBook(db: Tx) {
  const isOne = (tenant: string, userId: string) =>
    and(eq(addressees.tenant, tenant), eq(addressees.userId, userId));

  return {
    async person(tenant: string, userId: string): Promise<AddresseeRow | null> {
      const [row] = await db.select().from(addressees).where(isOne(tenant, userId));
      return row ?? null;
    },

    async personAt(address: string): Promise<AddresseeRow | null> {
      const [row] = await db.select().from(addressees).where(eq(addressees.address, address)).limit(1);
      return row ?? null;
    },

    /** Writes only what is news: this is called for every word that somebody says. */
    async meet(person: AddresseeRow): Promise<void> {
      const { tenant: _tenant, userId: _user, ...news } = person;
      const kept = {
        ...news,
        address: sql`coalesce(excluded.address, ${addressees.address})`,
        timeZone: sql`coalesce(excluded.time_zone, ${addressees.timeZone})`,
        direct: sql`coalesce(excluded.direct, ${addressees.direct})`,
      };
      const isNews = sql`(${addressees.address}, ${addressees.name}, ${addressees.timeZone},
          ${addressees.serviceUrl}, ${addressees.direct}, ${addressees.seenIn})
        is distinct from (${kept.address}, excluded.name, ${kept.timeZone}, excluded.service_url,
          ${kept.direct}, excluded.seen_in)`;
      await db
        .insert(addressees)
        .values(person)
        .onConflictDoUpdate({ target: [addressees.tenant, addressees.userId], set: kept, setWhere: isNews });
    },

    async lose(tenant: string, userId: string): Promise<void> {
      await db.update(addressees).set({ direct: null }).where(isOne(tenant, userId));
    },

    teams(): Promise<TeamRow[]> {
      return db.select().from(teams).orderBy(asc(teams.id));
    },

    /** Writes only what is news: this too is called for every word, and then Teams rarely names the team. */
    async joinTeam(team: TeamRow): Promise<void> {
      const name = sql`coalesce(nullif(excluded.name, ''), ${teams.name})`;
      const isNews = sql`(${teams.tenant}, ${teams.name}, ${teams.serviceUrl})
        is distinct from (excluded.tenant, ${name}, excluded.service_url)`;
      await db
        .insert(teams)
        .values(team)
        .onConflictDoUpdate({ target: teams.id, set: { ...team, name }, setWhere: isNews });
    },

    async leaveTeam(id: string): Promise<void> {
      await db.delete(teams).where(eq(teams.id, id));
    },

    async serviceUrlOf(conversation: string): Promise<string | null> {
      const [row] = await db
        .select({ url: conversations.serviceUrl })
        .from(conversations)
        .where(eq(conversations.id, conversation));
      return row?.url ?? null;
    },

    async visit(conversation: { id: string; tenant: string; serviceUrl: string }): Promise<void> {
      await db
        .insert(conversations)
        .values(conversation)
        .onConflictDoUpdate({
          target: conversations.id,
          set: conversation,
          setWhere: sql`${conversations.serviceUrl} is distinct from excluded.service_url`,
        });
    },
  };
}
