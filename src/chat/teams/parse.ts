/**
 * Teams' activities → what Curfew understands. Pure; nothing in here throws: what has not the shape that
 * Teams documents is `malformed`, what is none of Curfew's business is `ignored` or, where an answer is
 * owed, `unknown-invoke`.
 */
import type { Inbound, Speaker } from '../../../commands/command.ts';
import { FIELD_IDS } from '../cards/forms.ts';
import {
  type Activity,
  activity,
  eventActivity,
  execute,
  extension,
  extensionActivity,
  search,
  task,
} from './activity.ts';
import { EXECUTE_VERBS, REQUEST_COMMAND, ROLES_DATASET, type Wire, wire } from './wire.ts';
import { mentionsBot, readWords } from './words.ts';

/** Where something was said or pressed. */
export interface Place {
  /** With `;messageid=…` in a channel's thread: what is posted there, lands in the thread. */
  readonly conversation: string;
  readonly type: 'personal' | 'groupChat' | 'channel';
  readonly tenant: string;
  readonly serviceUrl: string;
  /** The message that was said, or that the button stands on. */
  readonly message: string | null;
  readonly team: { readonly id: string; readonly name: string } | null;
  /** False for a message extension: people use it in chats where the bot is not. */
  readonly botIsThere: boolean;
}

export interface Sender {
  readonly speaker: Speaker;
  /** `29:…` */
  readonly address: string;
  readonly name: string;
  readonly timeZone: string | null;
}

/** How the answer goes back: by a message, or within the HTTP answer to one of three kinds of invoke. */
export type Way = 'message' | 'card' | 'dialog';

interface From {
  readonly place: Place;
  readonly sender: Sender;
}

export type Parsed =
  /** `on`: the request whose card the pressed button stands on. */
  | (From & { kind: 'inbound'; way: Way; inbound: Inbound; on: string | null })
  /** `automatic`: nobody pressed anything. */
  | (From & { kind: 'look'; way: Way; about: string; automatic: boolean })
  /** A button of another version; `about` is the request it seems to mean. */
  | (From & { kind: 'outdated'; way: Way; about: string | null; automatic: boolean })
  | (From & { kind: 'role-query'; typed: string })
  /** `sender` null where Teams does not say who added Curfew to a team or a group. */
  | { kind: 'installed'; place: Place; sender: Sender | null }
  /** `sender` null where a team was deleted by who is not named. */
  | { kind: 'uninstalled'; place: Place; sender: Sender | null }
  /** Teams does not say who this is, or of which tenant. */
  | { kind: 'nobody'; way: Way; place: Omit<Place, 'tenant'> }
  | { kind: 'ignored' }
  | { kind: 'unknown-invoke' }
  | { kind: 'malformed'; why: string };

const MAX_TYPED = 200;
const MAX_VALUE = 10_000;
const EXTENSION_NAMES = ['composeExtension/fetchTask', 'composeExtension/submitAction'];
const EVENTS = ['conversationUpdate', 'installationUpdate'];
const REQUEST_ID = /^[A-Z0-9][A-Z0-9-]{0,63}$/;
const IGNORED: Parsed = { kind: 'ignored' };

/** @param body the JSON of a request that is known to come from Teams */
export function parseActivity(body: unknown): Parsed {
  const parsed = shapeOf(body).safeParse(body);
  if (!parsed.success) return { kind: 'malformed', why: parsed.error.issues[0]?.path.join('.') ?? '' };
  const { data } = parsed;
  // Bots, this one included: they have no business with Curfew, and two bots could talk for ever.
  if (isBot(data.from.id) && data.type === 'message') return IGNORED;
  switch (data.type) {
    case 'message':
      return parseMessage(data);
    case 'invoke':
      return parseInvoke(data);
    case 'installationUpdate':
      if (data.action === 'add') return installed(data);
      return data.action === 'remove' ? uninstalled(data) : IGNORED;
    case 'conversationUpdate':
      return parseMembers(data);
    default:
      return IGNORED;
  }
}

