/** A PostgreSQL 18 that encrypts, with the certificate of `localhost-certificate.ts`. */
import { chown, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type PostgresServer, startPostgres } from '../../src/playground/postgres-server.ts';
import { certificate, certificateKey } from './localhost-certificate.ts';

export interface TlsPostgres {
  readonly server: PostgresServer;
  /** The file of the certificate that signed the server's. */
  readonly rootCert: string;
}

export async function startTlsPostgres(): Promise<TlsPostgres> {
  const server = await startPostgres({ version: 18 });
  const { uid, gid } = await stat(server.dataDir);
  const rootCert = path.join(server.dataDir, 'server.crt');
  for (const [name, text] of [
    ['server.crt', certificate],
    ['server.key', certificateKey],
  ] as const) {
    const file = path.join(server.dataDir, name);
    await writeFile(file, text, { mode: 0o600 });
    await chown(file, uid, gid);
  }
  await writeFile(path.join(server.dataDir, 'postgresql.auto.conf'), 'ssl = on\n', { flag: 'a' });
  await server.kill();
  await server.restart();
  return { server, rootCert };
}
