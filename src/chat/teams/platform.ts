/**
 * Teams as a platform. There is nothing to connect to: Teams calls, and is called where it was met. So it is
 * ready from the start, and a Teams that does not answer costs a retry and never the service.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ChatPort } from '../port.ts';
import { createTeamsApp, type TeamsAppOptions } from './app.ts';
import { createTeamsPort } from './client.ts';
import { createConnector } from './connector.ts';

export interface TeamsPlatformOptions extends Omit<TeamsAppOptions, 'port' | 'answerWithinMs'> {
  /** Called once, at the start. */
  readonly connected: (port: ChatPort) => void;
  /** Real milliseconds; by default this machine's clock. */
  readonly realNow?: () => number;
  /** The bot's own token; by default from Entra. */
  readonly token?: () => Promise<string>;
}

export function createTeamsPlatform(options: TeamsPlatformOptions) {
  const { settings, named, book, log, realNow = Date.now, token } = options;
  const { tenantId, dialogs } = settings;
  const connector = createConnector({ settings, ...(token && { token }) });
  const port = createTeamsPort({
    connector,
    book,
    household: { tenants: [tenantId], named },
    dialogs,
    realNow,
  });
  const app = createTeamsApp({ ...options, port });
  let started = false;

  return {
    async start(): Promise<void> {
      options.connected(port);
      started = true;
      log.info({ tenant: tenantId }, 'ready for Teams');
    },
    ready: () => started,
    listener(request: IncomingMessage, response: ServerResponse): void {
      if (started) app.listener(request, response);
      else response.writeHead(503, { 'retry-after': '5' }).end();
    },
    stop: () => app.stop(),
  };
}
