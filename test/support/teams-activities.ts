/**
 * Activities as Teams sends them, by kind of conversation.
 * https://learn.microsoft.com/microsoftteams/platform/bots/how-to/conversations/subscribe-to-conversation-events
 */
export const TENANT = '7a000000-0000-4000-8000-000000000001';
export const SERVICE_URL = 'https://smba.test/emea/';
export const BOT = { id: '28:0a0a0a0a-1111-4222-8333-444444444444', name: 'Curfew' };

export const people = {
  ana: { id: '29:ana-address', name: 'Ana Lopez', aadObjectId: 'AAAAAAAA-0000-4000-8000-000000000001' },
  omar: { id: '29:omar-address', name: 'Omar Haddad', aadObjectId: 'bbbbbbbb-0000-4000-8000-000000000002' },
} as const;
export type Handle = keyof typeof people;

export type Where = 'personal' | 'groupChat' | 'channel';

export const conversations: Readonly<Record<Where, string>> = {
  personal: 'a:personal-chat-of-ana',
  groupChat: '19:abcdef@thread.v2',
  channel: '19:dba@thread.tacv2;messageid=1700000000000',
};
export const TEAM = { id: '19:general@thread.tacv2', name: 'Databases' };

let count = 0;

/** What every activity has. Each call is a new delivery; spread one to send it again. */
export function activityIn(where: Where, handle: Handle = 'ana') {
  count += 1;
  return {
    id: `f:${count}`,
    timestamp: '2026-11-20T10:00:00.000Z',
    localTimezone: 'Europe/Madrid',
    channelId: 'msteams',
    serviceUrl: SERVICE_URL,
    from: people[handle],
    recipient: BOT,
    conversation: {
      id: conversations[where],
      conversationType: where,
      tenantId: TENANT,
      ...(where === 'personal' ? {} : { isGroup: true }),
    },
    channelData: {
      tenant: { id: TENANT },
      ...(where === 'channel' ? { team: TEAM, channel: { id: '19:dba@thread.tacv2' } } : {}),
    },
    locale: 'en-US',
    entities: [
      { type: 'clientInfo', locale: 'en-US', country: 'ES', platform: 'Web', timezone: 'Europe/Madrid' },
    ] as object[],
  };
}

export const mentionOf = (who: { id: string; name: string }) => ({
  type: 'mention',
  text: `<at>${who.name}</at>`,
  mentioned: { id: who.id, name: who.name },
});

/** What a person typed; where there are others, after the bot's name. */
export function words(text: string, where: Where = 'personal', handle: Handle = 'ana') {
  const base = activityIn(where, handle);
  if (where === 'personal') return { ...base, type: 'message', textFormat: 'plain', text };
  return {
    ...base,
    type: 'message',
    textFormat: 'plain',
    text: `<at>${BOT.name}</at>&nbsp;${text}\n`,
    entities: [mentionOf(BOT), ...base.entities],
  };
}

export function invoke(name: string, value: unknown, where: Where = 'personal', handle: Handle = 'ana') {
  return { ...activityIn(where, handle), type: 'invoke', name, value, replyToId: '1700000000000' };
}

const VERBS: Readonly<Record<string, string>> = {
  act: 'curfew.act',
  form: 'curfew.form',
  look: 'curfew.look',
};

/** A button pressed, as `Action.Execute`. */
export function press(
  data: { do: string } & Record<string, unknown>,
  where: Where = 'personal',
  by: Handle = 'ana',
) {
  const action = { type: 'Action.Execute', verb: VERBS[data.do], data: { v: 1, ...data } };
  return invoke('adaptiveCard/action', { action, trigger: 'manual' }, where, by);
}

/** A button pressed whose `Action.Submit` comes as a message. */
export function submitAsMessage(value: unknown, where: Where = 'personal') {
  return { ...activityIn(where), type: 'message', replyToId: '1700000000000', value };
}

export function installation(action: 'add' | 'remove', where: Where = 'personal') {
  return { ...activityIn(where), type: 'installationUpdate', action };
}

export function membership(
  change: 'membersAdded' | 'membersRemoved',
  member: string,
  where: Where = 'personal',
) {
  return { ...activityIn(where), type: 'conversationUpdate', [change]: [{ id: member }] };
}
