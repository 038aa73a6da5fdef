/**
 * A strict local Bot Connector, for what Microsoft's playground cannot do: throttling, blocked chats, deleted
 * messages, guests and strangers, many pages, silence, and an answer that is lost after the message was taken.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

type Json = Record<string, unknown>;

/** What happens instead of, or after, one call. */
type TeamsFault =
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly body?: unknown;
      readonly headers?: Record<string, string>;
    }
  /** Teams takes the message, and the answer never arrives. */
  | { readonly kind: 'answer-lost' }
  /** Teams says nothing until then, and does the work after. */
  | { readonly kind: 'held'; readonly until: Promise<unknown> };

interface TeamsCall {
  readonly operation: Operation;
  readonly path: string;
  readonly authorization: string | null;
  readonly body: Json | null;
}

interface TeamsMessage {
  readonly conversation: string;
  /** The message that this one answers. */
  readonly thread: string | null;
  activity: Json;
}

type Operation = 'send' | 'update' | 'create' | 'member' | 'members' | 'channels';

const ROUTES: readonly (readonly [Operation, string, RegExp])[] = [
  ['send', 'POST', /^\/v3\/conversations\/([^/]+)\/activities$/],
  ['update', 'PUT', /^\/v3\/conversations\/([^/]+)\/activities\/([^/]+)$/],
  ['create', 'POST', /^\/v3\/conversations$/],
  ['member', 'GET', /^\/v3\/conversations\/([^/]+)\/members\/([^/]+)$/],
  ['members', 'GET', /^\/v3\/conversations\/([^/]+)\/pagedmembers$/],
  ['channels', 'GET', /^\/v3\/teams\/([^/]+)\/conversations$/],
];
const MAX_MESSAGE_BYTES = 100_000;

