/**
 * The playground, put together: the workspace, the target and the clock are here; the bot is a process of
 * its own. Nothing outlives the process that started it, however that ends: the bot ends with its channel,
 * PostgreSQL with its pipe.
 */
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openPostgres } from '../../db/client.ts';
import { DEFAULT_TIMING } from '../domain/timing.ts';
import type { Log } from '../observability/log.ts';
import { packageRoot } from '../package-root.ts';
import { createBotProcess } from './bot-process.ts';
import { createLive } from './live.ts';
import { createMovableClock } from './movable-clock.ts';
import { readPage } from './page-files.ts';
import { createPageServer } from './page-server.ts';
import { type Agent, createPagerDuty } from './pagerduty.ts';
import { openPlaygroundHome } from './playground-home.ts';
import type { Act, ActAnswer, FaultsView, Handle, Snapshot } from './protocol.ts';
import { toSnapshot } from './snapshot.ts';
import { startTarget } from './target.ts';
import { CHANNELS, PEOPLE } from './town.ts';
import { createTruth } from './truth.ts';
import { createTruthWatch } from './truth-watch.ts';
import { buildUndoably, type Undo } from './undo.ts';
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

export interface Playground {
  readonly url: string;
  stop(): Promise<void>;
}

/** Throws an `ExpectedFailure` that says what stands in the way; then nothing is left behind. */
export async function startPlayground(options: PlaygroundOptions): Promise<Playground> {
  const { built: url, stop } = await buildUndoably(options.log, (undo) => build(options, undo));
  return { url, stop };
}

async function build(options: PlaygroundOptions, undo: Undo): Promise<string> {
  const { log } = options;
  const home = await openPlaygroundHome(options.workingDirectory);
  undo.push(home.release);
  const files = await readPage(options.pageDirectory);
  const slack = { botToken: `xoxb-${secret()}`, signingSecret: secret() };
  const workspace = createWorkspace({
    people: PEOPLE,
    channels: CHANNELS,
    ...slack,
    now: () => new Date(),
    manifest: JSON.parse(await readFile(join(packageRoot(), 'manifest.json'), 'utf8')) as unknown,
  });
  const clock = createMovableClock();
  const live = createLive({ snapshot });
  const truth = createTruthWatch({ wanted: () => live.pages() > 0, changed: live.changed, log });
  const bot = createBotProcess({
    program: options.botProgram,
    logFile: home.botLog,
    changed(url) {
      workspace.talkTo(url);
      pagerduty.talkTo(url);
      live.changed();
    },
    crashed: (words) => log.warn({}, words),
  });
  let faults: FaultsView = {
    targetDown: false,
    targetSlow: false,
    slackDown: false,
    flakyNetwork: false,
    webhooksLost: false,
  };
  const pagerdutySecrets = { token: secret(), webhookSecret: secret() };
  const pagerduty = createPagerDuty({ ...pagerdutySecrets, changed: live.changed, log });
  let guided = true;

  // The port first: where it is taken, there is nothing more to start.
  const server = createPageServer({ port: options.port, files, live, act, refresh: truth.look, log });
  const port = await server.start();
  undo.push(server.stop);
  const starting = startTarget(home.directory);
  const stopTarget = async () => {
    const started = await starting.catch(() => null);
    await started?.stop();
  };
  undo.push(stopTarget, workspace.stop, pagerduty.stop);
  // It loads its program while PostgreSQL starts.
  bot.load();
  undo.push(bot.stop);
  const [target, { apiUrl }, pagerdutyAt] = await Promise.all([
    starting,
    workspace.start(),
    pagerduty.start(),
  ]);
  undo.push(workspace.onChange(live.changed));
  await bot.begin({
    ledgerUrl: target.ledgerUrl,
    targetUrl: target.url,
    port: 0,
    slack: { ...slack, apiUrl },
    pagerduty: { ...pagerdutySecrets, ...pagerdutyAt },
    teams: null,
  });

  const ledger = openPostgres(target.ledgerUrl, { max: 2 });
  undo.push(ledger.close, truth.stop);
  const readTruth = createTruth({
    db: ledger.db,
    roles: target.roles,
    overdueAfterS: DEFAULT_TIMING.overdueAfterS,
    offsetMs: clock.offsetMs,
    newcomer: 'ana@acme.test',
  });
  await truth.begin(readTruth);
  // At an orderly stop this comes first: nobody acts in what is half gone.
  undo.push(server.stop);
  return `http://127.0.0.1:${port}`;

  function snapshot(you: Handle, version: number): Snapshot | null {
    const seen = truth.seen();
    if (!seen) return null;
    const scene = { version, you, workspace: workspace.view(you), truth: seen, bot: bot.state() };
    const incident = pagerduty.newest();
    return toSnapshot({ ...scene, incident, faults, guided, clock, now: new Date() });
  }

  async function act(handle: Handle, act: Act): Promise<ActAnswer> {
    if (!truth.seen())
      return { ok: false, error: 'The playground is still starting. Try again in a moment.' };
    switch (act.do) {
      case 'advance':
        bot.setOffset(clock.advance(act.seconds));
        break;
      case 'fault':
        faults = { ...faults, [act.fault]: act.on };
        target.setFaults(faults);
        workspace.setFaults(faults);
        pagerduty.setFaults(faults);
        break;
      case 'incident': {
        const error = pagerduty.act(act.what, agentOf(handle));
        if (error !== null) return { ok: false, error };
        break;
      }
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

function agentOf(handle: Handle): Agent {
  const name = PEOPLE.find((each) => each.handle === handle)?.name ?? handle;
  return { name, email: `${handle}@acme.test` };
}

function secret(): string {
  return randomBytes(16).toString('hex');
}
