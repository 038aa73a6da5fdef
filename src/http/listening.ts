/** One listening socket, from start to an orderly stop. */
import { createServer, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Log } from '../observability/log.ts';
import { boundConnections } from './bound-connections.ts';

export interface ListeningOptions {
  readonly listener: RequestListener;
  readonly port: number;
  /** Undefined: all interfaces. */
  readonly host: string | undefined;
  /** For requests under way at the stop, ms. */
  readonly drainMs: number;
  readonly log: Log;
}

export interface Listening {
  /** Resolves with the port; rejects when it cannot be had. */
  start(): Promise<number>;
  /** Accepts no more, lets what is under way finish in time, and then closes every connection. */
  stop(): Promise<void>;
}

/** A proxy keeps idle connections for about a minute; ours has to outlive that, or its next request fails. */
const KEEP_ALIVE_MS = 65_000;
const HEADERS_WITHIN_MS = 10_000;
const REQUEST_WITHIN_MS = 30_000;
/** Node looks for late requests only as often as this. */
const CHECK_EVERY_MS = 5_000;
const SILENT_SOCKET_MS = 60_000;
const MAX_HEADER_BYTES = 16 * 1024;
const CONNECTIONS = { unproven: 250, most: 1_000 };

export function createListening({ listener, port, host, drainMs, log }: ListeningOptions): Listening {
  const underWay = new Set<ServerResponse>();
  let nothingLeft = () => {};
  const server = createServer(
    {
      keepAliveTimeout: KEEP_ALIVE_MS,
      headersTimeout: HEADERS_WITHIN_MS,
      requestTimeout: REQUEST_WITHIN_MS,
      maxHeaderSize: MAX_HEADER_BYTES,
      connectionsCheckingInterval: CHECK_EVERY_MS,
    },
    (request, response) => {
      underWay.add(response);
      response.once('close', () => {
        underWay.delete(response);
        if (underWay.size === 0) nothingLeft();
      });
      listener(request, response);
    },
  );
  boundConnections(server, CONNECTIONS);
  server.setTimeout(SILENT_SOCKET_MS);

  function drained(): Promise<void> {
    if (underWay.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        log.warn({ requests: underWay.size }, 'requests were cut off at the stop');
        resolve();
      }, drainMs);
      nothingLeft = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  return {
    start: () =>
      new Promise((resolve, reject) => {
        server.once('error', reject);
        server.listen({ port, host }, () => {
          server.off('error', reject);
          server.on('error', (err) => log.error({ err }, 'the HTTP server has trouble'));
          resolve((server.address() as AddressInfo).port);
        });
      }),
    async stop() {
      if (!server.listening) return;
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      // Tells the other side not to send another request here.
      for (const response of underWay) if (!response.headersSent) response.setHeader('connection', 'close');
      await drained();
      server.closeAllConnections();
      await closed;
    },
  };
}
