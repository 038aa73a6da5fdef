/** The real Bolt behind real HTTP; only what Curfew decides is a stand-in that a test sets. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Inbound, Reply } from '../../../commands/command.ts';
import type { Card, Option } from '../../../src/chat/card.ts';
import { createSlackApp, type SlackApp, type SlackAppOptions } from '../../../src/chat/slack/app.ts';
import {
  createSlackPort,
  createWebClient,
  identify,
  type SlackPort,
} from '../../../src/chat/slack/client.ts';
import { createRecordingLog } from '../../support/recording-log.ts';
import type { SlackWorkspace } from '../../support/slack-workspace.ts';

type Change = Parameters<SlackAppOptions['memberChanged']>[0];

/** Long enough that time never runs out by accident. */
const TEN_MINUTES_MS = 600_000;

export const say = (words: string): Reply => ({ kind: 'text', line: [words] });

export const card: Card = {
  title: 'Ana asks',
  tone: 'waiting',
  summary: 'Ana asks',
  body: [],
  actions: [{ verb: 'approve', id: 'R-7K3M', label: 'Approve' }],
  footer: [],
};

export interface Bot {
  dispatch: (inbound: Inbound) => Promise<Reply> | Reply;
  memberChanged: (change: Change) => Promise<void>;
  roles: readonly Option[];
  /** What reached the stand-ins. */
  readonly seen: Inbound[];
  readonly changes: Change[];
  readonly refusals: string[];
  readonly typed: string[];
  readonly log: ReturnType<typeof createRecordingLog>;
  readonly port: SlackPort;
  readonly app: SlackApp;
  readonly url: string;
  /** Starts anew with no time at all to answer in. */
  outOfTime(): Promise<void>;
  /** From now on dispatch waits until the test gives the reply. */
  hold(): (reply: Reply) => void;
  close(): Promise<void>;
}

export async function startBot(slack: SlackWorkspace): Promise<Bot> {
  const log = createRecordingLog();
  const client = createWebClient({ botToken: slack.botToken, apiUrl: slack.apiUrl, log });
  const port = createSlackPort({ client, home: await identify(client) });
  const servers: Server[] = [];

  async function serve(answerWithinMs: number): Promise<{ app: SlackApp; url: string }> {
    const app = createSlackApp({
      signingSecret: slack.signingSecret,
      botToken: slack.botToken,
      apiUrl: slack.apiUrl,
      dispatch: async (inbound) => {
        bot.seen.push(inbound);
        return bot.dispatch(inbound);
      },
      listRoles: (_speaker, words) => {
        bot.typed.push(words);
        return bot.roles;
      },
      home: async () => ({
        sections: [{ title: 'My live access', empty: 'None.', cards: [card] }],
        actions: [],
      }),
      memberChanged: async (change) => {
        bot.changes.push(change);
        await bot.memberChanged(change);
      },
      appRefused: ({ code }) => bot.refusals.push(code),
      port,
      log,
      answerWithinMs,
    });
    await app.start();
    const server = createServer((request, response) => app.listener(request, response));
    servers.push(server.listen(0, '127.0.0.1'));
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    slack.talkTo(url);
    return { app, url };
  }

  let running = await serve(TEN_MINUTES_MS);
  const bot: Bot = {
    dispatch: () => say('Noted.'),
    memberChanged: async () => {},
    roles: [],
    seen: [],
    changes: [],
    refusals: [],
    typed: [],
    log,
    port,
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
