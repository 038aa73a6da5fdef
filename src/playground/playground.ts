/**
 * The playground, put together: the workspace, the target and the clock are here; the bot is a process of
 * its own. Nothing outlives the process that started it, however that ends: the bot ends with its channel,
 * PostgreSQL with its pipe.
 */
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { openPostgres } from '../../db/client.ts';
import { DEFAULT_TIMING } from '../domain/timing.ts';
import type { Log } from '../observability/log.ts';
import { packageRoot } from '../package-root.ts';
import { createBotProcess } from './bot-process.ts';
import { createLive } from './live.ts';
import { createMovableClock } from './movable-clock.ts';
import { readPage } from './page-files.ts';
import { createPageServer } from './page-server.ts';
import { openPlaygroundHome } from './playground-home.ts';
import type { Act, ActAnswer, FaultsView, Handle, MessageView, Snapshot } from './protocol.ts';
import { startTarget } from './target.ts';
import { CHANNELS, PEOPLE } from './town.ts';
import { createTruth, NOTHING_YET } from './truth.ts';
import { createWorkspace } from './workspace/workspace.ts';

export interface PlaygroundOptions {
  readonly port: number;
  readonly workingDirectory: string;
  /** The compiled `bot.ts`. */
  readonly botProgram: string;
  /** The built page. */
  readonly pageDirectory: string;
  readonly log: Log;
}

/** Between two looks at what is really so. */
const LOOK_EVERY_MS = 250;
const NO_FAULTS: FaultsView = { targetDown: false, targetSlow: false, slackDown: false, flakyNetwork: false };

export interface Playground {
  readonly url: string;
  stop(): Promise<void>;
}

/** Throws an `ExpectedFailure` that says what stands in the way; then nothing is left behind. */
export async function startPlayground(options: PlaygroundOptions): Promise<Playground> {
  const { log } = options;
  // Undone in reverse, whether the start fails half-way or the playground stops.
  const undo: (() => unknown)[] = [];
  const stop = async () => {
    for (const step of undo.splice(0).reverse()) {
      await Promise.resolve()
        .then(step)
        .catch((err: unknown) => log.error({ err }, 'A part did not stop cleanly'));
    }
  };
  try {
    return { url: await build(options, undo), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function build(options: PlaygroundOptions, undo: (() => unknown)[]): Promise<string> {
  const { workingDirectory, botProgram, pageDirectory, log } = options;
  const home = await openPlaygroundHome(workingDirectory);
  undo.push(home.release);
  const slack = { botToken: `xoxb-${secret()}`, signingSecret: secret() };
  const manifest: unknown = JSON.parse(await readFile(join(packageRoot(), 'manifest.json'), 'utf8'));
  const workspace = createWorkspace({
    people: PEOPLE,
    channels: CHANNELS,
    ...slack,
    now: () => new Date(),
    manifest,
  });
  let faults = NO_FAULTS;
  const clock = createMovableClock();
  let truth = NOTHING_YET;
  let guided = true;
  let readTruth: (() => Promise<typeof truth>) | null = null;
  let looking: Promise<void> | null = null;
  let troubled = false;

  const live = createLive({ snapshot });
  const server = createPageServer({
    port: options.port,
    files: await readPage(pageDirectory),
    live,
    act,
    refresh: look,
    log,
  });
  const bot = createBotProcess({
    program: botProgram,
    logFile: home.botLog,
    changed(url) {
      workspace.talkTo(url);
      live.changed();
    },
    crashed: (words) => log.warn({}, words),
  });
  const port = await server.start();
  undo.push(server.stop);

  const starting = startTarget(home.directory);
  undo.push(() =>
    starting.then(
      ({ stop }) => stop(),
      () => {},
    ),
  );
  undo.push(workspace.stop);
  bot.load();
  undo.push(bot.stop);
  const [target, { apiUrl }] = await Promise.all([starting, workspace.start()]);
  undo.push(workspace.onChange(live.changed));
  await bot.begin({ ledgerUrl: target.ledgerUrl, targetUrl: target.url, slack: { ...slack, apiUrl } });

  const ledger = openPostgres(target.ledgerUrl, { max: 2 });
  undo.push(ledger.close);
  readTruth = createTruth({
    db: ledger.db,
    roles: target.roles,
    overdueAfterS: DEFAULT_TIMING.overdueAfterS,
    offsetMs: clock.offsetMs,
    newcomer: 'ana@acme.test',
  });
  const watch = setInterval(() => {
    if (live.pages() > 0) void look();
  }, LOOK_EVERY_MS);
  undo.push(async () => {
    clearInterval(watch);
    await looking;
  });
  // At an orderly stop this comes first: whoever looks on is told before anything ends.
  undo.push(server.stop);
  await look();
  live.changed();
  return `http://127.0.0.1:${port}`;

  function look(): Promise<void> {
    if (!readTruth) return Promise.resolve();
    looking ??= readTruth()
      .then((seen) => {
        troubled = false;
        if (isDeepStrictEqual(seen, truth)) return;
        truth = seen;
        live.changed();
      })
      .catch((err: unknown) => {
        if (!troubled) log.warn({ err }, 'What is really so cannot be read; trying again');
        troubled = true;
      })
      .finally(() => {
        looking = null;
      });
    return looking;
  }

  function snapshot(viewer: Handle, version: number): Snapshot | null {
    if (!readTruth) return null;
    const now = new Date();
    const { roles, hint, ...rest } = truth;
    const seen = workspace.view(viewer);
    return {
      version,
      you: viewer,
      ...seen,
      conversations: seen.conversations.map((each) => ({ ...each, messages: inLedgerTime(each.messages) })),
      truth: {
        now: clock.ledgerTimeAt(now).toISOString(),
        asOf: now.toISOString(),
        target: { reachable: !faults.targetDown, roles },
        ...rest,
      },
      faults,
      bot: bot.state(),
      hint: guided ? hint : null,
    };
  }

  /** Slack knows real time only; beside a clock that was moved, messages would seem older than they are. */
  function inLedgerTime(messages: readonly MessageView[]): MessageView[] {
    return messages.map((each) => ({
      ...each,
      at: clock.ledgerTimeAt(new Date(each.at)).toISOString(),
      replies: inLedgerTime(each.replies),
    }));
  }

  async function act(handle: Handle, act: Act): Promise<ActAnswer> {
    if (!readTruth) return { ok: false, error: 'The playground is still starting. Try again in a moment.' };
    switch (act.do) {
      case 'advance':
        bot.setOffset(clock.advance(act.seconds));
        break;
      case 'fault':
        faults = { ...faults, [act.fault]: act.on };
        target.setFaults(faults);
        workspace.setFaults(faults);
        break;
      case 'kill-bot':
        if (!(await bot.kill()))
          return { ok: false, error: 'The bot is down already. It comes back by itself.' };
        break;
      case 'dismiss-hint':
        guided = false;
        break;
      default:
        return workspace.act(handle, act);
    }
    live.changed();
    return { ok: true };
  }
}

function secret(): string {
  return randomBytes(16).toString('hex');
}
