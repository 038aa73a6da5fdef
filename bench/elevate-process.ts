/** The bot of (c): Curfew with a target that answers at once, or a bare Bolt command. Tells its parent its port. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { App, HTTPReceiver, LogLevel } from '@slack/bolt';
import { openPostgres } from '../db/client.ts';
import { createCurfew } from '../src/curfew.ts';
import { createDatabaseClock } from '../src/database-clock.ts';
import type { Role } from '../src/domain/catalog.ts';
import { DEFAULT_TIMING } from '../src/domain/timing.ts';
import { CONNECTOR, createNoopConnector } from './noop-connector.ts';
import { benchCatalog } from './reconciler.ts';
import { benchLog as log } from './world.ts';

const { BENCH_LEDGER = '', BENCH_SLACK_API = '', BENCH_SIGNING_SECRET: signingSecret = '' } = process.env;

async function curfew(): Promise<RequestListener> {
  const ledger = openPostgres(BENCH_LEDGER);
  const clocks = createDatabaseClock({ ledger, log, everyMs: 10_000 });
  await clocks.start();
  const { connector } = createNoopConnector({ heldAtFirst: false, concurrency: 8 });
  const bot = createCurfew({
    ledger,
    clocks,
    catalog: benchCatalog(Array.from({ length: 200 }, (_, n) => role(n))),
    timing: DEFAULT_TIMING,
    connectors: new Map([[connector.name, connector]]),
    incidents: new Map(),
    teams: null,
    slack: {
      botToken: 'xoxb-of-the-bench',
      apiUrl: BENCH_SLACK_API,
      transport: { kind: 'http', signingSecret },
    },
    log,
    randomBytes,
    random: Math.random,
  });
  await bot.start();
  return (request, response) => bot.slack?.listener(request, response);
}

function role(n: number): Role {
  return {
    name: `role-${n}`,
    title: `Role ${n}`,
    owners: ['omar@acme.test', 'lea@acme.test'],
    risk: 'high',
    environment: 'production',
    sensitivity: 'confidential',
    recertifyBy: '2099-06-30',
    maxDurationS: 4 * 3600,
    defaultDurationS: 3600,
    requesters: null,
    channel: null,
    requiresIncident: false,
    entitlements: [{ connector: CONNECTOR, permission: { key: `k${n}` } }],
    problems: [],
  };
}

async function bare(): Promise<RequestListener> {
  const receiver = new HTTPReceiver({
    signingSecret,
    endpoints: ['/slack/events'],
    logLevel: LogLevel.ERROR,
  });
  const app = new App({ receiver, authorize: async () => ({}), convoStore: false, logLevel: LogLevel.ERROR });
  app.command('/elevate', async ({ ack }) => ack());
  return (request, response) => receiver.requestListener(request, response);
}

const listener = process.argv[2] === 'bare' ? await bare() : await curfew();
const server = createServer(listener);
server.listen(0, '127.0.0.1');
await once(server, 'listening');
process.on('disconnect', () => process.exit());
process.send?.((server.address() as AddressInfo).port);
