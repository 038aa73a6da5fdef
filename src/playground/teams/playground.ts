/**
 * The Teams playground, put together: the target and the clock are here; the bot and each person's Teams are
 * processes of their own. Nothing outlives the process that started it, however that ends.
 */
import type { Log } from '../../observability/log.ts';
import { createBotProcess } from '../bot-process.ts';
import { createMovableClock } from '../movable-clock.ts';
import { openPlaygroundHome } from '../playground-home.ts';
import { startTarget } from '../target.ts';
import { buildUndoably, type Undo } from '../undo.ts';
import { startInstance } from './instance.ts';
import { SPEAKERS, type Speaker, TENANT } from './places.ts';
import { requireFreePort } from './require-free-port.ts';
import { PORT_VARIABLE } from './settings.ts';

export interface TeamsPlaygroundOptions {
  /** 0: any free one. */
  readonly botPort: number;
  /** The first of three; 0: any free ones. */
  readonly teamsPort: number;
  readonly workingDirectory: string;
  /** The compiled `bot.ts`. */
  readonly botProgram: string;
  readonly log: Log;
}

export interface TeamsPlayground {
  readonly urls: Readonly<Record<Speaker, string>>;
  /** Moves ledger time forward. @returns how far it is ahead by then, ms */
  advance(seconds: number): number;
  stop(): Promise<void>;
}

/** Throws an `ExpectedFailure` that says what stands in the way; then nothing is left behind. */
export async function startTeamsPlayground(options: TeamsPlaygroundOptions): Promise<TeamsPlayground> {
  const { built, stop } = await buildUndoably(options.log, (undo) => build(options, undo));
  return { ...built, stop };
}

async function build(options: TeamsPlaygroundOptions, undo: Undo): Promise<Omit<TeamsPlayground, 'stop'>> {
  const { botPort, teamsPort, log } = options;
  const ports = SPEAKERS.map((_, index) => (teamsPort === 0 ? 0 : teamsPort + index));
  const home = await openPlaygroundHome(options.workingDirectory);
  undo.push(home.release);
  await requireFreePort(botPort, 'PORT');
  for (const port of ports) await requireFreePort(port, PORT_VARIABLE);

  const clock = createMovableClock();
  let botUrl = '';
  const bot = createBotProcess({
    program: options.botProgram,
    logFile: home.botLog,
    changed(url) {
      botUrl = url ?? botUrl;
      // Teams goes on calling it where it was.
      if (url !== null) settings.port = Number(new URL(url).port);
    },
    crashed: (words) => log.warn({}, words),
  });
  const starting = startTarget(home.directory);
  undo.push(async () => (await starting.catch(() => null))?.stop());
  bot.load();
  undo.push(bot.stop);
  const target = await starting;
  const settings = {
    ledgerUrl: target.ledgerUrl,
    targetUrl: target.url,
    port: botPort,
    slack: null,
    pagerduty: null,
    teams: { tenantId: TENANT },
  };
  await bot.begin(settings);

  const instances = await Promise.allSettled(
    SPEAKERS.map(({ handle: speaker }, index) =>
      startInstance({ speaker, port: ports[index] ?? 0, botUrl, directory: home.directory }),
    ),
  );
  const urls: Record<Speaker, string> = { ana: '', omar: '', mia: '' };
  for (const started of instances) if (started.status === 'fulfilled') undo.push(started.value.stop);
  for (const started of instances) {
    if (started.status === 'rejected') throw started.reason;
    urls[started.value.speaker] = started.value.url;
    await started.value.introduce();
  }
  return { urls, advance };

  function advance(seconds: number): number {
    const offsetMs = clock.advance(seconds);
    bot.setOffset(offsetMs);
    return offsetMs;
  }
}
