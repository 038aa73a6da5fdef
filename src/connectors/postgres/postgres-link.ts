/**
 * One connection that never becomes another. postgres.js reconnects by itself, which here would be wrong:
 * a statement meant for the inside of a transaction could run alone, without its time-outs, on a server
 * whose identity nobody has checked. And it cannot destroy a connection that hangs; we hold the socket.
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import postgres from 'postgres';
import { startTls } from '../../net/postgres-tls.ts';
import type { PostgresAddress } from '../../net/postgres-url.ts';

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
export function openLink(address: PostgresAddress): PostgresLink {
  const { host, port, user, password, database } = address;
  const gone = new AbortController();
  const lose = () => gone.abort(closed());
  /** What has to be destroyed: the plain socket, or the encrypted one, which takes the plain one along. */
  let socket: Socket | null = null;
  const hold = (held: Socket) => {
    socket = held;
    // Also for the time when postgres.js listens no more.
    held.on('error', () => {});
  };

  async function connectOnce(): Promise<Socket> {
    if (socket || gone.signal.aborted) throw closed();
    const plain = connect({ host, port });
    hold(plain);
    await once(plain, 'connect', { signal: gone.signal });
    return address.tls ? await startTls(plain, address, hold) : plain;
  }

  const options = {
    host,
    port,
    user,
    password,
    database,
    ssl: false,
    max: 1,
    // Poolers in transaction mode know no prepared statements.
    prepare: false,
    fetch_types: false,
    idle_timeout: IDLE_S,
    connection: { application_name: address.applicationName ?? 'curfew' },
    onnotice: () => {},
    onclose: lose,
    socket: connectOnce,
  };
  const sql = postgres(options);

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
