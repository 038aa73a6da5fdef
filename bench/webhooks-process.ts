/** The Curfew process of (e) and (f): reconciler, scheduler and HTTP server, without chat. Tells its parent its port. */
import { randomBytes } from 'node:crypto';
import { openPostgres } from '../db/client.ts';
import { putInbox } from '../db/incidents.ts';
import { createCurfew } from '../src/curfew.ts';
import { createDatabaseClock } from '../src/database-clock.ts';
import { DEFAULT_TIMING } from '../src/domain/timing.ts';
import { createIncidentWebhooks } from '../src/http/incident-webhooks.ts';
import { createHttpServer } from '../src/http/server.ts';
import { pagerdutySource } from '../src/incidents/pagerduty/pagerduty-source.ts';
import { createMetrics } from '../src/observability/metrics.ts';
import { createNoopConnector } from './noop-connector.ts';
import { benchCatalog } from './reconciler.ts';
import { benchLog as log } from './world.ts';

const { BENCH_LEDGER = '', BENCH_SECRET = '' } = process.env;
const ledger = openPostgres(BENCH_LEDGER);
const clocks = createDatabaseClock({ ledger, log, everyMs: 10_000 });
await clocks.start();
const { connector } = createNoopConnector({ heldAtFirst: true, concurrency: 8 });
const settings = pagerdutySource.config.parse({ kind: 'pagerduty', webhook_secret: BENCH_SECRET });
const incidents = new Map([['pagerduty', pagerdutySource.create('pagerduty', settings)]]);
const metrics = createMetrics({ readLedger: () => Promise.reject(new Error('nobody asks')) });
const curfew = createCurfew({
  ledger,
  clocks,
  catalog: benchCatalog([]),
  timing: DEFAULT_TIMING,
  connectors: new Map([[connector.name, connector]]),
  incidents,
  slack: null,
  teams: null,
  metrics,
  log,
  randomBytes,
  random: Math.random,
});
const webhooks = createIncidentWebhooks({
  sources: incidents,
  put: (entries) => putInbox(ledger.db, entries),
  nudge: curfew.nudge,
  realNow: clocks.real,
  metrics,
  log,
});
const healthy = async () => ({ ok: true, body: {} });
const http = createHttpServer({
  port: 0,
  metricsPort: null,
  host: '127.0.0.1',
  routes: { webhooks },
  health: { ready: healthy, alive: healthy },
  metrics,
  log,
});
await curfew.start();
const { port } = await http.start();

process.on('message', () => {
  void http
    .stop()
    .then(curfew.stop)
    .then(clocks.stop)
    .then(ledger.close)
    .then(() => process.exit());
});
process.on('disconnect', () => process.exit());
process.send?.(port);
