/**
 * Lets the command line speak to this process, which holds the embedded ledger. Node cannot ask the system
 * who is at the other end of a unix socket, so who may connect is decided by the directory alone: it has to
 * be ours and closed to everybody else, and the socket in it is owner-only too.
 */
import { once } from 'node:events';
import { chmod, lstat, unlink } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { dirname } from 'node:path';
import { ExpectedFailure } from '../expected-failure.ts';
import { requirePrivateDirectory } from '../home/private-directory.ts';
import type { Log } from '../observability/log.ts';
import type { LedgerService } from './ledger-service.ts';
import { linesOf } from './lines.ts';
import {
  type ControlReply,
  type ControlRequest,
  LONGEST_REQUEST,
  requestSchema,
  SILENCE_MS,
  WAIT_EVERY_MS,
} from './protocol.ts';
import { socketPath } from './socket-path.ts';

export interface ControlServerOptions {
  /** Absolute; in a directory of ours. */
  readonly path: string;
  readonly service: LedgerService;
  readonly log: Pick<Log, 'info' | 'warn' | 'error'>;
  /** How long somebody may leave an export unread before it is cut, milliseconds. */
  readonly unreadMs?: number;
}

const MOST_CONNECTIONS = 16;
const UNREAD_MS = 600_000;
/** Exported lines are sent together, up to about so many bytes. */
const SEND_BYTES = 64 * 1024;

export function createControlServer({ path, service, log, unreadMs = UNREAD_MS }: ControlServerOptions) {
  const sockets = new Set<Socket>();
  let server: Server | null = null;

  function accept(socket: Socket): void {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    // Whoever breaks off loses only their own answer.
    socket.on('error', () => socket.destroy());
    void converse(socket)
      .catch((err: unknown) => log.warn({ err }, 'a control connection broke off'))
      .finally(() => socket.end());
  }

  async function converse(socket: Socket): Promise<void> {
    const request = await readRequest(socket);
    if (request === null) return;
    if ('failure' in request) return void (await send(socket, [request]));
    const waiting = setInterval(() => {
      if (socket.writableLength === 0) socket.write(line({ wait: true }));
    }, WAIT_EVERY_MS);
    try {
      if (request.method === 'export') await exportTo(socket, request.asked.after);
      else {
        const answer = await perform(request);
        await send(socket, [{ answer }]);
      }
    } catch (err) {
      if (socket.destroyed) return;
      if (err instanceof ExpectedFailure) return void (await send(socket, [{ failure: err.message }]));
      log.error({ err, method: request.method }, 'a control request failed');
      await send(socket, [{ failure: 'The running Curfew could not do it; its log says why.' }]);
    } finally {
      clearInterval(waiting);
    }
  }

  function perform(request: Exclude<ControlRequest, { method: 'export' }>): Promise<unknown> {
    switch (request.method) {
      case 'grants':
        return service.grants(request.asked);
      case 'revoke':
        return service.revoke(request.asked);
      case 'freeze':
        return service.freeze(request.asked);
      case 'freeze_status':
        return service.freeze_status(request.asked);
      case 'verify':
        return service.verify(request.asked);
      case 'head':
        return service.head(request.asked);
      case 'accounts':
        return service.accounts(request.asked);
      case 'unlink':
        return service.unlink(request.asked);
    }
  }

  async function exportTo(socket: Socket, after: number): Promise<void> {
    let batch: ControlReply[] = [];
    let bytes = 0;
    for await (const each of service.exportLines(after)) {
      batch.push({ line: each });
      bytes += each.length;
      if (bytes < SEND_BYTES) continue;
      await send(socket, batch);
      batch = [];
      bytes = 0;
    }
    await send(socket, [...batch, { answer: null }]);
  }

  /** Waits until it was taken; rejects when the other side is gone, or reads nothing for too long. */
  async function send(socket: Socket, replies: readonly ControlReply[]): Promise<void> {
    if (socket.destroyed) throw new Error('the other side is gone');
    if (socket.write(replies.map(line).join(''))) return;
    await taken(socket, unreadMs);
  }

  return {
    /** Listens. Throws where the directory is not private, or the path is not a socket. */
    async start(): Promise<void> {
      await requirePrivateDirectory(dirname(path), { create: true });
      await removeLeftOver(path);
      const starting = createServer(accept);
      starting.maxConnections = MOST_CONNECTIONS;
      starting.listen(socketPath(path));
      await once(starting, 'listening');
      starting.on('error', (err) => log.error({ err }, 'the control socket failed'));
      await chmod(path, 0o600);
      server = starting;
      log.info({ path }, 'the command line can reach this process');
    },
    /** No new connections; those under way are cut. */
    async stop(): Promise<void> {
      const stopping = server;
      server = null;
      for (const socket of sockets) socket.destroy();
      if (stopping) await new Promise((closed) => stopping.close(closed));
    },
  };
}

const line = (reply: ControlReply) => `${JSON.stringify(reply)}\n`;

/** Resolves when what was written has gone out. */
function taken(socket: Socket, patienceMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (error?: Error) => {
      clearTimeout(timer);
      socket.off('drain', onDrain).off('close', onClose);
      if (error) reject(error);
      else resolve();
    };
    const onDrain = () => settle();
    const onClose = () => settle(new Error('the other side is gone'));
    const timer = setTimeout(() => {
      socket.destroy();
      settle(new Error('the other side does not read'));
    }, patienceMs);
    socket.once('drain', onDrain).once('close', onClose);
  });
}

/** Null: nobody asked anything. */
async function readRequest(socket: Socket): Promise<ControlRequest | { failure: string } | null> {
  const late = setTimeout(() => socket.destroy(), SILENCE_MS);
  const lines = linesOf(socket.iterator({ destroyOnReturn: false }), LONGEST_REQUEST);
  try {
    const { value, done } = await lines.next();
    if (done) return null;
    const parsed = requestSchema.safeParse(JSON.parse(value));
    if (parsed.success) return parsed.data;
  } catch {
    if (socket.destroyed) return null;
  } finally {
    clearTimeout(late);
    await lines.return(undefined);
    // What else comes is thrown away; read it must be, for the end to be seen.
    socket.resume();
  }
  return {
    failure:
      'The running Curfew did not understand the request. Is the command line of the same version as it?',
  };
}

/** We hold the lock, so a socket that is there belongs to nobody any more. */
async function removeLeftOver(path: string): Promise<void> {
  const found = await lstat(path).catch(() => null);
  if (found === null) return;
  if (!found.isSocket()) throw new ExpectedFailure(`${path} is in the way: it is not a socket. Remove it.`);
  await unlink(path);
}
