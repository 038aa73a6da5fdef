/** Connects to the control socket of a running Curfew. */
import { lstat } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { ExpectedFailure } from '../expected-failure.ts';
import { socketPath } from './socket-path.ts';

const CONNECT_MS = 5_000;

/**
 * Null where nobody listens. Throws an `ExpectedFailure` where the socket is not ours, so that nobody else
 * can answer in Curfew's place; that its directory is private is the caller's business.
 */
export async function connectControl(path: string): Promise<Socket | null> {
  try {
    const found = await lstat(path);
    const own = process.getuid?.();
    if (!found.isSocket() || (own !== undefined && found.uid !== own)) {
      throw new ExpectedFailure(`${path} is not a socket of a Curfew run by this user.`);
    }
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
  const socket = connect(socketPath(path));
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve).once('error', reject);
      socket.setTimeout(CONNECT_MS, () => reject(new ExpectedFailure(`Nobody answers at ${path}.`)));
    });
    socket.setTimeout(0);
    return socket;
  } catch (error) {
    socket.destroy();
    if (isMissing(error)) return null;
    throw error;
  }
}

function isMissing(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return code === 'ENOENT' || code === 'ECONNREFUSED';
}
