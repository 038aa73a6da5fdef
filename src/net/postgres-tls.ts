/** Encryption of a connection to PostgreSQL. */
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { connect as connectPlain, isIP, type Socket } from 'node:net';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import type { PostgresAddress } from './postgres-url.ts';

/** SSLRequest: its own length, and a number that no protocol version has (PostgreSQL, section 54.7). */
const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);

/** What Node's `tls.connect` is told. Rejects where the root certificate cannot be read. */
export async function tlsOptions({ host, tls }: PostgresAddress): Promise<ConnectionOptions> {
  const ca = tls?.rootCert ? await readFile(tls.rootCert) : undefined;
  return {
    ca,
    host,
    servername: isIP(host) ? undefined : host,
    rejectUnauthorized: tls?.mode !== 'require',
    ...(tls?.mode === 'verify-full' ? {} : { checkServerIdentity: () => undefined }),
  };
}

/** A new connection, encrypted as the address says; rejects where that is not so within `timeoutS`. */
export async function connectTls(address: PostgresAddress, timeoutS: number): Promise<Socket> {
  const { host, port } = address;
  const over = AbortSignal.timeout(timeoutS * 1000);
  let socket: Socket = connectPlain({ host, port });
  const hold = (held: Socket) => {
    socket = held;
    // Also for the time when nobody listens any more.
    held.on('error', () => {});
  };
  hold(socket);
  const cut = () => socket.destroy(over.reason);
  over.addEventListener('abort', cut);
  try {
    await once(socket, 'connect', { signal: over });
    return await startTls(socket, address, hold);
  } catch (error) {
    socket.destroy();
    throw error;
  } finally {
    over.removeEventListener('abort', cut);
  }
}

/**
 * Asks the server for TLS and shakes hands. We do this rather than postgres.js, which would keep the
 * encrypted socket to itself: cutting the plain one beneath it ends in an error that nobody can catch.
 */
export async function startTls(
  socket: Socket,
  address: PostgresAddress,
  onSocket: (encrypted: TLSSocket) => void,
): Promise<TLSSocket> {
  const options = await tlsOptions(address);
  const answer = await new Promise<Buffer>((resolve, reject) => {
    socket.once('data', resolve);
    socket.once('error', reject);
    socket.once('close', () => reject(new Error('closed')));
    socket.write(SSL_REQUEST);
  });
  // Exactly one byte: more would have been slipped in before the encryption began.
  if (answer.toString() !== 'S') {
    throw Object.assign(new Error('the server does not encrypt'), { code: 'ERR_TLS_REFUSED' });
  }
  const encrypted = connect({ ...options, socket });
  onSocket(encrypted);
  return await new Promise((resolve, reject) => {
    encrypted.once('secureConnect', () => resolve(encrypted));
    encrypted.once('error', reject);
    encrypted.once('close', () => reject(new Error('closed')));
  });
}
