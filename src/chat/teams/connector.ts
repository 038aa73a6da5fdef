/**
 * The Bot Connector's REST API, as far as Curfew needs it. Each call is bounded in time and size, nothing is
 * retried or redirected, and what comes back is checked.
 * https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-api-reference
 */
import { z } from 'zod';
import type { TeamsSettings } from '../../config/environment.ts';
import { AnswerTooLarge, createBoundedFetch, neverSent } from '../../net/bounded-fetch.ts';
import { isEndpoint } from '../../net/endpoint-url.ts';
import { tokenSource } from './token-source.ts';

const TIMEOUT_MS = 10_000;
/** A page of 500 members is about 300 KB. */
const MAX_ANSWER_BYTES = 2_000_000;
/** Teams takes 50 to 500. */
const PAGE = 500;
/** 10,000 members: Teams gives a team no more than 25,000, and this is one look-up. */
const MAX_PAGES = 20;

/** What Teams says of a member of a conversation. */
export interface Account {
  /** The bot's own id for them, `29:…`. */
  readonly address: string;
  /** Entra object id, lower case; null for who has none, such as anonymous guests of a meeting. */
  readonly userId: string | null;
  readonly name: string | null;
  readonly email: string | null;
  readonly userPrincipalName: string | null;
  /** Lower case. */
  readonly tenant: string | null;
  /** `user`, `anonymous`, `guest`; null: not said. */
  readonly role: string | null;
}

export interface Channel {
  readonly id: string;
  /** Null for General, so that clients can say it in their own language. */
  readonly name: string | null;
  /** `standard`, `private`, `shared`; null: not said. */
  readonly type: string | null;
}

export interface Connector {
  /** The new message's id. `conversation` may carry `;messageid=` for a reply. */
  send(serviceUrl: string, conversation: string, activity: object): Promise<string>;
  update(serviceUrl: string, conversation: string, message: string, activity: object): Promise<void>;
  /** The id of the personal chat, new or not. */
  createDirect(serviceUrl: string, person: { tenant: string; address: string }): Promise<string>;
  /** `memberId`: address, Entra object id or user principal name. Null: no member of this conversation. */
  member(serviceUrl: string, conversation: string, memberId: string): Promise<Account | null>;
  /** All members, at most 10,000; more is an error, since half a list would make people look missing. */
  members(serviceUrl: string, conversation: string): Promise<readonly Account[]>;
  channels(serviceUrl: string, teamId: string): Promise<readonly Channel[]>;
}

/**
 * The only error of a connector. It holds codes and never what was sent, received or signed with. `status`
 * 0: no answer; then `sent` says whether anything may have left this machine.
 */
export class ConnectorError extends Error {
  override readonly name = 'ConnectorError';
  readonly status: number;
  readonly code: string;
  readonly retryAfter: string | null;
  readonly sent: boolean;

  constructor(code: string, of: { status?: number; retryAfter?: string | null; sent: boolean }) {
    super(code);
    this.code = code;
    this.status = of.status ?? 0;
    this.retryAfter = of.retryAfter ?? null;
    this.sent = of.sent;
  }
}

const text = z.string().max(2_000);
const absent = text.nullish().transform((value) => value || null);
/** https://learn.microsoft.com/microsoftteams/platform/bots/how-to/get-teams-context */
const account = z
  .object({
    id: text.min(1),
    name: absent,
    /** Teams says `objectId` in lists and `aadObjectId` elsewhere. */
    aadObjectId: absent,
    objectId: absent,
    givenName: absent,
    surname: absent,
    email: absent,
    userPrincipalName: absent,
    tenantId: absent,
    userRole: absent,
  })
  .transform(
    (said): Account => ({
      address: said.id,
      userId: (said.aadObjectId ?? said.objectId)?.toLowerCase() ?? null,
      name: said.name ?? ([said.givenName, said.surname].filter(Boolean).join(' ') || null),
      email: said.email,
      userPrincipalName: said.userPrincipalName,
      tenant: said.tenantId?.toLowerCase() ?? null,
      role: said.userRole,
    }),
  );
const page = z.object({ members: z.array(account).max(1_000), continuationToken: absent });
const channelList = z.object({
  conversations: z
    .array(
      z
        .object({ id: text.min(1), name: absent, type: absent, channelType: absent })
        .transform(({ id, name, type, channelType }): Channel => ({ id, name, type: type ?? channelType })),
    )
    .max(2_000),
});
const created = z.object({ id: text.min(1) });

/**
 * @param token the bot's access token for the Bot Connector; by default from Entra by the settings'
 * credentials. Without credentials calls carry none.
 */
