/**
 * Keeps the bot's process running: starts it again when it ends, and kills it when asked to, without warning
 * as a crash or a reboot would.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import type { BotSettings, FromBot, ToBot } from './bot-messages.ts';
import type { Snapshot } from './protocol.ts';

export interface BotProcess {
  state(): Snapshot['bot'];
  /** Begins to load the program; it waits for `begin`. */
  load(): void;
  /** Resolves when it runs for the first time; rejects when it ends instead. From then on it is kept running. */
  begin(settings: BotSettings): Promise<void>;
  /** Ledger time is this much ahead from now on, also after a restart. */
  setOffset(ms: number): void;
  /** Resolves when it is dead; it is started again a moment later. False: it was down already. */
  kill(): Promise<boolean>;
  /** It ends for good. */
  stop(): Promise<void>;
}

export interface BotProcessOptions {
  /** The compiled `bot.ts`. */
  readonly program: string;
  /** Where what it writes goes. */
  readonly logFile: string;
  /** Its state is another, and it can be reached at `url` or not at all. */
  readonly changed: (url: string | null) => void;
  /** It ended though nobody asked it to. */
  readonly crashed: (words: string) => void;
}

/** How long a killed bot stays down, so that it can be seen. */
const DOWN_MS = 1_000;
const FIRST_RESTART_MS = 500;
const LONGEST_RESTART_MS = 10_000;
/** Running for this long, it counts as well again. */
const WELL_AFTER_MS = 30_000;

export function createBotProcess({ program, logFile, changed, crashed }: BotProcessOptions): BotProcess {
  let child: ChildProcess | null = null;
  let state: Snapshot['bot'] = 'starting';
  let settings: BotSettings | null = null;
  let offsetMs = 0;
  let restart: NodeJS.Timeout | undefined;
  let restartMs = FIRST_RESTART_MS;
  let killed = false;
  let stopped = false;

  function become(next: Snapshot['bot'], url: string | null = null): void {
    state = next;
    changed(url);
  }

  function tell(message: ToBot): void {
    if (child?.connected) child.send(message, () => {});
  }

  function load(): void {
    const log = openSync(logFile, 'a', 0o600);
    // The environment is empty: nothing that is set outside reaches it.
    const started = fork(program, [], { env: {}, execArgv: [], stdio: ['ignore', log, log, 'ipc'] });
    closeSync(log);
    child = started;
    let well: NodeJS.Timeout | undefined;
    started.on('message', (message) => {
      const { url } = message as FromBot;
      well = setTimeout(() => {
        restartMs = FIRST_RESTART_MS;
      }, WELL_AFTER_MS);
      if (!stopped) become('running', url);
    });
    const over = (how: string) => {
      clearTimeout(well);
      if (child !== started) return;
      child = null;
      if (!stopped) down(how);
    };
    started.once('error', (error) => over(error.message));
    started.once('exit', (code, signal) => over(signal ?? `exit code ${code}`));
  }

  function down(how: string): void {
    const byUs = killed;
    killed = false;
    if (!byUs) crashed(`The bot ended by itself (${how}) and is started again; see ${logFile}`);
    restart = setTimeout(run, byUs ? DOWN_MS : restartMs);
    if (!byUs) restartMs = Math.min(LONGEST_RESTART_MS, restartMs * 2);
    become('down');
  }

  function run(): void {
    if (stopped || !settings) return;
    if (!child) load();
    become('starting');
    tell({ say: 'begin', settings, offsetMs });
  }

  async function end(): Promise<void> {
    const ending = child;
    if (!ending || ending.exitCode !== null || ending.signalCode !== null) return;
    const gone = once(ending, 'exit');
    ending.kill('SIGKILL');
    await gone;
  }

  return {
    state: () => state,
    load,
    async begin(given) {
      settings = given;
      await new Promise<void>((resolve, reject) => {
        const first = child;
        if (!first) return reject(new Error('the bot ended while it was loaded'));
        first.once('message', () => resolve());
        first.once('exit', () => reject(new Error(`the bot ended while it started; see ${logFile}`)));
        run();
      });
    },
    setOffset(ms) {
      offsetMs = ms;
      tell({ say: 'clock', offsetMs });
    },
    async kill() {
      if (!child || killed) return false;
      killed = true;
      await end();
      return true;
    },
    async stop() {
      stopped = true;
      clearTimeout(restart);
      await end();
    },
  };
}
