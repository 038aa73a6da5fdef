/** Leads each request to its route, counts its answer, and lets no route's failure out. */
import type { RequestListener, ServerResponse } from 'node:http';
import { performance } from 'node:perf_hooks';
import type { Log } from '../observability/log.ts';
import type { Metrics } from '../observability/metrics.ts';
import { answerJson } from './answer.ts';
import { matchRoute, type Route } from './routes.ts';

export function createRequestListener({
  routes,
  metrics,
  log,
}: {
  routes: readonly Route[];
  metrics: Pick<Metrics, 'responded'>;
  log: Log;
}): RequestListener {
  return (request, response) => {
    const match = matchRoute(routes, request.method ?? '', request.url ?? '');
    const route = match.kind === 'found' ? match.route.name : 'other';
    const began = performance.now();
    response.once('close', () => {
      const status = response.writableFinished ? String(response.statusCode) : 'aborted';
      metrics.responded({ route, status, seconds: (performance.now() - began) / 1000 });
    });
    if (match.kind === 'unknown') return answerJson(response, 404, { error: 'There is nothing here.' });
    if (match.kind === 'wrong-method') {
      const allow = match.allow.join(', ');
      return answerJson(response, 405, { error: `Only ${allow} here.` }, { allow });
    }
    void run(() => match.route.handle(request, response, match.params), route, response);
  };

  async function run(handle: () => void | Promise<void>, route: string, response: ServerResponse) {
    try {
      await handle();
    } catch (err) {
      log.error({ err, route }, 'a request could not be answered');
      if (response.headersSent) response.destroy();
      else answerJson(response, 500, { error: 'Something went wrong here. It is in the log.' });
    }
  }
}