export function createConnector(options: {
  settings: TeamsSettings;
  token?: () => Promise<string>;
  timeoutMs?: number;
}): Connector {
  const { settings, timeoutMs = TIMEOUT_MS } = options;
  const botId = settings.credentials && `28:${settings.credentials.appId}`;
  const token = options.token ?? tokenSource(settings);
  const boundedFetch = createBoundedFetch({ maxBytes: MAX_ANSWER_BYTES });

  async function call(serviceUrl: string, method: string, path: string, body?: object): Promise<unknown> {
    // The token goes there.
    if (!isEndpoint(serviceUrl) || serviceUrl.includes('?'))
      throw new ConnectorError('bad_service_url', { sent: false });
    const deadline = AbortSignal.timeout(timeoutMs);
    const bearer = token && (await before(deadline, token()));
    const response = await boundedFetch(`${serviceUrl.replace(/\/+$/, '')}/v3/${path}`, {
      method,
      signal: deadline,
      headers: {
        accept: 'application/json',
        ...(bearer ? { authorization: `Bearer ${bearer}` } : {}),
        ...(body ? { 'content-type': 'application/json; charset=utf-8' } : {}),
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
    }).catch((error: unknown) => {
      if (error instanceof AnswerTooLarge) throw new ConnectorError('answer_too_long', { sent: true });
      throw new ConnectorError('no_answer', { sent: !neverSent(error) });
    });
    const said = await response.text();
    if (response.ok) return parse(said);
    const { status, headers } = response;
    throw new ConnectorError(codeIn(said) ?? `http_${status}`, {
      status,
      retryAfter: headers.get('retry-after'),
      sent: true,
    });
  }

  const ask = async <T>(shape: z.ZodType<T>, ...request: Parameters<typeof call>): Promise<T> => {
    const answer = shape.safeParse(await call(...request));
    if (!answer.success) throw new ConnectorError('odd_answer', { sent: true });
    return answer.data;
  };
  const at = (conversation: string, ...rest: string[]) =>
    ['conversations', encodeURIComponent(conversation), ...rest].join('/');

  return {
    async send(serviceUrl, conversation, activity) {
      return (await ask(created, serviceUrl, 'POST', at(conversation, 'activities'), activity)).id;
    },

    async update(serviceUrl, conversation, message, activity) {
      const path = at(conversation, 'activities', encodeURIComponent(message));
      await call(serviceUrl, 'PUT', path, { ...activity, id: message });
    },

    async createDirect(serviceUrl, { tenant, address }) {
      const request = {
        ...(botId ? { bot: { id: botId } } : {}),
        isGroup: false,
        members: [{ id: address }],
        tenantId: tenant,
        channelData: { tenant: { id: tenant } },
      };
      return (await ask(created, serviceUrl, 'POST', 'conversations', request)).id;
    },

    async member(serviceUrl, conversation, memberId) {
      try {
        const path = at(conversation, 'members', encodeURIComponent(memberId));
        return await ask(account, serviceUrl, 'GET', path);
      } catch (error) {
        // Any other 404 says that the conversation is gone, and nothing of the person.
        const isNobody = error instanceof ConnectorError && error.status === 404;
        if (isNobody && /^(Member|User)NotFound/i.test(error.code)) return null;
        throw error;
      }
    },

    async members(serviceUrl, conversation) {
      const found: Account[] = [];
      let next: string | null = null;
      for (let count = 0; count < MAX_PAGES; count += 1) {
        const query = new URLSearchParams({
          pageSize: `${PAGE}`,
          ...(next ? { continuationToken: next } : {}),
        });
        const got: z.output<typeof page> = await ask(
          page,
          serviceUrl,
          'GET',
          at(conversation, `pagedmembers?${query}`),
        );
        found.push(...got.members);
        next = got.continuationToken;
        if (!next) return found;
      }
      throw new ConnectorError('too_many_members', { sent: true });
    },

    async channels(serviceUrl, teamId) {
      const path = `teams/${encodeURIComponent(teamId)}/conversations`;
      return (await ask(channelList, serviceUrl, 'GET', path)).conversations;
    },
  };
}

/** The libraries below cannot be told to stop, so they are no longer waited for. */
async function before(deadline: AbortSignal, work: Promise<string>): Promise<string> {
  const late = new Promise<never>((_, reject) => {
    deadline.addEventListener('abort', reject, { once: true });
  });
  try {
    return await Promise.race([work, late]);
  } catch {
    // What Entra's library says may hold what it was asked with.
    throw new ConnectorError('no_token', { sent: false });
  }
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return null;
  }
}

/**
 * `{error: {code}}`, `{code}`, or, from Teams' chat service, `{errorCode: 209, message: "{\"subCode\": …}"}`;
 * the sub-code says more than the code. Only a plain word passes: codes end up in logs.
 */
function codeIn(body: string): string | null {
  const subCode = /"subCode\\*"\s*:\s*\\*"(\w{1,60})\\*"/.exec(body.slice(0, 20_000))?.[1];
  if (subCode) return subCode;
  const shape = z.object({ error: z.object({ code: z.string() }) }).or(z.object({ code: z.string() }));
  const said = shape.safeParse(parse(body));
  if (!said.success) return null;
  const code = 'error' in said.data ? said.data.error.code : said.data.code;
  return /^[A-Za-z][\w ]{0,60}$/.test(code) ? code : null;
}
