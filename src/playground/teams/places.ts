/**
 * The same people as in the other playground, as Microsoft's playground wants to be told of them. It shows
 * one person's Teams, so that each speaker has an instance; what they see in channels of their own is
 * theirs alone. It knows no guests: Sam is a full member here.
 */
import { PEOPLE } from '../town.ts';

/** Who has an instance, in the order of the ports, and the channel of theirs beside General (there can be one). */
export const SPEAKERS = [
  { handle: 'ana', channel: 'incidents' },
  { handle: 'omar', channel: 'access-approvals' },
  { handle: 'mia', channel: 'security-alerts' },
] as const;
export type Speaker = (typeof SPEAKERS)[number]['handle'];

export const TENANT = 'ac3e0000-0000-4000-8000-000000000001';
export const BOT = { id: '28:ac3e0000-0000-4000-8000-000000000002', name: 'Curfew' };

export interface Member {
  readonly handle: string;
  readonly name: string;
  /** What the bot knows them by: the same in every instance, or they would be several people. */
  readonly id: string;
  readonly aadObjectId: string;
  readonly email: string;
}

/** It wants exactly six, and the town has five. */
const PASSER_BY = { handle: 'kim', name: 'Kim' };

export const MEMBERS: readonly Member[] = [...PEOPLE, PASSER_BY].map(({ handle, name }, index) => ({
  handle,
  name,
  id: `29:${handle}`,
  aadObjectId: `ac3e0000-0000-4000-8000-0000000001${String(index).padStart(2, '0')}`,
  email: `${handle}@acme.test`,
}));

/** The conversations of one person's Teams. */
export function placesOf(handle: string): { chat: string; group: string; team: string; channel: string } {
  return {
    chat: `a:chat-of-${handle}`,
    group: `19:group-of-${handle}@thread.v2`,
    team: `19:general-of-${handle}@thread.tacv2`,
    channel: `19:channel-of-${handle}@thread.tacv2`,
  };
}

/** The configuration file of an instance; JSON is YAML. `userPrincipleName` is how it spells that. */
export function configurationOf(speaker: Speaker): string {
  const users = MEMBERS.map(({ handle, name, ...ids }) => ({
    handle,
    user: { ...ids, name, userPrincipleName: ids.email, givenName: name, surname: '' },
  }));
  const { chat, group, team, channel } = placesOf(speaker);
  const name = SPEAKERS.find(({ handle }) => handle === speaker)?.channel;
  return JSON.stringify({
    version: '0.1.1',
    tenantId: TENANT,
    bot: BOT,
    currentUser: users.find(({ handle }) => handle === speaker)?.user,
    users: users.filter(({ handle }) => handle !== speaker).map(({ user }) => user),
    personalChat: { id: chat },
    groupChat: { id: group, name: 'Friends' },
    team: { id: team, name: 'Acme', aadGroupId: TENANT, channels: [{ id: channel, name }] },
  });
}
