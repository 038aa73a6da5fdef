/**
 * incident.io's REST API on 127.0.0.1, as far as Curfew asks it, and what it sends. Strict: parameters that the
 * documentation does not name are refused, and a timeline item is shown as its Markdown reads.
 */
import { createHmac } from 'node:crypto';
import type { Happening, Told, VendorApi } from './incident-vendor.ts';
import { type Answered, type Asked, startVendorServer, type VendorServer } from './vendor-server.ts';

const TOKEN = 'inc_development_2f1c8e7a9b4d';
const CATEGORIES = ['triage', 'declined', 'merged', 'canceled', 'live', 'learning', 'closed', 'paused'];

export type Incident = Readonly<Record<string, unknown>> & { readonly id: string };

/** As in api-docs.incident.io/tag/Incidents-V2, with what is told. */
export function incidentOf(
  told: Told,
  category: string,
  more: Readonly<Record<string, unknown>> = {},
): Incident {
  return {
    id: told.key,
    reference: `INC-${told.number}`,
    name: told.title,
    summary: 'Our database is really really sad, and we don’t know why yet.',
    permalink: `https://app.incident.io/acme/incidents/${told.number}`,
    mode: 'standard',
    visibility: 'public',
    incident_status: { id: '01FCNDV6P870EA6S7TK1DSYD5H', name: `Our ${category}`, category, rank: 4 },
    severity: { id: '01FCNDV6P870EA6S7TK1DSYDG0', name: 'Minor', rank: 1 },
    incident_role_assignments: [
      {
        role: { name: 'Incident Lead', role_type: 'lead' },
        assignee: { name: 'Lisa', email: 'lisa@example.com' },
      },
    ],
    slack_team_id: 'T02A1FSLE8J',
    slack_channel_id: 'C02AW36C1M5',
    slack_channel_name: 'inc-165-green-parrot',
    created_at: told.openedAt.toISOString(),
    updated_at: told.openedAt.toISOString(),
    ...more,
  };
}

/** Null for a merge: the webhook does not say into which. */
export function incidentIoEvent(
  what: Happening,
  { at, incident }: { at: Date; incident: Told },
): Record<string, unknown> | null {
  const updated = { updated_at: at.toISOString() };
  const of = (type: string, payload: unknown) => ({ event_type: type, [type]: payload });
  const change = (from: string, to: string) =>
    of('public_incident.incident_status_updated_v2', {
      incident: incidentOf(incident, to, updated),
      new_status: { name: `Our ${to}`, category: to },
      previous_status: { name: `Our ${from}`, category: from },
    });
  switch (what) {
    case 'opened':
      return of('public_incident.incident_created_v2', incidentOf(incident, 'triage', updated));
    case 'acknowledged':
      return of('public_incident.incident_updated_v2', incidentOf(incident, 'live', updated));
    case 'resolved':
      return change('live', 'learning');
    case 'reopened':
      return change('learning', 'live');
    case 'merged':
      return null;
  }
}

/** Independent of the source: written from docs.svix.com/receiving/verifying-payloads/how-manual. */
export function svixHeaders(
  rawBody: Buffer,
  { secrets, eventId, at }: { secrets: readonly string[]; eventId: string; at: Date },
  prefix = 'webhook',
): Record<string, string> {
  const timestamp = String(Math.floor(at.getTime() / 1000));
  const signatures = secrets.map((secret) => {
    const key = Buffer.from(secret.split('_')[1] ?? '', 'base64');
    const signed = Buffer.concat([Buffer.from(`${eventId}.${timestamp}.`), rawBody]);
    return `v1,${createHmac('sha256', key).update(signed).digest('base64')}`;
  });
  return {
    [`${prefix}-id`]: eventId,
    [`${prefix}-timestamp`]: timestamp,
    [`${prefix}-signature`]: signatures.join(' '),
  };
}

export interface FakeIncidentIo extends VendorApi, Pick<VendorServer, 'answer' | 'lines'> {
  putRaw(incident: Incident): void;
  /** Adds an update that says that the incident was merged. */
  merge(incident: Told, into: Told, at: Date): void;
}

