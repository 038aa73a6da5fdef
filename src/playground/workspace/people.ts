/** The workspace's directory: who is here, as Slack describes them. */
import type { Handle } from '../protocol.ts';
import { BOT, TEAM, userId } from './ids.ts';
import type { Json } from './json.ts';

export interface NewPerson {
  readonly handle: Handle;
  readonly name: string;
  /** `on call`, `owner`, `security`, `guest`. */
  readonly part: string;
  readonly standing: 'full' | 'guest';
}

export interface Person extends NewPerson {
  readonly id: string;
  readonly email: string;
}

/** Everybody's mail is `HANDLE@acme.test`. */
export const MAIL_DOMAIN = 'acme.test';

export function createPeople(given: readonly NewPerson[]) {
  const people: Person[] = given.map((each) => ({
    ...each,
    id: userId(each.handle),
    email: `${each.handle}@${MAIL_DOMAIN}`,
  }));
  const changes = new Map<string, Json>();

  /** https://docs.slack.dev/reference/objects/user-object */
  function userObject(person: Person): Json {
    return {
      id: person.id,
      team_id: TEAM.id,
      name: person.handle,
      real_name: person.name,
      deleted: false,
      tz: 'Europe/Berlin',
      tz_label: 'Central European Time',
      is_bot: false,
      is_app_user: false,
      is_admin: false,
      is_owner: false,
      is_restricted: person.standing === 'guest',
      is_ultra_restricted: false,
      is_stranger: false,
      profile: {
        real_name: person.name,
        display_name: person.name,
        email: person.email,
        team: TEAM.id,
      },
      ...changes.get(person.id),
    };
  }

  return {
    all: people as readonly Person[],
    byHandle: (handle: string) => people.find((each) => each.handle === handle),
    byId: (id: string) => people.find((each) => each.id === id),
    byEmail: (email: string) => people.find((each) => each.email === email.toLowerCase()),
    userObject,
    isDeactivated: (person: Person) => userObject(person).deleted === true,
    /** Lays `over` over what Slack says of somebody, such as `{deleted: true}`. */
    change: (person: Person, over: Json) =>
      void changes.set(person.id, { ...changes.get(person.id), ...over }),
  };
}

export type People = ReturnType<typeof createPeople>;

export const BOT_USER: Json = {
  id: BOT.user,
  team_id: TEAM.id,
  name: 'curfew',
  real_name: 'Curfew',
  deleted: false,
  is_bot: true,
  is_app_user: false,
  is_restricted: false,
  is_ultra_restricted: false,
  is_stranger: false,
  profile: { real_name: 'Curfew', display_name: 'Curfew', bot_id: BOT.id, team: TEAM.id },
};
