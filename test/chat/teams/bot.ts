/** The real app behind real HTTP; what Curfew decides, and what Teams is told, are stand-ins that record. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ConnectorClient } from 'botframework-connector';
import type { Inbound, Reply, Speaker } from '../../../commands/command.ts';
import type { Card, Option } from '../../../src/chat/card.ts';
import type { AddressBook, Addressee, TeamPlace } from '../../../src/chat/teams/address-book.ts';
import { createTeamsApp, type TeamsApp } from '../../../src/chat/teams/app.ts';
import type { AnswerTo } from '../../../src/chat/teams/client.ts';
import type { TeamsCredentials } from '../../../src/config/environment.ts';
import type { Log } from '../../../src/observability/log.ts';
import { createRecordingLog } from '../../support/recording-log.ts';
import { TENANT } from '../../support/teams-activities.ts';
import type { TeamsIssuer, TokenParts } from '../../support/teams-issuer.ts';

/** Long enough that time never runs out by accident. */
const TEN_MINUTES_MS = 600_000;
const NO_CREDENTIALS = { signRequest: async <R>(request: R): Promise<R> => request };
export const CHECKING = 'Not recorded yet, checking. The outcome follows.';
export const DIRECT = 'a:opened-for-them';

export const say = (words: string): Reply => ({ kind: 'text', line: [words] });

export const card: Card = {
  title: 'Ana asks for prod-dba',
  tone: 'waiting',
  summary: 'Ana asks for prod-dba',
  body: [{ kind: 'line', line: ['Waits for an owner.'] }],
  actions: [{ verb: 'approve', id: 'R-7K3M', label: 'Approve' }],
  footer: [],
};

export interface Activity {
  readonly serviceUrl: string;
  readonly [field: string]: unknown;
}

export interface Told {
  readonly to: AnswerTo;
  readonly card: object;
  readonly summary: string;
}