export async function startTeamsConnector(options: { pageSize?: number } = {}) {
  const faults = new Map<Operation, TeamsFault[]>();
  const calls: TeamsCall[] = [];
  const messages = new Map<string, TeamsMessage>();
  const rosters = new Map<string, Json[]>();
  const channels = new Map<string, Json[]>();
  const blocked = new Set<string>();
  let lastId = 1_700_000_000_000;

  const answers: Record<Operation, (ids: readonly string[], body: Json, query: URLSearchParams) => Answer> = {
    send([conversation = ''], body) {
      const [place = '', thread = null] = conversation.split(';messageid=');
      const fault = messageFault(body) ?? (blocked.has(place) ? MESSAGE_WRITES_BLOCKED : null);
      if (fault) return fault;
      if (!rosters.has(place)) return refusal(404, 'ConversationNotFound');
      if (thread !== null && !messages.has(thread)) return refusal(404, 'ActivityNotFoundInConversation');
      lastId += 1;
      messages.set(`${lastId}`, { conversation: place, thread, activity: body });
      return { status: 201, body: { id: `${lastId}` } };
    },
    update([conversation = '', id = ''], body) {
      const message = messages.get(id);
      // By the channel's id and by its thread's alike.
      const [place = '', thread = message?.thread ?? null] = conversation.split(';messageid=');
      const fault = messageFault(body) ?? (blocked.has(place) ? MESSAGE_WRITES_BLOCKED : null);
      if (fault) return fault;
      if (message?.conversation !== place || ![message.thread, id].includes(thread))
        return refusal(404, 'ActivityNotFoundInConversation');
      message.activity = body;
      return { status: 200, body: { id } };
    },
    create(_ids, body) {
      const [member] = Array.isArray(body.members) ? body.members : [];
      const known = [...rosters.values()].flat().find(({ id }) => id === member?.id);
      if (!known || body.isGroup !== false || typeof body.tenantId !== 'string') {
        return refusal(400, 'Bad Argument');
      }
      const id = `a:${member.id}`;
      if (blocked.has(id)) return refusal(403, 'BotNotInConversationRoster');
      rosters.set(id, [known]);
      return { status: 201, body: { id } };
    },
    member([conversation = '', wanted = '']) {
      if (blocked.has(conversation)) return refusal(403, 'BotNotInConversationRoster');
      const roster = rosters.get(conversation);
      if (!roster) return refusal(404, 'ConversationNotFound');
      const found = roster.find(({ id, objectId }) => id === wanted || objectId === wanted);
      if (!found) return refusal(404, 'MemberNotFoundInConversation');
      const { objectId, ...rest } = found;
      return { status: 200, body: { ...rest, aadObjectId: objectId } };
    },
    members([conversation = ''], _body, query) {
      const roster = rosters.get(conversation);
      if (!roster) return refusal(404, 'ConversationNotFound');
      const size = options.pageSize ?? Number(query.get('pageSize'));
      const start = Number(query.get('continuationToken') ?? 0);
      const more = start + size < roster.length;
      return {
        status: 200,
        body: {
          members: roster.slice(start, start + size),
          ...(more ? { continuationToken: `${start + size}` } : {}),
        },
      };
    },
    channels: ([team = '']) => {
      const found = channels.get(team);
      return found ? { status: 200, body: { conversations: found } } : refusal(404, 'ConversationNotFound');
    },
  };

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const route = ROUTES.find(([, method, path]) => method === request.method && path.test(url.pathname));
    if (!route) return void response.writeHead(405).end();
    const [operation, , path] = route;
    const ids = (path.exec(url.pathname) ?? []).slice(1).map(decodeURIComponent);
    const body = await read(request);
    const authorization = request.headers.authorization ?? null;
    calls.push({ operation, path: request.url ?? '', authorization, body });
    const fault = faults.get(operation)?.shift();
    if (fault?.kind === 'answer') return write(response, fault);
    if (fault?.kind === 'held') await fault.until;
    const answer = answers[operation](ids, body ?? {}, url.searchParams);
    if (fault?.kind === 'answer-lost') return void response.destroy();
    write(response, answer);
  }

  const server = createServer((request, response) => {
    serve(request, response).catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  return {
    serviceUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    calls: calls as readonly TeamsCall[],
    messages: messages as ReadonlyMap<string, TeamsMessage>,
    callsOf: (operation: Operation) => calls.filter((call) => call.operation === operation).length,
    fail: (operation: Operation, ...next: TeamsFault[]) =>
      void faults.set(operation, [...(faults.get(operation) ?? []), ...next]),
    heal: () => faults.clear(),
    /** Who is in a conversation; members as `pagedmembers` lists them. */
    roster: (conversation: string, members: readonly Json[]) => void rosters.set(conversation, [...members]),
    channels: (team: string, list: readonly Json[]) => void channels.set(team, [...list]),
    /** The bot is not let into this chat, nor told who is in there: not added yet, removed or blocked. */
    block: (conversation: string) => void blocked.add(conversation),
    unblock: (conversation: string) => void blocked.delete(conversation),
    /** Somebody says something in a conversation: the message's id. */
    said(conversation: string, activity: Json): string {
      lastId += 1;
      messages.set(`${lastId}`, { conversation, thread: null, activity });
      return `${lastId}`;
    },
    forgetMessage: (id: string) => void messages.delete(id),
    async close(): Promise<void> {
      server.close();
      server.closeAllConnections();
    },
  };
}
export type TeamsConnector = Awaited<ReturnType<typeof startTeamsConnector>>;

interface Answer {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}

/** As Teams words it: `{error: {code, message}}`. */
export function refusal(status: number, code: string): Answer {
  return { status, body: { error: { code, message: `It is ${code}.` } } };
}

/** What Teams' chat service says where a person blocked or removed the bot. */
export const MESSAGE_WRITES_BLOCKED: Answer = {
  status: 403,
  body: {
    errorCode: 209,
    message: JSON.stringify({
      subCode: 'MessageWritesBlocked',
      details: 'Thread is blocked from message writes.',
    }),
  },
};

function messageFault(activity: Json): Answer | null {
  if (Buffer.byteLength(JSON.stringify(activity)) > MAX_MESSAGE_BYTES)
    return refusal(413, 'MessageSizeTooBig');
  const [attachment] = Array.isArray(activity.attachments) ? activity.attachments : [];
  const isCard =
    attachment?.contentType === 'application/vnd.microsoft.card.adaptive' &&
    attachment.content?.type === 'AdaptiveCard';
  const isSaid = activity.type === 'message' && typeof activity.summary === 'string' && activity.summary;
  return isCard && isSaid ? null : refusal(400, 'Bad Argument');
}

function write(response: ServerResponse, { status, body, headers }: Answer): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(typeof body === 'string' ? body : JSON.stringify(body ?? {}));
}

async function read(request: IncomingMessage): Promise<Json | null> {
  let body = '';
  for await (const chunk of request) body += chunk;
  return body === '' ? null : (JSON.parse(body) as Json);
}
