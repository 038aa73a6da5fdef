/**
 * The program of the bot's process: the real Curfew with the real connector, over HTTP. It knows what it is
 * told over its channel and nothing else, and ends when that closes: with the playground, however that ended.
 * Ledger time is the database's with an offset; real time is never moved.
 */
import { randomBytes } from 'node:crypto';
import { type Ledger, openPostgres } from '../../db/client.ts';
import { nudgeIncidents } from '../../db/incident-inbox.ts';
import { putInbox } from '../../db/incidents.ts';
import { migrateLedger } from '../../db/migrate.ts';
import { formatProblem } from '../config/problem.ts';
import { readConfig } from '../config.ts';
import { connectorKinds } from '../connectors/registry.ts';
import { createCurfew } from '../curfew.ts';
import { createDatabaseClock } from '../database-clock.ts';
import { createIncidentWebhooks } from '../http/incident-webhooks.ts';
import { createListening } from '../http/listening.ts';
import { createRequestListener } from '../http/request-listener.ts';
import { incidentSourceKinds } from '../incidents/registry.ts';
import { createLog } from '../observability/log.ts';
import { silentMetrics } from '../observability/metrics.ts';
import { packageRoot } from '../package-root.ts';
import type { BotSettings, FromBot, ToBot } from './bot-messages.ts';
import { townYaml } from './town.ts';

const CLOCK_EVERY_MS = 30_000;

let offsetMs = 0;
/** Time has passed. */
let passed = () => {};

process.on('message', (message) => {
  const said = message as ToBot;
  offsetMs = said.offsetMs;
  if (said.say === 'clock') return passed();
  begin(said.settings).then(
    (url) => process.send?.({ say: 'running', url } satisfies FromBot),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
});
process.on('disconnect', () => process.exit());
// An interrupt at the keyboard reaches every process of the terminal; the playground says when to end.
for (const signal of ['SIGINT', 'SIGHUP', 'SIGTERM'] as const) process.on(signal, () => {});

async function begin(settings: BotSettings): Promise<string> {
  const reading = await readConfig({
    env: {
      TARGET_URL: settings.targetUrl,
      PAGERDUTY_API_URL: settings.pagerduty?.apiUrl,
      PAGERDUTY_TOKEN: settings.pagerduty?.token,
      PAGERDUTY_WEBHOOK_SECRET: settings.pagerduty?.webhookSecret,
      SLACK_BOT_TOKEN: settings.slack?.botToken,
      SLACK_SIGNING_SECRET: settings.slack?.signingSecret,
      SLACK_API_URL: settings.slack?.apiUrl,
    },
    readFile: async () => townYaml({ incidents: settings.pagerduty !== null }),
    kinds: { connectors: connectorKinds, incidents: incidentSourceKinds },
    needsChat: false,
    now: new Date(),
  });
  if (!reading.ok) throw new Error(reading.problems.map(formatProblem).join('\n'));
  const { config } = reading;
  const log = createLog({ level: 'info', secrets: [...config.secrets, settings.ledgerUrl] });
  const ledger = openPostgres(settings.ledgerUrl);
  await migrateLedger(ledger, packageRoot());
  const real = createDatabaseClock({ ledger, log, everyMs: CLOCK_EVERY_MS });
  await real.start();
  const curfew = createCurfew({
    ...config,
    ledger,
    clocks: { now: () => new Date(real.now().getTime() + offsetMs), real: real.real },
    slack: config.environment.slack,
    teams: settings.teams && { credentials: null, tenantId: settings.teams.tenantId, dialogs: false },
    log,
    randomBytes,
    random: Math.random,
  });
  const webhooks = createIncidentWebhooks({
    sources: config.incidents,
    put: (entries) => putInbox(ledger.db, entries),
    nudge: curfew.nudge,
    realNow: real.real,
    metrics: silentMetrics,
    log,
  });
  const doors = [
    { name: 'slack', path: '/slack/events', handle: curfew.slack?.listener },
    { name: 'teams', path: '/api/messages', handle: curfew.teams?.listener },
    { name: 'webhooks', path: '/webhooks/:source', handle: webhooks },
  ] as const;
  const routes = doors.flatMap(({ name, path, handle }) =>
    handle ? [{ name, method: 'POST' as const, path, handle }] : [],
  );
  const http = createListening({
    listener: createRequestListener({ routes, metrics: silentMetrics, log }),
    port: settings.port,
    host: '127.0.0.1',
    drainMs: 0,
    log,
  });
  await curfew.start();
  passed = () => {
    curfew.nudge();
    void askAnew(ledger, config.incidents.keys(), real.real())
      .then(curfew.nudge)
      .catch((err: unknown) => log.error({ err }, 'sources of incidents are not asked anew'));
  };
  return `http://127.0.0.1:${await http.start()}`;
}

/** Sources are asked every few minutes of real time: in what was skipped, each would have been. */
async function askAnew(ledger: Ledger, sources: Iterable<string>, real: Date): Promise<void> {
  for (const source of sources) await nudgeIncidents(ledger.db, { source, keys: [], all: true }, real);
}
