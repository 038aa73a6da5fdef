/** The composition root: builds everything from the environment, starts it in order, stops it in the reverse. */
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { ledgerForEnds } from '../db/client.ts';
import { putInbox } from '../db/incidents.ts';
import { migrateLedger } from '../db/migrate.ts';
import { formatProblem } from './config/problem.ts';
import { type Config, readConfig } from './config.ts';
import { connectorKinds } from './connectors/registry.ts';
import { createLedgerService } from './control/serve-ledger.ts';
import { createControlServer } from './control/server.ts';
import { createCurfew } from './curfew.ts';
import { createDatabaseClock } from './database-clock.ts';
import { ExpectedFailure } from './expected-failure.ts';
import { homeIn } from './home/home.ts';
import { openLedger } from './home/open-ledger.ts';
import { createHealth } from './http/health.ts';
import { createIncidentWebhooks } from './http/incident-webhooks.ts';
import { createLedgerWatch } from './http/ledger-watch.ts';
import { createHttpServer } from './http/server.ts';
import { incidentSourceKinds } from './incidents/registry.ts';
import { createLog, type Log } from './observability/log.ts';
import { createMetrics } from './observability/metrics.ts';
import { packageRoot } from './package-root.ts';

export interface ServeOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly workingDirectory: string;
  readonly log?: Log;
}

export interface Served {
  readonly port: number;
  /** Drains: nothing new is taken, what is under way is finished or left for the next start. */
  stop(): Promise<void>;
}

/** Real milliseconds between two measurements of the database's clock. */
const CLOCK_EVERY_MS = 30_000;

/** Starts the service. Throws an `ExpectedFailure` that names what is missing. */
export async function serve({ env, workingDirectory, log: given }: ServeOptions): Promise<Served> {
  const config = await configuration(env);
  const { environment } = config;
  const log = given ?? createLog({ level: environment.logLevel, secrets: config.secrets });
  // Undone in reverse, whether the start fails half-way or the service stops.
  const undo: (() => Promise<void>)[] = [];
  const stop = async () => {
    for (const step of undo.splice(0).reverse()) {
      await step().catch((err: unknown) => log.error({ err }, 'a part did not stop cleanly'));
    }
  };
  try {
    const home = homeIn(workingDirectory);
    const opened = await openLedger({ ...environment, home });
    undo.push(opened.release);
    const { ledger } = opened;
    await migrateLedger(ledger, packageRoot());
    // What ends access, or tells when: nothing that people send holds it up.
    const forEnds = ledgerForEnds(ledger);
    const clocks = createDatabaseClock({ ledger: forEnds, log, everyMs: CLOCK_EVERY_MS });
    await clocks.start();
    undo.push(clocks.stop);

    const readLedger = createLedgerWatch({ ledger, clocks, timing: config.timing });
    const metrics = createMetrics({ readLedger });
    const curfew = createCurfew({
      ...config,
      ledger,
      clocks,
      slack: environment.slack,
      teams: environment.teams,
      metrics,
      log,
      randomBytes,
      random: Math.random,
    });
    undo.push(curfew.stop);

    if (ledger.kind === 'embedded') {
      const service = createLedgerService({
        ledger: forEnds,
        clocks,
        overdueAfterS: config.timing.overdueAfterS,
        nudge: curfew.nudge,
      });
      const control = createControlServer({ path: home.socket, service, log });
      await control.start();
      undo.push(control.stop);
    }

    const health = createHealth({
      ledger,
      readLedger,
      metrics,
      packageRoot: packageRoot(),
      chatReady: curfew.ready,
      chatTrouble: curfew.chatTrouble,
    });
    const { port, metricsPort } = environment;
    const webhooks = createIncidentWebhooks({
      sources: curfew.ctx.incidents,
      put: (entries) => putInbox(forEnds.db, entries),
      nudge: curfew.nudge,
      realNow: clocks.real,
      metrics,
      log: log.child({ room: 'webhooks' }),
    });
    const routes = { slack: curfew.slack?.listener, teams: curfew.teams?.listener, webhooks };
    const http = createHttpServer({ port, metricsPort, routes, health, metrics, log });
    await curfew.start();
    const bound = await http.start();
    undo.push(http.stop);
    undo.push(async () => health.drain());
    log.info(
      { port: bound.port, ledger: ledger.kind, roles: config.catalog.roles.size },
      'Curfew is running',
    );
    return { port: bound.port, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function configuration(env: ServeOptions['env']): Promise<Config> {
  const reading = await readConfig({
    env,
    readFile: (path) => readFile(path, 'utf8'),
    kinds: { connectors: connectorKinds, incidents: incidentSourceKinds },
    needsChat: true,
    now: new Date(),
  });
  if (reading.ok) return reading.config;
  const problems = reading.problems.map(formatProblem).join('\n');
  throw new ExpectedFailure(`Curfew cannot start:\n${problems}`);
}
