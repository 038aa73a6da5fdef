/**
 * One connection that never becomes another. postgres.js reconnects by itself, which here would be wrong:
 * a statement meant for the inside of a transaction could run alone, without its time-outs, on a server
 * whose identity nobody has checked. And it cannot destroy a connection that hangs; we hold the socket.
 */
import { connect, type Socket } from 'node:net';
import postgres from 'postgres';

export interface PostgresLink {
  readonly sql: postgres.Sql;
  /**
   * Aborted once the connection is gone. A statement has to be raced with it: postgres.js never answers
   * one that was given to it between a socket's error and its close.
   */
  readonly gone: AbortSignal;
  /** Cuts it at once; whatever runs on it fails, and what was not committed is rolled back. */
  destroy(): void;
}

/** Seconds that an unused connection is kept. */
const IDLE_S = 30;

/** Connects at the first statement. */
export function openLink(url: string): PostgresLink {
  let socket: Socket | null = null;
  const gone = new AbortController();
  const lose = () => gone.abort(closed());

  const options = {
    max: 1,
    // Poolers in transaction mode know no prepared statements.
    prepare: false,
    fetch_types: false,
    idle_timeout: IDLE_S,
    connection: { application_name: 'curfew' },
    onnotice: () => {},
    onclose: lose,
    // `host` and `port` are what postgres.js read from the URL.
    socket: ({ host, port, path }: { host: string[]; port: number[]; path: string | false }) =>
      new Promise<Socket>((resolve, reject) => {
        if (socket || gone.signal.aborted) return reject(closed());
        const hostname = host[0] ?? 'localhost';
        socket = path ? connect(path) : connect({ host: hostname, port: Number(port[0]) });
        // postgres.js verifies a certificate against the `host` of the socket.
        Object.assign(socket, { host: hostname });
        socket.once('connect', () => resolve(socket as Socket));
        socket.once('error', reject);
        socket.once('close', () => reject(closed()));
      }),
  };
  const sql = postgres(url, options);

  return {
    sql,
    gone: gone.signal,
    destroy() {
      lose();
      socket?.destroy();
      sql.end({ timeout: 0 }).catch(() => {});
    },
  };
}

function closed(): Error {
  return Object.assign(new Error('the connection was closed'), { code: 'CONNECTION_CLOSED' });
}
