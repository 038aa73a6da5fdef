/** What of PagerDuty's REST API v2 Curfew uses. https://developer.pagerduty.com/api-reference */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { json } from 'node:stream/consumers';
import { z } from 'zod';
import { answerJson } from '../http/answer.ts';
import { createListening } from '../http/listening.ts';
import { createRequestListener } from '../http/request-listener.ts';
import type { Handler } from '../http/routes.ts';
import type { Log } from '../observability/log.ts';
import { silentMetrics } from '../observability/metrics.ts';
import type { IncidentView } from './protocol.ts';

/** In the words of PagerDuty's API. */
export interface PagerDutyIncident {
  readonly id: string;
  readonly number: number;
  readonly title: string;
  readonly status: IncidentView['status'];
  readonly createdAt: Date;
  readonly acknowledger: { readonly name: string; readonly email: string } | null;
  readonly notes: readonly string[];
}

export interface PagerDutyApiOptions {
  readonly token: string;
  /** Oldest first. */
  readonly incidents: () => readonly PagerDutyIncident[];
  readonly note: (incident: PagerDutyIncident, text: string) => void;
  readonly log: Log;
}

const noteShape = z.object({ note: z.object({ content: z.string().min(1).max(25_000) }) });

export function createPagerDutyApi({ token, incidents, note, log }: PagerDutyApiOptions) {
  const allowed =
    (handle: Handler): Handler =>
    (request, response, params) => {
      if (request.headers.authorization === `Token token=${token}`) return handle(request, response, params);
      return refuse(response, 401, 2006, 'Unauthorized');
    };

  function list(request: IncomingMessage, response: ServerResponse): void {
    const statuses = new URLSearchParams((request.url ?? '').split('?')[1]).getAll('statuses[]');
    const found = incidents()
      .filter(({ status }) => statuses.length === 0 || statuses.includes(status))
      .toReversed();
    answerJson(response, 200, { incidents: found.map(asJson), more: false });
  }

  /** By id or by number. */
  const named = (name: string | undefined) =>
    incidents().find(({ id, number }) => id === name || String(number) === name);

  function show(response: ServerResponse, name: string | undefined): void {
    const found = named(name);
    if (found) answerJson(response, 200, { incident: asJson(found) });
    else refuse(response, 404, 2100, 'Not Found');
  }

  function showNotes(response: ServerResponse, name: string | undefined): void {
    const found = named(name);
    if (found) answerJson(response, 200, { notes: found.notes.map((content) => ({ content })) });
    else refuse(response, 404, 2100, 'Not Found');
  }

  async function takeNote(request: IncomingMessage, response: ServerResponse, name: string | undefined) {
    const found = named(name);
    const said = noteShape.safeParse(await json(request).catch(() => null));
    if (!found) return refuse(response, 404, 2100, 'Not Found');
    if (!said.success) return refuse(response, 400, 2001, 'Invalid Input Provided');
    note(found, said.data.note.content);
    answerJson(response, 201, { note: said.data.note });
  }

  return createListening({
    listener: createRequestListener({
      routes: [
        { name: 'list', method: 'GET', path: '/incidents', handle: allowed(list) },
        {
          name: 'one',
          method: 'GET',
          path: '/incidents/:name',
          handle: allowed((_, response, { name }) => show(response, name)),
        },
        {
          name: 'notes',
          method: 'GET',
          path: '/incidents/:name/notes',
          handle: allowed((_, response, { name }) => showNotes(response, name)),
        },
        {
          name: 'note',
          method: 'POST',
          path: '/incidents/:name/notes',
          handle: allowed((request, response, { name }) => takeNote(request, response, name)),
        },
      ],
      metrics: silentMetrics,
      log,
    }),
    port: 0,
    host: '127.0.0.1',
    drainMs: 0,
    log,
  });
}

function refuse(response: ServerResponse, status: number, code: number, message: string): void {
  answerJson(response, status, { error: { message, code } });
}

function asJson(incident: PagerDutyIncident) {
  const { acknowledger } = incident;
  return {
    id: incident.id,
    type: 'incident',
    incident_number: incident.number,
    status: incident.status,
    created_at: incident.createdAt.toISOString(),
    title: incident.title,
    service: { type: 'service_reference', summary: 'payments-db' },
    priority: { type: 'priority_reference', summary: 'P1' },
    acknowledgements: acknowledger
      ? [{ acknowledger: { type: 'user', summary: acknowledger.name, email: acknowledger.email } }]
      : [],
    resolve_reason: null,
  };
}
