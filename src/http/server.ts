/** The HTTP side of Curfew: chat platforms' requests, incidents' webhooks, probes and metrics. */
import type { Log } from '../observability/log.ts';
import type { CountedMetrics } from '../observability/metrics.ts';
import { answerJson } from './answer.ts';
import type { Health, HealthAnswer } from './health.ts';
import { createListening } from './listening.ts';
import { isLoopback } from './loopback.ts';
import { createRequestListener } from './request-listener.ts';
import type { Handler, Route } from './routes.ts';

export interface HttpServerOptions {
  /** 0: any free port. */
  readonly port: number;
  /**
   * Where `/metrics` is for everybody who can reach it, and the probes too, beside whatever comes to `port`;
   * null: `/metrics` is on `port`, for callers on this machine.
   */
  readonly metricsPort: number | null;
  /** The address to listen on; undefined: all. */
  readonly host?: string;
  /** What is absent answers 404. */
  readonly routes: {
    readonly slack?: Handler | undefined;
    readonly teams?: Handler | undefined;
    readonly webhooks?: Handler | undefined;
  };
  readonly health: Pick<Health, 'ready' | 'alive'>;
  readonly metrics: Pick<CountedMetrics, 'responded' | 'scrape'>;
  readonly log: Log;
  /** For requests under way at the stop, ms. */
  readonly drainMs?: number;
}

export interface HttpServer {
  start(): Promise<{ readonly port: number; readonly metricsPort: number | null }>;
  stop(): Promise<void>;
}

const DRAIN_MS = 10_000;

export function createHttpServer(options: HttpServerOptions): HttpServer {
  const { metrics, log, host, drainMs = DRAIN_MS } = options;
  const listening = (port: number, routes: readonly Route[]) =>
    createListening({ listener: createRequestListener({ routes, metrics, log }), port, host, drainMs, log });
  const main = listening(options.port, mainRoutes(options));
  const forMetrics =
    options.metricsPort === null
      ? null
      : listening(options.metricsPort, [...probes(options.health), metricsRoute(metrics)]);

  return {
    async start() {
      const metricsPort = (await forMetrics?.start()) ?? null;
      try {
        return { port: await main.start(), metricsPort };
      } catch (error) {
        await forMetrics?.stop();
        throw error;
      }
    },
    async stop() {
      await Promise.all([main.stop(), forMetrics?.stop()]);
    },
  };
}

/** What the main port answers. */
export function mainRoutes({
  routes,
  health,
  metrics,
  metricsPort,
}: Pick<HttpServerOptions, 'routes' | 'health' | 'metrics' | 'metricsPort'>): readonly Route[] {
  const table = probes(health);
  if (routes.slack)
    table.push({ name: 'slack', method: 'POST', path: '/slack/events', handle: routes.slack });
  if (routes.teams)
    table.push({ name: 'teams', method: 'POST', path: '/api/messages', handle: routes.teams });
  if (routes.webhooks)
    table.push({ name: 'webhooks', method: 'POST', path: '/webhooks/:source', handle: routes.webhooks });
  if (metricsPort === null) table.push(forThisMachine(metricsRoute(metrics)));
  return table;
}

function probes(health: HttpServerOptions['health']): Route[] {
  return [probe('readyz', () => health.ready()), probe('healthz', () => health.alive())];
}

function probe(name: string, ask: () => Promise<HealthAnswer>): Route {
  return {
    name,
    method: 'GET',
    path: `/${name}`,
    async handle(_request, response) {
      const { ok, body } = await ask();
      answerJson(response, ok ? 200 : 503, body);
    },
  };
}

function metricsRoute(metrics: Pick<CountedMetrics, 'scrape'>): Route {
  return {
    name: 'metrics',
    method: 'GET',
    path: '/metrics',
    async handle(_request, response) {
      const { contentType, body } = await metrics.scrape();
      response.writeHead(200, { 'content-type': contentType, 'cache-control': 'no-store' }).end(body);
    },
  };
}

function forThisMachine(route: Route): Route {
  return {
    ...route,
    handle(request, response, params) {
      if (isLoopback(request.socket.remoteAddress)) return route.handle(request, response, params);
      const error = 'Metrics are for callers on this machine. Set METRICS_PORT to have them elsewhere.';
      answerJson(response, 403, { error });
    },
  };
}
