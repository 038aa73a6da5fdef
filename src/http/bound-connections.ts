/**
 * Bounds a server's connections so that nobody who only holds them can close the door to others. Node would
 * refuse the newest; here the one that is least missed has to go: of the address that has most of those
 * that wait, the oldest. Behind a proxy all are of one address, and then it is simply the oldest.
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

export interface ConnectionLimits {
  /** Connections that have not sent a whole request yet. */
  readonly unproven: number;
  /** All connections. */
  readonly most: number;
}

interface Connection {
  readonly address: string;
  /** Being received or answered; null: none. */
  request: IncomingMessage | null;
  /** It had an answer before. */
  served: boolean;
}

export function boundConnections(server: Server, { unproven, most }: ConnectionLimits): void {
  // In the order in which they were last of use.
  const open = new Map<Socket, Connection>();

  server.on('connection', (socket: Socket) => {
    socket.once('close', () => open.delete(socket));
    if (open.size >= most) makeRoom(({ request }) => request === null || !request.complete);
    const waiting = [...open.values()].filter(isUnproven).length;
    if (waiting >= unproven) makeRoom(isUnproven);
    // Nothing but requests that are being answered.
    if (open.size >= most) return void socket.destroy();
    open.set(socket, { address: socket.remoteAddress ?? '', request: null, served: false });
  });

  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const { socket } = request;
    const connection = open.get(socket);
    if (!connection) return;
    connection.request = request;
    response.once('close', () => {
      if (connection.request === request) connection.request = null;
      connection.served = true;
      if (open.delete(socket)) open.set(socket, connection);
    });
  });

  function makeRoom(mayGo: (connection: Connection) => boolean): void {
    const byAddress = new Map<string, Socket[]>();
    for (const [socket, connection] of open) {
      if (!mayGo(connection)) continue;
      const same = byAddress.get(connection.address);
      if (same) same.push(socket);
      else byAddress.set(connection.address, [socket]);
    }
    let largest: Socket[] = [];
    for (const sockets of byAddress.values()) if (sockets.length > largest.length) largest = sockets;
    const [oldest] = largest;
    if (!oldest) return;
    open.delete(oldest);
    oldest.destroy();
  }
}

function isUnproven({ request, served }: Connection): boolean {
  return request === null ? !served : !request.complete;
}
