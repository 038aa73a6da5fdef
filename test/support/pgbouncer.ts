/** A real PgBouncer in transaction mode before a PostgreSQL. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { vi } from 'vitest';
import { findProgram } from './programs.ts';

export interface PgBouncer {
  /** The same database and login, through the pooler. */
  url(direct: string): string;
  stop(): Promise<void>;
}

/** `settings` are lines of its `[pgbouncer]` section. */
export async function startPgBouncer(
  serverUrl: string,
  settings: readonly string[] = [],
): Promise<PgBouncer> {
  const server = new URL(serverUrl);
  const place = await mkdtemp(path.join(tmpdir(), 'curfew-pgbouncer-'));
  const port = await freePort();
  const users = path.join(place, 'users.txt');
  const file = path.join(place, 'pgbouncer.ini');
  const asRoot = process.getuid?.() === 0;
  await writeFile(users, `"${server.username}" "${server.password}"\n`);
  await writeFile(
    file,
    [
      '[databases]',
      `* = host=127.0.0.1 port=${server.port}`,
      '[pgbouncer]',
      'listen_addr = 127.0.0.1',
      `listen_port = ${port}`,
      'unix_socket_dir =',
      'auth_type = scram-sha-256',
      `auth_file = ${users}`,
      'pool_mode = transaction',
      'default_pool_size = 4',
      ...settings,
    ].join('\n'),
  );
  await chmod(place, 0o755);
  const args = [...(asRoot ? ['-u', 'nobody'] : []), file];
  const child: ChildProcess = spawn(findProgram('pgbouncer') ?? 'pgbouncer', args, { stdio: 'ignore' });
  await vi.waitFor(() => answers(port));
  return {
    url(direct) {
      const url = new URL(direct);
      url.port = String(port);
      return url.href;
    },
    async stop() {
      if (child.exitCode === null) {
        const gone = once(child, 'exit');
        child.kill('SIGTERM');
        await gone;
      }
      await rm(place, { recursive: true, force: true });
    },
  };
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}

async function answers(port: number): Promise<void> {
  const socket = connect({ host: '127.0.0.1', port });
  try {
    await once(socket, 'connect');
  } finally {
    socket.destroy();
  }
}