export async function startFakeIncidentIo(): Promise<FakeIncidentIo> {
  const incidents = new Map<string, Incident>();
  const updates: Readonly<Record<string, unknown>>[] = [];
  const items = new Map<string, { key: string; text: string }>();

  const refusal = (status: number, words: string): Answered => ({
    status,
    body: { type: 'refused', status, request_id: 'r1', errors: [{ code: 'refused', message: words }] },
  });

  function handle({ method, path, query, body }: Asked): Answered {
    const id = /^\/v2\/incidents\/([^/]+)$/.exec(path)?.[1];
    if (method === 'GET' && path === '/v2/incidents') return list(query);
    if (method === 'GET' && path === '/v2/incident_updates') {
      const own = updates.filter((each) => each.incident_id === query.get('incident_id'));
      return page('incident_updates', own, query, ['incident_id']);
    }
    if (method === 'GET' && id !== undefined) {
      const found =
        incidents.get(id) ?? [...incidents.values()].find((each) => each.reference === `INC-${id}`);
      return found ? { status: 200, body: { incident: found } } : refusal(404, 'no such incident');
    }
    if (method === 'POST' && path === '/v2/incident_timeline_items') return addItem(body);
    return refusal(404, 'no such path');
  }

  function list(query: URLSearchParams): Answered {
    const not = query.getAll('status_category[not_in]');
    if (not.some((category) => !CATEGORIES.includes(category))) return refusal(422, 'no such category');
    const newest = query.get('sort_by') === 'created_at_newest_first' ? -1 : 1;
    const all = [...incidents.values()]
      .filter((each) => !not.includes((each.incident_status as { category: string }).category))
      .sort((a, b) => newest * (Date.parse(String(a.created_at)) - Date.parse(String(b.created_at))));
    return page('incidents', all, query, ['status_category[not_in]', 'sort_by']);
  }

  function page(
    name: string,
    all: readonly Readonly<Record<string, unknown>>[],
    query: URLSearchParams,
    known: readonly string[],
  ): Answered {
    const size = Number(query.get('page_size') ?? 25);
    const strange = [...query.keys()].filter((key) => ![...known, 'page_size', 'after'].includes(key));
    if (strange.length > 0 || !(size >= 1 && size <= 250)) return refusal(422, 'no such parameter');
    const from = all.findIndex((each) => each.id === query.get('after')) + 1;
    const shown = all.slice(from, from + size);
    const after = from + size < all.length ? { after: shown.at(-1)?.id } : {};
    return { status: 200, body: { [name]: shown, pagination_meta: { page_size: size, ...after } } };
  }

  function addItem(body: unknown): Answered {
    const { incident_id, idempotency_key, timestamp, title, description, ...rest } = body as Record<
      string,
      string
    >;
    const at = Date.parse(timestamp ?? '');
    if (!incident_id || !idempotency_key || !title || Number.isNaN(at) || Object.keys(rest).length > 0)
      return refusal(422, 'not a timeline item');
    if (!incidents.has(incident_id)) return refusal(404, 'no such incident');
    if (!items.has(idempotency_key))
      items.set(idempotency_key, { key: incident_id, text: readMarkdown(description ?? '') });
    return { status: 201, body: { incident_timeline_item: { id: 'i1', incident_id, title } } };
  }

  const wrongShape = { incident: { id: 7, name: TOKEN }, incidents: 'none' };
  const server = await startVendorServer({
    token: TOKEN,
    mediaType: 'application/json',
    refusal,
    wrongShape,
    handle,
  });
  const putRaw = (incident: Incident) => void incidents.set(incident.id, incident);
  return {
    ...server,
    putRaw,
    put: (told, state) => putRaw(incidentOf(told, state === 'open' ? 'live' : 'closed')),
    merge(told, into, at) {
      putRaw(incidentOf(told, 'merged'));
      const merged = {
        incident_id: told.key,
        merged_into_incident_id: into.key,
        created_at: at.toISOString(),
      };
      updates.push({ id: `u${updates.length}`, ...merged });
    },
    notes: () => [...items.values()],
  };
}

/** What a reader sees, by commonmark.org: markup is gone, a line end alone is a space. */
function readMarkdown(text: string): string {
  return text
    .replace(/^ {0,3}(?:#{1,6} |[-+*] |\d+[.)] |> |=+$)/gm, '')
    .replace(
      /\\\n|\\([!-/:-@[-`{-~])|\n|<[^>]*>|&\w+;|[*_`[\]<>#|~&]/g,
      (found, escaped: string | undefined) => {
        if (found === '\\\n') return '\n';
        return escaped ?? (found === '\n' ? ' ' : '');
      },
    );
}
