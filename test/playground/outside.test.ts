/** What the playground takes from outside, what it leaves behind, and who may start it. */
import { once } from 'node:events';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import path from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  descendantsOf,
  discard,
  isAlive,
  newDirectory,
  type Program,
  type Running,
  startProgram,
} from './program.ts';
import { visit } from './visitor.ts';

const programs: Program[] = [];
afterEach(async () => {
  for (const program of programs.splice(0)) await discard(program);
});

async function start(options: Partial<Parameters<typeof startProgram>[0]> = {}): Promise<Program> {
  const program = startProgram({ ...options, directory: options.directory ?? (await newDirectory()) });
  programs.push(program);
  return program;
}

/** The folders of their PostgreSQL clusters, wherever they are: elsewhere for root than for others. */
const clustersOf = (processes: readonly Running[]) => [
  ...new Set(processes.flatMap(({ command }) => / -D (\S+)\/data /.exec(command)?.[1] ?? [])),
];

describe('starting the playground', () => {
  it('explains itself, and refuses what it does not know', async () => {
    const help = await start({ args: ['--help'] });
    expect(await help.over()).toEqual({ code: 0, output: expect.stringContaining('PORT=3000') });
    const wrong = await start({ args: ['--public'] });
    expect(await wrong.over()).toEqual({ code: 2, output: expect.stringContaining('"--public"') });
    expect(readdirSync(wrong.directory)).toEqual([]);
  });

  it.each([
    [{ HOST: '0.0.0.0' }, '127.0.0.1 only'],
    [{ HOST: '::' }, '127.0.0.1 only'],
    [{ PORT: '70000' }, 'PORT must be'],
    [{ PORT: 'http' }, 'PORT must be'],
  ])('refuses %o', async (env, words) => {
    const program = await start({ env });
    expect(await program.over()).toEqual({ code: 2, output: expect.stringContaining(words) });
  });

  it('says which port is taken, and by which variable to choose another', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const program = await start({ env: { PORT: String(port) } });
    const { code, output } = await program.over();
    other.close();
    expect(code).toBe(1);
    expect(output).toMatch(new RegExp(`^Port ${port} is in use .* PORT=\\d+ npm run playground\\n$`));
    expect(descendantsOf(program.child.pid ?? 0)).toEqual([]);
  });

  it('is told nothing but its port, and neither are its children', async () => {
    const traps = {
      DATABASE_URL: 'postgres://trap:trap@127.0.0.1:1/trap',
      SLACK_BOT_TOKEN: 'xoxb-trap',
      SLACK_SIGNING_SECRET: 'trap',
      SLACK_API_URL: 'http://127.0.0.1:1/trap/',
      SLACK_APP_TOKEN: 'xapp-trap',
      CURFEW_CONFIG: '/trap.yaml',
      CURFEW_AUDIT_KEY: 'trap-trap-trap-trap',
      METRICS_PORT: '1',
      PGHOST: 'trap.invalid',
      PGSSL: 'require',
      PGDATA: '/trap',
      PGTARGETSESSIONATTRS: 'standby',
      HTTP_PROXY: 'http://127.0.0.1:1/trap',
      LOG_LEVEL: 'trap',
    };
    const program = await start({ env: traps });
    const url = await program.ready();
    const children = descendantsOf(program.child.pid ?? 0);
    expect(children.map(({ command }) => command)).toContainEqual(expect.stringContaining('bot.js'));
    expect(children.map(({ environment }) => environment).join('\n')).not.toMatch(/trap/i);
    const ana = await visit(url, 'ana');
    expect(ana.seen()).toMatchObject({ you: 'ana', bot: 'running', truth: { target: { reachable: true } } });
    ana.leave();
  });

  it('lets a second one in the same directory know, and leaves the first one alone', async () => {
    const first = await start();
    const url = await first.ready();
    const second = await start({ directory: first.directory });
    expect(await second.over()).toEqual({
      code: 1,
      output: expect.stringContaining(`process ${first.child.pid}, since `),
    });
    expect((await fetch(url)).status).toBe(200);
  });
});

describe('ending the playground', () => {
  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    'leaves no process and no file outside .curfew/ after %s',
    async (signal) => {
      const program = await start();
      await program.ready();
      const processes = descendantsOf(program.child.pid ?? 0);
      expect(processes.length).toBeGreaterThan(2);
      const [cluster = ''] = clustersOf(processes);
      expect(existsSync(cluster)).toBe(true);
      program.child.kill(signal);
      expect((await program.over()).code).toBe(0);
      expect(processes.filter(isAlive)).toEqual([]);
      expect(readdirSync(program.directory)).toEqual(['.curfew']);
      const home = path.join(program.directory, '.curfew/playground');
      expect(readdirSync(home)).toEqual(['bot.log']);
      expect(statSync(home).mode & 0o777).toBe(0o700);
      expect(existsSync(cluster)).toBe(false);
    },
  );

  it('leaves no process either when it is killed, and begins anew after that', async () => {
    const program = await start();
    await program.ready();
    const processes = descendantsOf(program.child.pid ?? 0);
    const [cluster = ''] = clustersOf(processes);
    expect(existsSync(cluster)).toBe(true);
    program.child.kill('SIGKILL');
    await vi.waitFor(() => expect(processes.filter(isAlive)).toEqual([]));
    await vi.waitFor(() => expect(existsSync(cluster)).toBe(false));

    const { directory } = program;
    const again = await start({ directory });
    const ana = await visit(await again.ready(), 'ana');
    expect(ana.seen().truth.audit.events).toEqual([]);
    ana.leave();
  });

  it.each(['SIGTERM', 'SIGKILL'] as const)('ends with npm, when that gets %s', async (signal) => {
    const program = await start({ byNpm: true });
    const url = await program.ready();
    const processes = descendantsOf(program.child.pid ?? 0);
    program.child.kill(signal);
    await vi.waitFor(() => expect(processes.filter(isAlive)).toEqual([]));
    await expect(fetch(url)).rejects.toThrow();
    expect(existsSync(clustersOf(processes)[0] ?? '')).toBe(false);
  });

  it('stops also while it is starting', async () => {
    const program = await start();
    const processes = await vi.waitFor(
      () => {
        const found = descendantsOf(program.child.pid ?? 0);
        expect(clustersOf(found)).toHaveLength(1);
        return found;
      },
      { interval: 5 },
    );
    program.child.kill('SIGINT');
    expect(await program.over()).toMatchObject({ code: 0, output: expect.not.stringContaining('Open') });
    expect(processes.filter(isAlive)).toEqual([]);
    expect(existsSync(clustersOf(processes)[0] ?? '')).toBe(false);
  });

  it('removes nothing of the embedded ledger beside it', async () => {
    const directory = await newDirectory();
    await mkdir(path.join(directory, '.curfew/ledger'), { recursive: true, mode: 0o700 });
    await writeFile(path.join(directory, '.curfew/ledger/file'), 'kept');
    await mkdir(path.join(directory, '.curfew/playground/old'), { recursive: true, mode: 0o700 });
    const program = await start({ directory });
    await program.ready();
    expect(readdirSync(path.join(directory, '.curfew/ledger'))).toEqual(['file']);
    expect(readdirSync(path.join(directory, '.curfew/playground'))).not.toContain('old');
    await rm(path.join(directory, '.curfew/ledger'), { recursive: true });
  });
});