export interface Bot {
  dispatch: (inbound: Inbound) => Promise<Reply> | Reply;
  look: (speaker: Speaker, requestId: string) => Promise<Card | null>;
  /** How a personal chat is found. */
  direct: (userId: string) => Promise<string>;
  roles: readonly Option[];
  /** What keeping an address takes. */
  keeping: () => Promise<void>;
  readonly seen: Inbound[];
  /** Who added Curfew for themselves. */
  readonly arrived: string[];
  readonly typed: string[];
  readonly told: Told[];
  readonly looked: string[];
  /** What botbuilder asked Teams by itself. */
  readonly called: string[];
  readonly met: Addressee[];
  readonly visited: string[];
  readonly lost: string[];
  readonly joined: TeamPlace[];
  readonly left: string[];
  readonly log: ReturnType<typeof createRecordingLog>;
  readonly app: TeamsApp;
  readonly url: string;
  /** Starts anew with no time at all to answer in. */
  outOfTime(): Promise<void>;
  /** From now on dispatch waits until the test gives the reply. */
  hold(): (reply: Reply) => void;
  /** Sends what Teams would, rightly signed. */
  send(activity: Activity, parts?: TokenParts): Promise<{ status: number; body: unknown }>;
  /** The body of the answer to an activity that is taken. */
  take(activity: Activity): Promise<unknown>;
  /** Resolves when nothing is under way any more. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

export async function startBot(
  issuer: TeamsIssuer,
  settings: { credentials?: TeamsCredentials | null; dialogs?: boolean; metadataWithinMs?: number } = {},
): Promise<Bot> {
  const { credentials = issuer.credentials, dialogs = true, metadataWithinMs } = settings;
  const log = createRecordingLog();
  const servers: Server[] = [];

  async function serve(answerWithinMs: number): Promise<{ app: TeamsApp; url: string }> {
    const app = createTeamsApp({
      settings: { credentials, tenantId: TENANT, dialogs },
      named: [],
      dispatch: async (inbound) => {
        bot.seen.push(inbound);
        return bot.dispatch(inbound);
      },
      listRoles: (_speaker, typed) => {
        bot.typed.push(typed);
        return bot.roles;
      },
      look: async (speaker, id) => {
        bot.looked.push(id);
        return bot.look(speaker, id);
      },
      home: async () => ({
        sections: [{ title: 'My access', empty: 'You hold nothing.', cards: [card] }],
        actions: [],
      }),
      arrived: async (speaker) => void bot.arrived.push(speaker.userId),
      port: {
        direct: (userId) => bot.direct(userId),
        answer: async (to, sent, summary) => void bot.told.push({ to, card: sent, summary }),
      },
      // The app's own answers go through the port.
      connect: (serviceUrl) =>
        new ConnectorClient(NO_CREDENTIALS, {
          baseUri: serviceUrl,
          httpClient: {
            async sendRequest({ url }) {
              bot.called.push(url);
              throw new Error('Nobody answers here.');
            },
          },
        }),
      book: recordingBook(() => bot),
      log: nested(log),
      answerWithinMs,
      ...(metadataWithinMs === undefined ? {} : { metadataWithinMs }),
    });
    const server = createServer((request, response) => app.listener(request, response));
    servers.push(server.listen(0, '127.0.0.1'));
    await once(server, 'listening');
    return { app, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
  }

  let running = await serve(TEN_MINUTES_MS);
  const bot: Bot = {
    dispatch: () => say('Noted.'),
    look: async () => card,
    direct: async () => DIRECT,
    roles: [],
    keeping: async () => {},
    seen: [],
    arrived: [],
    typed: [],
    told: [],
    looked: [],
    called: [],
    met: [],
    visited: [],
    lost: [],
    joined: [],
    left: [],
    log,
    get app() {
      return running.app;
    },
    get url() {
      return running.url;
    },
    async outOfTime() {
      running = await serve(0);
    },
    hold() {
      let release: (reply: Reply) => void = () => {};
      const done = new Promise<Reply>((resolve) => {
        release = resolve;
      });
      bot.dispatch = () => done;
      return release;
    },
    async send(activity, parts) {
      const response = await fetch(`${running.url}/api/messages`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json; charset=utf-8',
          authorization: issuer.authorize(activity.serviceUrl, parts),
        },
        body: JSON.stringify(activity),
      });
      const text = await response.text();
      return { status: response.status, body: text === '' ? null : JSON.parse(text) };
    },
    async take(activity) {
      const { status, body } = await bot.send(activity);
      if (status !== 200) throw new Error(`answered ${status}`);
      return body;
    },
    settled: () => running.app.stop(),
    async close() {
      await running.app.stop();
      for (const server of servers) {
        server.close();
        server.closeAllConnections();
      }
    },
  };
  return bot;
}

/** Where each message went, and what it says. */
export const told = (bot: Bot) => bot.told.map(({ to, summary }) => [to.conversation, summary]);

/** What the whole answer says, cards included. */
export const shown = (body: unknown) => JSON.stringify(body);

/** The body of the answer, once all that follows from the activity is over. */
export async function takeAndSettle(bot: Bot, activity: Activity): Promise<unknown> {
  const body = await bot.take(activity);
  await bot.settled();
  return body;
}

function recordingBook(of: () => Bot): AddressBook {
  const kept = async (keep: (bot: Bot) => void): Promise<void> => {
    const bot = of();
    await bot.keeping();
    keep(bot);
  };
  return {
    person: async () => null,
    personAt: async (address) => of().met.find((person) => person.address === address) ?? null,
    meet: (person) => kept((bot) => bot.met.push(person)),
    lose: (tenant, userId) => kept((bot) => bot.lost.push(`${tenant} ${userId}`)),
    teams: async () => of().joined,
    joinTeam: (team) => kept((bot) => bot.joined.push(team)),
    leaveTeam: (id) => kept((bot) => bot.left.push(id)),
    serviceUrlOf: async () => null,
    visit: ({ id }) => kept((bot) => bot.visited.push(id)),
  };
}

function nested(log: Omit<Log, 'child'>): Log {
  return { ...log, child: () => nested(log) };
}
