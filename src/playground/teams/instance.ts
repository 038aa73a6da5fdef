/** One person's Teams: an instance of Microsoft's Agents Playground, a process that ends with this one. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { packageRoot } from '../../package-root.ts';
import { configurationOf, placesOf, type Speaker } from './places.ts';

export interface Instance {
  readonly speaker: Speaker;
  /** Without a path, on 127.0.0.1. */
  readonly url: string;
  /** Adds the bot to the person's chat and team, as people do; Microsoft's program does so only once its page is opened. */
  introduce(): Promise<void>;
  stop(): Promise<void>;
}

export interface InstanceOptions {
  readonly speaker: Speaker;
  /** 0: any free one. */
  readonly port: number;
  readonly botUrl: string;
  /** Where the bot is told to call; absent: the instance itself. */
  readonly serviceUrl?: string;
  /** For its configuration and what it writes. */
  readonly directory: string;
}

const PROGRAM = 'scripts/teams-playground-instance.mjs';

/** Resolves when it answers. About 1 s. */
export async function startInstance(options: InstanceOptions): Promise<Instance> {
  const { speaker, port, botUrl, serviceUrl, directory } = options;
  const file = (ending: string) => join(directory, `teams-${speaker}.${ending}`);
  await writeFile(file('yml'), configurationOf(speaker), { mode: 0o600 });
  const words = ['start', '-e', `${botUrl}/api/messages`, '-c', 'msteams', '-p', String(port), '--dt'];
  const log = openSync(file('out'), 'a', 0o600);
  const child = fork(
    join(packageRoot(), PROGRAM),
    serviceUrl === undefined ? words : [...words, '--su', serviceUrl],
    {
      cwd: directory,
      // Nothing that is set outside reaches it, and no browser is opened.
      env: {
        TEAMSAPPTESTER_BROWSER: 'none',
        M365_AGENTS_PLAYGROUND_CONFIG_PATH: file('yml'),
        M365_AGENTS_PLAYGROUND_LOGFILE: file('log'),
      },
      execArgv: [],
      stdio: ['ignore', log, log, 'ipc'],
    },
  );
  closeSync(log);
  try {
    const url = `http://127.0.0.1:${await listening(child, port, file('log'))}`;
    return { speaker, url, introduce: () => introduce(url, speaker), stop: () => end(child) };
  } catch (error) {
    await end(child);
    throw error;
  }
}

function listening(child: ChildProcess, wanted: number, log: string): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', () => reject(new Error(`Microsoft's playground ended while it started; see ${log}`)));
    child.once('message', (message) => {
      const { port } = message as { port: number };
      // Where a port is taken it silently takes another.
      if (wanted === 0 || port === wanted) resolve(port);
      else reject(new Error(`port ${wanted} is taken`));
    });
  });
}

async function introduce(url: string, speaker: Speaker): Promise<void> {
  const { chat, team } = placesOf(speaker);
  for (const conversation of [chat, team]) {
    const path = `/_debug/conversation/${encodeURIComponent(conversation)}/installation`;
    const answer = await fetch(url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{}',
      signal: AbortSignal.timeout(10_000),
    });
    if (!answer.ok) throw new Error(`Microsoft's playground answered ${answer.status} to ${path}`);
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}
