/**
 * Teams as a platform. There is nothing to connect to: Teams calls, and is called where it was met. So it is
 * ready once it has started, and a Teams that does not answer costs a retry and never the service.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ChatPort } from '../port.ts';
import type { TeamsApp, TeamsAppOptions } from './app.ts';
import type { TokenSource } from './token-source.ts';

export interface TeamsPlatformOptions extends Omit<TeamsAppOptions, 'port' | 'connect'> {
  /** Called once, at the start. */
  readonly connected: (port: ChatPort) => void;
  /** Real milliseconds; by default this machine's clock. */
  readonly realNow?: () => number;
  /** The bot's own token; by default from Entra. */
  readonly token?: TokenSource;
}

export function createTeamsPlatform(options: TeamsPlatformOptions) {
  const { settings, named, book, log, realNow = Date.now, token } = options;
  const { tenantId, dialogs } = settings;
  let app: TeamsApp | null = null;

  return {
    /** botbuilder is large and slow to load, so nothing of it is loaded before it is wanted. */
    async start(): Promise<void> {
      const [{ createTeamsApp }, { createTeamsPort }, { createConnector }] = await Promise.all([
        import('./app.ts'),
        import('./client.ts'),
        import('./connector.ts'),
      ]);
      const connector = createConnector({ settings, ...(token && { token }) });
      const port = createTeamsPort({
        connector,
        book,
        household: { tenants: [tenantId], named },
        dialogs,
        realNow,
      });
      const started = createTeamsApp({ ...options, port, connect: connector.client });
      options.connected(port);
      app = started;
      log.info({ tenant: tenantId }, 'ready for Teams');
    },
    ready: () => app !== null,
    listener(request: IncomingMessage, response: ServerResponse): void {
      if (app) app.listener(request, response);
      else response.writeHead(503, { 'retry-after': '5' }).end();
    },
    stop: async () => app?.stop(),
  };
}
