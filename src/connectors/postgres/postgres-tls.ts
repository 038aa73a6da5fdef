/** Encryption of a connection to PostgreSQL. */
import { readFile } from 'node:fs/promises';
import { isIP, type Socket } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import type { PostgresAddress } from './postgres-url.ts';

/** SSLRequest: its own length, and a number that no protocol version has (PostgreSQL, section 54.7). */
const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);

/**
 * Asks the server for TLS and shakes hands. We do this rather than postgres.js, which would keep the
 * encrypted socket to itself: cutting the plain one beneath it ends in an error that nobody can catch.
 */
export async function startTls(
  socket: Socket,
  { host, tls }: PostgresAddress,
  onSocket: (encrypted: TLSSocket) => void,
): Promise<TLSSocket> {
  const ca = tls?.rootCert ? await readFile(tls.rootCert) : undefined;
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
  const encrypted = connect({
    socket,
    ca,
    host,
    servername: isIP(host) ? undefined : host,
    rejectUnauthorized: tls?.mode !== 'require',
    ...(tls?.mode === 'verify-full' ? {} : { checkServerIdentity: () => undefined }),
  });
  onSocket(encrypted);
  return await new Promise((resolve, reject) => {
    encrypted.once('secureConnect', () => resolve(encrypted));
    encrypted.once('error', reject);
    encrypted.once('close', () => reject(new Error('closed')));
  });
}
