/**
 * Who somebody is. Teams says it of a conversation's members alone, and only to a bot that is in there: so they
 * are asked for where they were met, and where the bot is no longer let in, in the teams that it was added to.
 */
import { ChatError, type Profile } from '../port.ts';
import type { AddressBook, Addressee, TeamPlace } from './address-book.ts';
import type { Account, Connector } from './connector.ts';
import type { Call } from './conversations.ts';
import { isClosed, isShut, notAdded, unreachable } from './errors.ts';
import { type Household, tenantsOf } from './household.ts';
import { toProfile } from './profile.ts';

const MAX_TEAMS = 50;
const AT_ONCE = 10;
/** Channels, group chats and meetings; a bot's chat with one person has another id. */
const SHARED = '19:';

/** What a team's list says of somebody, as an entry of the address book. */
export function metIn(team: TeamPlace, { address }: Account, profile: Profile): Addressee {
  const { workspace: tenant, userId, name } = profile;
  const { serviceUrl, id: seenIn } = team;
  return { tenant, userId, address, name, timeZone: null, serviceUrl, direct: null, seenIn };
}

interface Found {
  readonly account: Account;
  readonly profile: Profile;
}

export function createPeople(options: {
  connector: Pick<Connector, 'member'>;
  book: Pick<AddressBook, 'person' | 'meet' | 'teams'>;
  household: Household;
  call: Call;
}) {
  const { connector, book, household, call } = options;

  async function addressee(userId: string): Promise<Addressee | null> {
    for (const tenant of tenantsOf(household, userId)) {
      const person = await book.person(tenant, userId);
      if (person) return person;
    }
    return null;
  }

  /** Null: no member there. Never rejects. */
  async function ask(
    userId: string,
    person: Addressee | null,
    at: { serviceUrl: string; id: string },
  ): Promise<Found | ChatError | null> {
    try {
      const id = person?.address ?? userId;
      const account = await call('member', () => connector.member(at.serviceUrl, at.id, id));
      const profile = account && toProfile(account, household.tenants, person?.timeZone ?? null);
      if (!profile) return null;
      if (profile.userId === userId) return { account, profile };
      // An answer about somebody else says nothing of this person.
      return new ChatError('closed', 'another_person', 'member', { outcomeKnown: true });
    } catch (error) {
      if (error instanceof ChatError) return error;
      throw error;
    }
  }

  /** Whoever is found is asked for there from then on, and can be written to. */
  async function keep(person: Addressee | null, team: TeamPlace, { account, profile }: Found) {
    const { tenant } = person ?? { tenant: profile.workspace };
    if (tenantsOf(household, profile.userId).includes(tenant))
      await book.meet({ ...metIn(team, account, profile), tenant });
  }

  return {
    addressee,

    /**
     * Null only when Teams said everywhere that they are not there, in their personal chat too where they were
     * met: whoever leaves a team did not leave the company. `unreachable`: it does not say (any more), for
     * that chat is closed to the bot, or there never was one, and they are in none of its teams.
     */
    async read(userId: string): Promise<Profile | null> {
      const person = await addressee(userId);
      const met = new Set(person ? [person.direct ?? person.seenIn, person.seenIn] : []);
      const failures: ChatError[] = [];
      let isGone = person === null;
      for (const id of met) {
        const answer = await ask(userId, person, { serviceUrl: person?.serviceUrl ?? '', id });
        if (answer instanceof ChatError) failures.push(answer);
        else if (answer) return answer.profile;
        else if (id === person?.direct || !id.startsWith(SHARED)) isGone = true;
      }
      // Another place does not make up for trouble in this one.
      if (!failures.every(isShut)) throw nowhere(failures, person);

      const teams = (await book.teams()).filter(({ id }) => !met.has(id));
      for (let next = 0; next < Math.min(teams.length, MAX_TEAMS); next += AT_ONCE) {
        const few = teams.slice(next, Math.min(next + AT_ONCE, MAX_TEAMS));
        const answers = await Promise.all(
          few.map(async (team) => ({ team, answer: await ask(userId, person, team) })),
        );
        for (const { team, answer } of answers) {
          if (answer instanceof ChatError) failures.push(answer);
          else if (answer) {
            await keep(person, team, answer);
            return answer.profile;
          }
        }
      }
      if (failures.length > 0) throw nowhere(failures, person);
      if (teams.length > MAX_TEAMS) throw tooMany();
      if (!isGone) throw unreachable('in_no_place', notAdded(person?.name ?? 'This person'));
      return null;
    },
  };
}

/** What may pass says more than what is closed, and that more than what is no more. */
function nowhere(failures: readonly ChatError[], person: Addressee | null): ChatError | undefined {
  const passing = failures.find((failure) => !isShut(failure));
  if (passing) return passing;
  const closed = failures.find(({ code }) => isClosed(code));
  return closed ? unreachable(closed.code, notAdded(person?.name ?? 'This person')) : failures[0];
}

function tooMany(): ChatError {
  return new ChatError('closed', 'too_many_teams', 'Curfew is in too many teams to look for them in all.', {
    outcomeKnown: true,
  });
}
