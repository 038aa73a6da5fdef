/** People by mail address. Teams looks nobody up by that, so the members of Curfew's teams are read. */

import { readMailAddress } from '../../domain/mail-address.ts';
import { ChatError, type Profile } from '../port.ts';
import type { AddressBook, TeamPlace } from './address-book.ts';
import type { Account, Connector } from './connector.ts';
import type { Call } from './conversations.ts';
import { isShut } from './errors.ts';
import { metIn } from './people.ts';
import { toProfile } from './profile.ts';
import { remembered } from './remembered.ts';

const MAX_AGE_MS = 60_000;
const MAX_TEAMS = 50;
const MAX_PEOPLE = 50_000;

interface Entry {
  readonly profile: Profile;
  readonly account: Account;
  readonly team: TeamPlace;
}
type ByMail = ReadonlyMap<string, readonly Entry[]>;

export function createDirectory(options: {
  connector: Connector;
  book: AddressBook;
  home: readonly string[];
  call: Call;
  realNow: () => number;
}) {
  const { connector, book, home, call, realNow } = options;
  const walk = remembered({ read: readEverybody, maxAgeMs: MAX_AGE_MS, realNow });

  async function readEverybody(): Promise<ByMail> {
    const teams = await book.teams();
    if (teams.length > MAX_TEAMS) throw tooMany();
    const byMail = new Map<string, Map<string, Entry>>();
    let count = 0;
    for (const team of teams) {
      const accounts = await call('members', () => connector.members(team.serviceUrl, team.id)).catch(
        (error: unknown) => {
          if (error instanceof ChatError && isShut(error)) return [];
          throw error;
        },
      );
      count += accounts.length;
      if (count > MAX_PEOPLE) throw tooMany();
      for (const account of accounts) {
        const profile = toProfile(account, home, null);
        const mail = addressOf(profile?.email ?? '');
        if (!profile || mail === null) continue;
        const entries = byMail.get(mail) ?? new Map<string, Entry>();
        entries.set(profile.userId, { profile, account, team });
        byMail.set(mail, entries);
      }
    }
    return new Map([...byMail].map(([mail, entries]) => [mail, [...entries.values()]]));
  }

  /** Whoever is found can be written to from then on. */
  async function keep({ profile, account, team }: Entry): Promise<string | null> {
    const known = await book.person(profile.workspace, profile.userId);
    if (known?.address !== account.address) {
      await book.meet(metIn(team, account, profile));
    }
    return known?.timeZone ?? null;
  }

  return {
    /** Null: nobody in the bot's teams has this address. Two full members who share one: `closed`. */
    async byMail(email: string): Promise<Profile | null> {
      const entries = (await walk.get()).get(addressOf(email) ?? '') ?? [];
      const full = entries.filter(({ profile }) => profile.standing === 'full');
      if (full.length > 1) {
        throw new ChatError('closed', 'ambiguous_mail', 'Two people in Teams have this mail address.', {
          outcomeKnown: true,
        });
      }
      const entry = full[0] ?? entries[0];
      return entry ? { ...entry.profile, timeZone: await keep(entry) } : null;
    },

    forget: walk.forget,
  };
}

/** Null: none that can be compared. */
function addressOf(typed: string): string | null {
  const read = readMailAddress(typed, { nonAscii: true });
  return read.ok ? read.address : null;
}

/** Part of a list would make people look missing who are only further on. */
function tooMany(): ChatError {
  return new ChatError('closed', 'too_many_people', "Curfew's teams have too many members to look through.", {
    outcomeKnown: true,
  });
}