function parseMessage(data: Activity): Parsed {
  // An Action.Submit arrives as a message without words.
  if (typeof data.value === 'object' && data.value !== null) return parseButton(data, 'message', data.value);
  if (placeOf(data).type !== 'personal' && !mentionsBot(data)) return IGNORED;
  return known(data, 'message', (from) =>
    inbound(from, 'message', { kind: 'words', text: readWords(data), ...by(data, from) }),
  );
}

function parseInvoke(data: Activity): Parsed {
  switch (data.name) {
    case 'adaptiveCard/action': {
      const pressed = execute.safeParse(data.value);
      if (!pressed.success) return { kind: 'malformed', why: 'value.action' };
      const { action, trigger } = pressed.data;
      const ours = EXECUTE_VERBS.some((each) => each === action.verb);
      const parsed = ours ? parseButton(data, 'card', action.data) : outdated(data, 'card', action.data);
      return 'automatic' in parsed ? { ...parsed, automatic: trigger === 'automatic' } : parsed;
    }
    case 'task/fetch':
    case 'task/submit': {
      const asked = task.safeParse(data.value);
      return asked.success ? parseButton(data, 'dialog', asked.data.data) : malformed('value');
    }
    case 'composeExtension/fetchTask':
    case 'composeExtension/submitAction': {
      const asked = extension.safeParse(data.value);
      if (!asked.success) return malformed('value');
      if (data.name === 'composeExtension/submitAction') return parseButton(data, 'dialog', asked.data.data);
      if (asked.data.commandId !== REQUEST_COMMAND) return outdated(data, 'dialog', null);
      return known(data, 'dialog', (from) =>
        inbound(from, 'dialog', { kind: 'action', verb: 'new-request', id: 'new', ...by(data, from) }),
      );
    }
    case 'application/search': {
      const asked = search.safeParse(data.value);
      if (!asked.success) return malformed('value');
      if (asked.data.dataset !== ROLES_DATASET) return { kind: 'unknown-invoke' };
      const typed = (asked.data.queryText ?? '').trim().slice(0, MAX_TYPED);
      return known(data, 'card', (from) => ({ kind: 'role-query', ...from, typed }));
    }
    default:
      return { kind: 'unknown-invoke' };
  }
}

function parseButton(data: Activity, way: Way, carried: unknown): Parsed {
  const read = wire.safeParse(carried);
  if (!read.success) return outdated(data, way, carried);
  return known(data, way, (from) => understood(data, way, from, read.data, carried));
}

function understood(data: Activity, way: Way, from: From, said: Wire, carried: unknown): Parsed {
  switch (said.do) {
    case 'act':
      return {
        ...inbound(from, way, { kind: 'action', verb: said.verb, id: said.id, ...by(data, from) }),
        on: requestOf(said.on),
      };
    case 'form': {
      const { form, about } = said;
      const values = valuesOf(carried);
      return inbound(from, way, { kind: 'form', form, about, values, ...by(data, from) });
    }
    case 'look':
      return { kind: 'look', ...from, way, about: said.about, automatic: false };
  }
}

function parseMembers(data: Activity): Parsed {
  const isCurfew = ({ id }: { id: string }) => id === data.recipient.id;
  const event = data.channelData?.eventType;
  if (event === 'teamDeleted' || event === 'teamHardDeleted') return uninstalled(data);
  if (data.membersRemoved?.some(isCurfew)) return uninstalled(data);
  return data.membersAdded?.some(isCurfew) ? installed(data) : IGNORED;
}

function installed(data: Activity): Parsed {
  const tenant = tenantOf(data);
  const sender = fromOf(data)?.sender ?? null;
  const place = placeOf(data);
  // Somebody's own chat is nothing without them.
  if (!tenant || (!sender && place.type === 'personal')) return IGNORED;
  return { kind: 'installed', place: { ...place, tenant }, sender };
}

function uninstalled(data: Activity): Parsed {
  const tenant = tenantOf(data);
  return tenant
    ? { kind: 'uninstalled', place: { ...placeOf(data), tenant }, sender: fromOf(data)?.sender ?? null }
    : IGNORED;
}

