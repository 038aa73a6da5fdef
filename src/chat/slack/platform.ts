/**
 * Slack as a platform: connects, and goes on trying where Slack does not answer at the start, for what
 * Curfew has to take away does not wait for Slack. Until it is connected requests get 503, which makes
 * Slack send them again.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Inbound, ListRoles, Reply, Speaker } from '../../../commands/command.ts';
import type { SlackSettings } from '../../config/environment.ts';
import type { Log } from '../../observability/log.ts';
import type { Home } from '../card.ts';
import { ChatError, type ChatPort } from '../port.ts';
import { createSlackApp, type SlackApp, type SlackAppOptions } from './app.ts';
import { createSlackPort, createWebClient, identify } from './client.ts';

export interface SlackPlatformOptions {
  readonly settings: SlackSettings;
  readonly dispatch: (inbound: Inbound) => Promise<Reply>;
  readonly listRoles: ListRoles;
  readonly home: (speaker: Speaker) => Promise<Home>;
  readonly memberChanged: SlackAppOptions['memberChanged'];
  readonly appRefused: SlackAppOptions['appRefused'];
  readonly answerWithinMs?: number;
  /** Called once, when Slack has said which workspace this is. */
  readonly connected: (port: ChatPort) => void;
  readonly log: Log;
}

const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 30_000;

export function createSlackPlatform(options: SlackPlatformOptions) {
  const { settings, log } = options;
  const apiUrl = settings.apiUrl ?? undefined;
  const client = createWebClient({ botToken: settings.botToken, apiUrl, log });
  let app: SlackApp | null = null;
  let stopped = false;
  let retry: NodeJS.Timeout | undefined;
  let trouble: string | null = null;

  async function connect(waitMs: number): Promise<void> {
    try {
      const home = await identify(client);
      const port = createSlackPort({ client, home });
      const { transport } = settings;
      const made = createSlackApp({
        ...options,
        botToken: settings.botToken,
        apiUrl,
        signingSecret: transport.kind === 'http' ? transport.signingSecret : undefined,
        appToken: transport.kind === 'socket' ? transport.appToken : undefined,
        port,
      });
      await made.start();
      if (stopped) return made.stop();
      app = made;
      trouble = null;
      options.connected(port);
      log.info({ workspace: home.workspace, transport: transport.kind }, 'connected to Slack');
    } catch (err) {
      if (stopped) return;
      trouble = err instanceof ChatError ? err.message : null;
      log.error({ err, retryInMs: waitMs }, 'Slack cannot be reached; trying again');
      retry = setTimeout(() => void connect(Math.min(LONGEST_RETRY_MS, waitMs * 2)), waitMs);
    }
  }

  return {
    /** Resolves after the first try, whether or not it was successful. */
    start: () => connect(FIRST_RETRY_MS),
    ready: () => app !== null,
    /** Why it is not connected, in a sentence; null where nobody knows. */
    trouble: () => trouble,
    listener(request: IncomingMessage, response: ServerResponse): void {
      if (app) app.listener(request, response);
      else response.writeHead(503, { 'retry-after': '5' }).end();
    },
    async stop(): Promise<void> {
      stopped = true;
      clearTimeout(retry);
      await app?.stop();
    },
  };
}
