/**
 * The Bot Connector's REST API, as far as Curfew needs it. Each call is bounded in time and size, nothing is
 * retried or redirected, and what comes back is checked.
 * https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-api-reference
 */
import { ConnectorClient, TeamsConnectorClient } from 'botframework-connector';
import { z } from 'zod';
import type { TeamsSettings } from '../../config/environment.ts';
import { isEndpoint } from '../../net/endpoint-url.ts';
import { createBoundedHttp, type HttpClient, tokenBefore } from './bounded-http.ts';
import { ConnectorError } from './connector-error.ts';
import { type TokenSource, tokenSource } from './token-source.ts';

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
  /** Gets the bot's token anew, whatever is remembered; nothing where it needs none. */
  renewToken(): Promise<void>;
  /** botbuilder's own client, within the same bounds. Never throws: what it is asked to do then fails. */
  client(serviceUrl: string): ConnectorClient;
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
 * Calls go through botbuilder's own client, whose HTTP is ours (`bounded-http.ts`).
 *
 * @param token the bot's access token for the Bot Connector; by default from Entra by the settings'
 * credentials. Without credentials calls carry none.
 */
export function createConnector(options: {
  settings: TeamsSettings;
  token?: TokenSource;
  timeoutMs?: number;
}): Connector {
  const { settings, timeoutMs = TIMEOUT_MS } = options;
  const botId = settings.credentials && `28:${settings.credentials.appId}`;
  const token = options.token ?? tokenSource(settings);
  const httpClient = createBoundedHttp({ token, timeoutMs, maxBytes: MAX_ANSWER_BYTES });

  const at = (serviceUrl: string) => {
    // The token goes there.
    if (!isSafe(serviceUrl)) throw new ConnectorError('bad_service_url', { sent: false });
    return { baseUri: serviceUrl, httpClient };
  };
  const conversations = (serviceUrl: string) =>
    new ConnectorClient(NO_CREDENTIALS, at(serviceUrl)).conversations;

  async function ask<T>(shape: z.ZodType<T>, work: Promise<unknown>): Promise<T> {
    const answer = shape.safeParse(await own(work));
    if (!answer.success) throw new ConnectorError('odd_answer', { sent: true });
    return answer.data;
  }

  return {
    async renewToken() {
      if (token) await tokenBefore(AbortSignal.timeout(timeoutMs), token({ anew: true }));
    },

    client: (serviceUrl) =>
      new ConnectorClient(NO_CREDENTIALS, isSafe(serviceUrl) ? at(serviceUrl) : { httpClient: NOWHERE }),

    async send(serviceUrl, conversation, activity) {
      return (await ask(created, conversations(serviceUrl).sendToConversation(conversation, activity))).id;
    },

    async update(serviceUrl, conversation, message, activity) {
      const changed = { ...activity, id: message };
      await own(conversations(serviceUrl).updateActivity(conversation, message, changed));
    },

    async createDirect(serviceUrl, { tenant, address }) {
      const request = {
        ...(botId ? { bot: { id: botId } } : {}),
        isGroup: false,
        members: [{ id: address }],
        tenantId: tenant,
        channelData: { tenant: { id: tenant } },
      };
      return (await ask(created, conversations(serviceUrl).createConversation(request as never))).id;
    },

    async member(serviceUrl, conversation, memberId) {
      try {
        return await ask(account, conversations(serviceUrl).getConversationMember(conversation, memberId));
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
        const query = { pageSize: PAGE, ...(next ? { continuationToken: next } : {}) };
        const got: z.output<typeof page> = await ask(
          page,
          conversations(serviceUrl).getConversationPagedMembers(conversation, query as never),
        );
        found.push(...got.members);
        next = got.continuationToken;
        if (!next) return found;
      }
      throw new ConnectorError('too_many_members', { sent: true });
    },

    async channels(serviceUrl, teamId) {
      // Not by TeamsInfo, which makes a client of its own that knows none of these bounds.
      const { teams } = new TeamsConnectorClient(NO_CREDENTIALS, at(serviceUrl));
      return (await ask(channelList, teams.fetchChannelList(teamId))).conversations;
    },
  };
}

/** The token is set by `bounded-http.ts`, within the call's deadline. */
const NO_CREDENTIALS = { signRequest: async <R>(request: R): Promise<R> => request };

function isSafe(serviceUrl: string): boolean {
  return isEndpoint(serviceUrl) && !serviceUrl.includes('?');
}

const NOWHERE: HttpClient = {
  sendRequest: () => Promise.reject(new ConnectorError('bad_service_url', { sent: false })),
};

/** What botbuilder's client says of an answer that it cannot read may hold the answer itself. */
async function own<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof ConnectorError) throw error;
    throw new ConnectorError('odd_answer', { sent: true });
  }
}