function outdated(data: Activity, way: Way, carried: unknown): Parsed {
  const about = seemsAbout(carried);
  return known(data, way, (from) => ({ kind: 'outdated', ...from, way, about, automatic: false }));
}

function inbound(from: From, way: Way, said: Inbound): Extract<Parsed, { kind: 'inbound' }> {
  return { kind: 'inbound', ...from, way, inbound: said, on: null };
}

function known(data: Activity, way: Way, then: (from: From) => Parsed): Parsed {
  const from = isBot(data.from.id) ? null : fromOf(data);
  return from ? then(from) : { kind: 'nobody', way, place: placeOf(data) };
}

function fromOf(data: Activity): From | null {
  const tenant = tenantOf(data);
  const userId = data.from.aadObjectId;
  if (!tenant || !userId) return null;
  return {
    place: { ...placeOf(data), tenant },
    sender: {
      speaker: { platform: 'teams', workspace: tenant, userId },
      address: data.from.id,
      name: data.from.name ?? '',
      timeZone: timeZoneOf(data),
    },
  };
}

function by(data: Activity, { sender }: From): { key: string; speaker: Speaker } {
  return { key: `teams:${data.conversation.id}:${data.id}`, speaker: sender.speaker };
}

function placeOf(data: Activity): Omit<Place, 'tenant'> {
  const { conversation, channelData, serviceUrl, replyToId } = data;
  const botIsThere = !isExtension(data);
  const team = botIsThere ? channelData?.team : null;
  // What is not known to be between the bot and one person is taken for a crowd.
  const said = botIsThere ? conversation.conversationType : 'groupChat';
  return {
    conversation: conversation.id,
    type: said ?? (team ? 'channel' : 'groupChat'),
    serviceUrl,
    message: data.type === 'message' ? data.id : (replyToId ?? null),
    team: team ? { id: team.id, name: team.name ?? '' } : null,
    botIsThere,
  };
}

/** Null also where two are named. */
function tenantOf({ conversation, channelData }: Activity): string | null {
  const named = new Set([conversation.tenantId, channelData?.tenant?.id].filter((id) => id));
  return named.size === 1 ? ([...named][0] ?? null) : null;
}

function timeZoneOf({ localTimezone, entities }: Activity): string | null {
  const client = entities?.find((entity) => entity?.type === 'clientInfo');
  const named = localTimezone ?? (client?.type === 'clientInfo' ? client.timezone : null);
  try {
    return named ? new Intl.DateTimeFormat('en', { timeZone: named }).resolvedOptions().timeZone : null;
  } catch {
    return null;
  }
}

function valuesOf(carried: unknown): Record<string, string> {
  const filled = new Map(Object.entries(carried ?? {}));
  return Object.fromEntries(
    FIELD_IDS.flatMap((field) => {
      const value: unknown = filled.get(field);
      return typeof value === 'string' ? [[field, value.slice(0, MAX_VALUE)]] : [];
    }),
  );
}

/** The request of a marker such as `curfew:R-7K3M:owners:12`. */
function requestOf(marker: string | undefined): string | null {
  const id = marker?.split(':')[1];
  return id !== undefined && REQUEST_ID.test(id) ? id : null;
}

function seemsAbout(carried: unknown): string | null {
  const named = new Map<string, unknown>(Object.entries(carried ?? {}));
  const id = [named.get('about'), named.get('id')].find(
    (each) => typeof each === 'string' && REQUEST_ID.test(each),
  );
  return typeof id === 'string' ? id : null;
}

function shapeOf(body: unknown) {
  if (isExtension(body)) return extensionActivity;
  return EVENTS.some((each) => each === typeOf(body)) ? eventActivity : activity;
}

function typeOf(body: unknown): unknown {
  return typeof body === 'object' && body !== null && 'type' in body ? body.type : null;
}

function isExtension(body: unknown): boolean {
  if (typeof body !== 'object' || body === null || !('name' in body)) return false;
  return typeOf(body) === 'invoke' && EXTENSION_NAMES.some((each) => each === body.name);
}

function isBot(address: string): boolean {
  return address.startsWith('28:');
}

function malformed(why: string): Parsed {
  return { kind: 'malformed', why };
}
