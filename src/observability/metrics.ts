/** What Curfew's parts report of their work, whoever counts it. Nothing here waits, and nothing throws. */
import type { EndReason } from '../domain/grant.ts';

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
  /** An HTTP request was answered, or given up: then the status is `aborted`. */
  responded(response: { route: string; status: string; seconds: number }): void;
}

/** Counts nothing. */
export const silentMetrics: Metrics = {
  called() {},
  ended() {},
  swept() {},
  partFailed() {},
  delivered() {},
  responded() {},
};
