/** What Curfew's parts report of their work, and how it is counted and shown. */
import { performance } from 'node:perf_hooks';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { EndReason } from '../domain/grant.ts';
import { createLedgerGauges, type LedgerNumbers } from './ledger-gauges.ts';

/** Nothing here waits, and nothing throws. */
export interface Metrics {
  /** A call to a connector is over. `outcome`: `ok`, or the error's code. */
  called(call: { connector: string; step: string; outcome: string; seconds: number }): void;
  /** A grant ended, committed. `lagS`: ledger time from when it was due to confirmed absence; null: nothing was there to take away. */
  ended(end: { reason: EndReason; lagS: number | null }): void;
  /** A sweep is over. */
  swept(sweep: { seconds: number }): void;
  /** A part of a sweep failed; the sweep went on. */
  partFailed(part: string): void;
  /** Something people said or clicked came in. */
  delivered(delivery: { platform: string; kind: string }): void;
  /** Something of that was refused unread: too much at once from everybody, or from that person. */
  turnedAway(reason: 'busy' | 'too-often'): void;
  /** An HTTP request was answered, or given up: then the status is `aborted`. */
  responded(response: { route: string; status: string; seconds: number }): void;
  /** A source of incidents sent something. `source` is one that is configured. */
  webhook(delivery: { source: string; outcome: WebhookOutcome }): void;
}

/** What became of something that a source of incidents sent. */
export type WebhookOutcome =
  | 'accepted'
  | 'unknown-type'
  | 'forged'
  | 'malformed'
  | 'too-large'
  | 'compressed'
  | 'broken-off'
  | 'busy'
  | 'ledger-down';

/** Counts nothing. */
export const silentMetrics: Metrics = {
  called() {},
  ended() {},
  swept() {},
  partFailed() {},
  delivered() {},
  turnedAway() {},
  responded() {},
  webhook() {},
};

export interface Scrape {
  readonly contentType: string;
  readonly body: string;
}

export interface CountedMetrics extends Metrics {
  /** All of it in Prometheus' text format, with the ledger's numbers. */
  scrape(): Promise<Scrape>;
  /** How long ago a sweep was over, or, as long as none was, counting began. */
  secondsSinceSweep(): number;
}

/** From 10 ms to a day: what is late by hours has to show as that. Seconds. */
const LAG_BUCKETS = [
  0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3_600, 14_400, 86_400,
];
const CALL_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
/** Slack waits for 3 s. */
const HTTP_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 2.5, 3, 5];

/** @param readLedger the ledger's numbers now; may reject, and then the scrape says that it is down. */
export function createMetrics({
  readLedger,
  monotonic = () => performance.now(),
}: {
  readLedger: () => Promise<LedgerNumbers>;
  /** Milliseconds since any moment. */
  monotonic?: () => number;
}): CountedMetrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const ledger = createLedgerGauges(registry);
  let sweptAt = monotonic();

  const ended = new Counter({
    name: 'curfew_grants_ended_total',
    help: 'Grants that ended with absence confirmed, by why they ended.',
    labelNames: ['reason'],
    registers,
  });
  const lag = new Histogram({
    name: 'curfew_revocation_lag_seconds',
    help: 'From when access was due to go until the target confirmed that it was gone.',
    labelNames: ['reason'],
    buckets: LAG_BUCKETS,
    registers,
  });
  const calls = new Counter({
    name: 'curfew_connector_calls_total',
    help: 'Calls to connectors that are over; the outcome is ok or the error.',
    labelNames: ['connector', 'step', 'outcome'],
    registers,
  });
  const callDuration = new Histogram({
    name: 'curfew_connector_call_duration_seconds',
    help: 'How long calls to connectors took, whatever their outcome.',
    labelNames: ['connector', 'step'],
    buckets: CALL_BUCKETS,
    registers,
  });
  const sweepDuration = new Histogram({
    name: 'curfew_sweep_duration_seconds',
    help: 'How long sweeps took; calls and messages that they begin are not in it.',
    buckets: CALL_BUCKETS,
    registers,
  });
  const secondsSinceSweep = () => (monotonic() - sweptAt) / 1000;
  new Gauge({
    name: 'curfew_seconds_since_sweep',
    help: 'How long ago a sweep was over. One is made every second; from 10 on nothing is ended in time.',
    registers,
    collect() {
      this.set(secondsSinceSweep());
    },
  });
  const partsFailed = new Counter({
    name: 'curfew_sweep_part_failures_total',
    help: 'Parts of sweeps that failed and were left for the next sweep.',
    labelNames: ['part'],
    registers,
  });
  const deliveries = new Counter({
    name: 'curfew_deliveries_total',
    help: 'What came in from people: words, actions and forms.',
    labelNames: ['platform', 'kind'],
    registers,
  });
  const turnedAway = new Counter({
    name: 'curfew_turned_away_total',
    help: 'Of that, what was refused unread: busy, or too often for that person.',
    labelNames: ['reason'],
    registers,
  });
  const responses = new Counter({
    name: 'curfew_http_responses_total',
    help: 'HTTP requests answered, or aborted, by route.',
    labelNames: ['route', 'status'],
    registers,
  });
  const responseDuration = new Histogram({
    name: 'curfew_http_response_duration_seconds',
    help: 'From a request until its answer was sent.',
    labelNames: ['route'],
    buckets: HTTP_BUCKETS,
    registers,
  });

  const webhooks = new Counter({
    name: 'curfew_webhooks_total',
    help: 'What sources of incidents sent, and what became of it; a repetition is accepted like the first.',
    labelNames: ['source', 'outcome'],
    registers,
  });

  return {
    ended({ reason, lagS }) {
      ended.inc({ reason });
      if (lagS !== null) lag.observe({ reason }, Math.max(0, lagS));
    },
    called({ connector, step, outcome, seconds }) {
      calls.inc({ connector, step, outcome });
      callDuration.observe({ connector, step }, seconds);
    },
    swept({ seconds }) {
      sweptAt = monotonic();
      sweepDuration.observe(seconds);
    },
    secondsSinceSweep,
    partFailed: (part) => partsFailed.inc({ part }),
    delivered: (delivery) => deliveries.inc(delivery),
    turnedAway: (reason) => turnedAway.inc({ reason }),
    responded({ route, status, seconds }) {
      responses.inc({ route, status });
      responseDuration.observe({ route }, seconds);
    },
    webhook: (delivery) => webhooks.inc(delivery),
    async scrape() {
      ledger.show(await readLedger().catch(() => null));
      return { contentType: registry.contentType, body: await registry.metrics() };
    },
  };
}
