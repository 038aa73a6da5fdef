/**
 * Rootly's REST API on 127.0.0.1, as far as Curfew asks it, and what it sends. Strict: parameters that the
 * documentation does not name are refused, and INC-12 is no id to it.
 */
import { createHmac } from 'node:crypto';
import type { Happening, Told, VendorApi } from './incident-vendor.ts';
import { type Answered, type Asked, startVendorServer, type VendorServer } from './vendor-server.ts';

const TOKEN = 'rootly_5d8c1f0e9a7b6c4d3e2f';

export type RootlyIncident = Readonly<Record<string, unknown>> & { readonly id: string };

/** Flat, as in docs.rootly.com/configuration/event-payloads, with what is told. */
export function rootlyIncident(
  told: Told,
  status: string,
  more: Readonly<Record<string, unknown>> = {},
): RootlyIncident {
  return {
    id: told.key,
    sequential_id: told.number,
    title: told.title,
    slug: 'sparkling-frost',
    kind: 'normal',
    private: false,
    summary: null,
    status,
    url: `https://rootly.com/account/incidents/${told.number}-sparkling-frost`,
    short_url: null,
    severity: { id: 's1', name: 'SEV1', slug: 'sev1', severity: 'critical' },
    services: [{ id: 'v1', name: 'checkout' }],
    slack_channel_name: 'inc-sparkling-frost',
    slack_channel_id: 'C02AW36C1M5',
    duplicate_incident_id: null,
    created_at: told.openedAt.toISOString(),
    updated_at: told.openedAt.toISOString(),
    ...more,
  };
}

export function rootlyEnvelope(eventId: string, type: string, at: Date, data: unknown) {
  return { event: { id: eventId, type, issued_at: at.toISOString().replace('Z', '+00:00') }, data };
}

export function rootlyEvent(
  what: Happening,
  { eventId, at, incident, into }: { eventId: string; at: Date; incident: Told; into: Told | null },
): Record<string, unknown> {
  const of = (type: string, status: string, more = {}) =>
    rootlyEnvelope(eventId, type, at, rootlyIncident(incident, status, more));
  switch (what) {
    case 'opened':
      return of('incident.created', 'started');
    case 'acknowledged':
      return of('incident.updated', 'acknowledged');
    case 'resolved':
      return of('incident.resolved', 'resolved');
    case 'reopened':
      return of('incident.updated', 'started');
    case 'merged':
      return of('incident.cancelled', 'cancelled', { duplicate_incident_id: into?.key });
  }
}

/** Independent of the source: written from docs.rootly.com/configuration/webhooks, "Verifying Webhooks". */
export function rootlyHeaders(
  rawBody: Buffer,
  { secrets, at }: { secrets: readonly string[]; at: Date },
): Record<string, string> {
  const timestamp = String(Math.floor(at.getTime() / 1000));
  const signatures = secrets.map((secret) => {
    const signed = Buffer.concat([Buffer.from(timestamp), rawBody]);
    return `v1=${createHmac('sha256', secret).update(signed).digest('hex')}`;
  });
  return { 'X-Rootly-Signature': [`t=${timestamp}`, ...signatures].join(',') };
}

export interface FakeRootly extends VendorApi, Pick<VendorServer, 'answer' | 'lines'> {
  putRaw(incident: RootlyIncident): void;
}

export async function startFakeRootly(): Promise<FakeRootly> {
  const incidents = new Map<string, RootlyIncident>();
  const notes: { key: string; text: string }[] = [];

  const refusal = (status: number, words: string): Answered => ({
    status,
    body: { errors: [{ title: words, status: String(status), code: null, detail: null }] },
  });

  function handle({ method, path, query, body }: Asked): Answered {
    if (method === 'GET' && path === '/v1/incidents') return list(query);
    const [, id = '', rest] = /^\/v1\/incidents\/([^/]+)(\/events)?$/.exec(path) ?? [];
    const found = incidents.get(id);
    if (!found) return refusal(404, 'Not found or unauthorized');
    if (method === 'GET' && rest === undefined) return { status: 200, body: { data: resource(found) } };
    if (method === 'GET') return timeline(id, query);
    if (method !== 'POST' || rest === undefined) return refusal(404, 'Not found or unauthorized');
    const { data } = body as { data?: { type?: unknown; attributes?: Record<string, unknown> } };
    const { event, visibility } = data?.attributes ?? {};
    if (data?.type !== 'incident_events' || typeof event !== 'string' || visibility !== 'internal')
      return refusal(422, 'not an event');
    notes.push({ key: id, text: event });
    return { status: 201, body: { data: { id: 'e1', type: 'incident_events', attributes: { event } } } };
  }

  function list(query: URLSearchParams): Answered {
    const known = ['filter[status]', 'filter[sequential_id]', 'sort', 'page[size]', 'page[number]'];
    const size = Number(query.get('page[size]') ?? 25);
    const number = Number(query.get('page[number]') ?? 1);
    if ([...query.keys()].some((key) => !known.includes(key)) || !(size >= 1 && size <= 100 && number >= 1))
      return refusal(400, 'no such parameter');
    const statuses = query.get('filter[status]')?.split(',');
    const sequential = query.get('filter[sequential_id]');
    const newest = query.get('sort') === '-created_at' ? -1 : 1;
    const all = [...incidents.values()]
      .filter((each) => statuses === undefined || statuses.includes(String(each.status)))
      .filter((each) => sequential === null || String(each.sequential_id) === sequential)
      .sort((a, b) => newest * (Date.parse(String(a.created_at)) - Date.parse(String(b.created_at))));
    const pages = Math.max(1, Math.ceil(all.length / size));
    const data = all.slice((number - 1) * size, number * size).map(resource);
    const meta = { current_page: number, next_page: number < pages ? number + 1 : null, total_pages: pages };
    return { status: 200, body: { data, links: { self: 'https://api.rootly.com/v1/incidents' }, meta } };
  }

  function timeline(id: string, query: URLSearchParams): Answered {
    const size = Number(query.get('page[size]') ?? 25);
    const number = Number(query.get('page[number]') ?? 1);
    if ([...query.keys()].some((key) => !['page[size]', 'page[number]'].includes(key)) || !(size <= 100))
      return refusal(400, 'no such parameter');
    const all = notes.filter(({ key }) => key === id);
    const data = all
      .slice((number - 1) * size, number * size)
      .map(({ text }) => ({ id: 'e1', type: 'incident_events', attributes: { event: text } }));
    const next_page = number * size < all.length ? number + 1 : null;
    return { status: 200, body: { data, meta: { current_page: number, next_page } } };
  }

  const wrongShape = { data: { id: 7, attributes: TOKEN } };
  const server = await startVendorServer({
    token: TOKEN,
    mediaType: 'application/vnd.api+json',
    refusal,
    wrongShape,
    handle,
  });
  const putRaw = (incident: RootlyIncident) => void incidents.set(incident.id, incident);
  return {
    ...server,
    putRaw,
    put: (told, state) => putRaw(rootlyIncident(told, state === 'open' ? 'started' : 'resolved')),
    notes: () => notes,
  };
}

/** JSON:API, where what belongs to another resource is wrapped once more. */
function resource({ id, severity, services, ...attributes }: RootlyIncident) {
  const wrap = (each: unknown) => ({ data: { id: 'x', type: 'x', attributes: each } });
  return {
    id,
    type: 'incidents',
    attributes: {
      ...attributes,
      severity: severity ? wrap(severity) : null,
      services: ((services ?? []) as unknown[]).map(wrap),
    },
  };
}
