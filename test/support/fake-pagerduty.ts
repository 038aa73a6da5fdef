/**
 * PagerDuty's REST API on 127.0.0.1, as strict as the real one: the token, the media type, the range of dates,
 * the page's size and the sender of a note are checked, and only what the documentation promises is answered.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json, text } from 'node:stream/consumers';
import type { Mood, Told, VendorApi } from './incident-vendor.ts';

export const FAKE_TOKEN = 'u+3zT4pagerduty-token';
export const FAKE_FROM = 'curfew@example.com';
const ACCEPT = 'application/vnd.pagerduty+json;version=2';
const MONTH_MS = 30 * 86_400_000;

export interface FakePagerDuty extends VendorApi {
  /** More than `put` says, by PagerDuty's own names. */
  putRaw(incident: Told, fields: Readonly<Record<string, unknown>>): void;
  /** Answers the next requests like this, before anything is looked at. */
  answer(status: number, headers: Readonly<Record<string, string>>, body: string): void;
  /** Of each request: `GET /incidents?…`. */
  lines(): readonly string[];
}

/** `pageSize`: the most that a page holds, whatever was asked for. */
export async function startFakePagerDuty({ pageSize = 25 } = {}): Promise<FakePagerDuty> {
  const incidents = new Map<string, Record<string, unknown>>();
  const notes: { key: string; text: string }[] = [];
  const lines: string[] = [];
  let mood: Mood = 'well';
  let canned: { status: number; headers: Readonly<Record<string, string>>; body: string } | null = null;
  const held: (() => void)[] = [];
  const waiting: { count: number; go: () => void }[] = [];

  const server = createServer((request, response) => {
    lines.push(`${request.method} ${request.url}`);
    for (const { go } of waiting.filter(({ count }) => count <= lines.length)) go();
    const go = () => void answer(request, response);
    if (mood === 'slow') held.push(go);
    else go();
  });

  const reply = (response: ServerResponse, status: number, body: unknown, headers = {}) => {
    const typed = { 'content-type': 'application/json', ...headers };
    response.writeHead(status, typed).end(typeof body === 'string' ? body : JSON.stringify(body));
  };
  const refuse = (response: ServerResponse, status: number, code: number, message: string, headers = {}) =>
    reply(response, status, { error: { message, code, errors: [`token=${FAKE_TOKEN}`] } }, headers);

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (canned) return reply(response, canned.status, canned.body, canned.headers);
    switch (mood) {
      case 'rate-limited':
        return refuse(response, 429, 2020, 'Rate Limit Exceeded', { 'ratelimit-reset': '17' });
      case 'failing':
        return reply(response, 500, `<html>Authorization: Token token=${FAKE_TOKEN}</html>`);
      case 'broken JSON':
        return reply(response, 200, `{"incident": {"id": "${FAKE_TOKEN}`);
      case 'wrong shape':
        return reply(response, 200, { incident: { id: 7, token: FAKE_TOKEN }, incidents: 'none' });
      case 'unauthorised':
        return refuse(response, 401, 2006, 'Unauthorized');
      case 'forbidden':
        return refuse(response, 403, 2010, 'Access Denied');
      case 'endless':
        return stream(response);
    }
    if (request.headers.authorization !== `Token token=${FAKE_TOKEN}`)
      return refuse(response, 401, 2006, 'Unauthorized');
    if (request.headers.accept !== ACCEPT) return refuse(response, 406, 2001, 'Not Acceptable');

    const url = new URL(request.url ?? '', 'http://pagerduty');
    const [, root, name, rest] = url.pathname.split('/');
    if (root !== 'incidents') return refuse(response, 404, 2100, 'Not Found');
    if (request.method === 'GET' && name === undefined) return list(url.searchParams, response);
    const found = [...incidents.values()].find(
      (each) => each.id === name || String(each.incident_number) === name,
    );
    if (request.method === 'GET' && rest === undefined) {
      if (!found) return refuse(response, 404, 2100, 'Not Found');
      return reply(response, 200, { incident: withPeople(found, url.searchParams) });
    }
    if (request.method === 'GET' && rest === 'notes') {
      if (!found) return refuse(response, 404, 2100, 'Not Found');
      const own = notes.filter(({ key }) => key === found.id);
      return reply(response, 200, { notes: own.map(({ text }, n) => ({ id: `PN${n}`, content: text })) });
    }
    if (request.method === 'POST' && rest === 'notes') return takeNote(request, response, found);
    return refuse(response, 404, 2100, 'Not Found');
  }

  function list(query: URLSearchParams, response: ServerResponse): void {
    const limit = Number(query.get('limit') ?? 25);
    const offset = Number(query.get('offset') ?? 0);
    if (!(limit >= 1 && limit <= 100 && offset >= 0)) {
      refuse(response, 400, 2001, 'Invalid Input');
      return;
    }
    const statuses = query.getAll('statuses[]');
    const since = query.get('date_range') === 'all' ? 0 : Date.now() - MONTH_MS;
    const down = query.get('sort_by') === 'created_at:desc' ? -1 : 1;
    const all = [...incidents.values()]
      .filter((each) => statuses.length === 0 || statuses.includes(String(each.status)))
      .filter((each) => Date.parse(String(each.created_at)) >= since)
      .sort((a, b) => down * (Date.parse(String(a.created_at)) - Date.parse(String(b.created_at))));
    const size = Math.min(limit, pageSize);
    const page = all.slice(offset, offset + size).map((each) => withPeople(each, query));
    const more = offset + size < all.length;
    reply(response, 200, { incidents: page, limit: size, offset, total: null, more });
  }

  async function takeNote(
    request: IncomingMessage,
    response: ServerResponse,
    found: Record<string, unknown> | undefined,
  ): Promise<void> {
    if (request.headers.from !== FAKE_FROM)
      return refuse(response, 400, 2001, 'Requester User Not Found: From is missing or unknown');
    if (request.headers['content-type'] !== 'application/json')
      return refuse(response, 415, 2001, `Unsupported: ${await text(request)}`);
    const said = (await json(request)) as { note?: { content?: unknown } };
    if (!found) return refuse(response, 404, 2100, 'Not Found');
    const content = said.note?.content;
    if (typeof content !== 'string' || content === '') return refuse(response, 400, 2001, 'Invalid Input');
    notes.push({ key: String(found.id), text: content });
    reply(response, 201, { note: { id: `PN${notes.length}`, content } });
  }

  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const putRaw = (told: Told, fields: Readonly<Record<string, unknown>>) => {
    incidents.set(told.key, {
      id: told.key,
      type: 'incident',
      summary: `[#${told.number}] ${told.title}`,
      html_url: `https://acme.pagerduty.com/incidents/${told.key}`,
      incident_number: told.number,
      title: told.title,
      created_at: told.openedAt.toISOString(),
      status: 'triggered',
      urgency: 'high',
      service: { id: 'PIJ90N7', type: 'service_reference', summary: 'API Service' },
      priority: null,
      assignments: [],
      acknowledgements: [],
      resolve_reason: null,
      ...fields,
    });
  };
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    token: FAKE_TOKEN,
    put: (told, state) => putRaw(told, { status: state === 'open' ? 'triggered' : 'resolved' }),
    putRaw,
    be(next) {
      mood = next;
      if (next === 'well') for (const go of held.splice(0)) go();
    },
    answer: (status, headers, body) => {
      canned = { status, headers, body };
    },
    asked: () => lines.length,
    lines: () => lines,
    untilAsked: (count) =>
      lines.length >= count
        ? Promise.resolve()
        : new Promise<void>((go) => {
            waiting.push({ count, go });
          }),
    notes: () => notes,
    async close() {
      server.closeAllConnections();
      if (server.listening) await new Promise((done) => server.close(done));
    },
  };
}

/** People are references (a name), or whole (with a mail address) where `include[]=acknowledgers` asks. */
function withPeople(incident: Record<string, unknown>, query: URLSearchParams): Record<string, unknown> {
  if (query.getAll('include[]').includes('acknowledgers')) return incident;
  const acknowledgements = (incident.acknowledgements as { acknowledger: Record<string, unknown> }[]).map(
    ({ acknowledger: { email: _, ...reference } }) => ({ acknowledger: reference }),
  );
  return { ...incident, acknowledgements };
}

function stream(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/json' });
  const chunk = Buffer.alloc(256 * 1024, ' ');
  const more = () => {
    while (!response.destroyed && response.write(chunk));
  };
  response.on('drain', more);
  more();
}
