/** A server that takes webhooks of one source, called `pager`, into a real ledger. */
import { afterEach, vi } from 'vitest';
import { type InboxEntry, putInbox } from '../../db/incidents.ts';
import { incidentInbox } from '../../db/schema-incidents.ts';
import { createIncidentWebhooks } from '../../src/http/incident-webhooks.ts';
import { createHttpServer, type HttpServer } from '../../src/http/server.ts';
import { createMetrics } from '../../src/observability/metrics.ts';
import { ledgerForFile } from './empty-ledger.ts';
import { PATIENCE_MS } from './patience.ts';
import { createRecordingLog } from './recording-log.ts';
import { createStandInSource } from './webhook-sender.ts';

/** For the tests of one file; servers stop after each. */
export function webhookDoor() {
  const ledger = ledgerForFile();
  const running: HttpServer[] = [];
  afterEach(async () => {
    await Promise.all(running.splice(0).map((http) => http.stop()));
  });

  /** A server whose one source is called `pager`. `around` stands between it and the real ledger. */
  async function start({ around, withinMs }: { around?: (put: Put) => Put; withinMs?: number } = {}) {
    const standIn = createStandInSource();
    const recording = createRecordingLog();
    const log = { ...recording, child: () => log };
    const metrics = createMetrics({ readLedger: () => Promise.reject(new Error('not asked here')) });
    const put: Put = (entries) => putInbox(ledger().ledger.db, entries);
    const nudge = vi.fn();
    const webhooks = createIncidentWebhooks({
      sources: new Map([['pager', standIn.source]]),
      put: around ? around(put) : put,
      nudge,
      realNow: () => new Date(),
      metrics,
      log,
      ...(withinMs !== undefined && { withinMs }),
    });
    const health = {
      ready: async () => ({ ok: true, body: {} }),
      alive: async () => ({ ok: true, body: {} }),
    };
    const http = createHttpServer({
      port: 0,
      metricsPort: null,
      host: '127.0.0.1',
      routes: { webhooks },
      health,
      metrics,
      log,
      drainMs: 50,
    });
    running.push(http);
    const { port } = await http.start();
    return {
      ...standIn,
      recording,
      nudge,
      port,
      kept: () => ledger().ledger.db.select().from(incidentInbox).orderBy(incidentInbox.eventId),
      async counted(): Promise<Record<string, number>> {
        const { body } = await metrics.scrape();
        const lines = [...body.matchAll(/^curfew_webhooks_total\{(.*)\} (\d+)$/gm)];
        return Object.fromEntries(lines.map(([, labels = '', count]) => [labels, Number(count)]));
      },
    };
  }
  return start;
}

type Put = (entries: readonly InboxEntry[]) => Promise<void>;

/** A line of the metrics. */
export const webhookCount = (outcome: string) => `source="pager",outcome="${outcome}"`;
export const soon = { timeout: PATIENCE_MS, interval: 5 };
