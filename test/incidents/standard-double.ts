/** A tool of one's own that answers as standard-api.ts asks for, strictly, on 127.0.0.1. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Mood, Told, VendorApi } from '../support/incident-vendor.ts';

export function standardData(told: Told, state: 'open' | 'closed', occurredAt: Date) {
  return {
    key: told.key,
    number: `INC-${told.number}`,
    title: told.title,
    state,
    opened_at: told.openedAt.toISOString(),
    occurred_at: occurredAt.toISOString(),
  };
}

const MOST = 100;

export async function startStandardDouble(): Promise<VendorApi> {
  const token = 'tok_1f0c9e2b7a';
  const incidents = new Map<string, { told: Told; state: 'open' | 'closed' }>();
  const notes: { key: string; text: string }[] = [];
  const noted = new Set<string>();
  const watchers = new Set<() => void>();
  let mood: Mood = 'well';
  let asked = 0;

  const server = createServer((request, response) => {
    asked += 1;
    for (const look of watchers) look();
    void answer(request, response);
  });

  async function answer(request: IncomingMessage, response: ServerResponse) {
    const say = (status: number, body: unknown, headers: Record<string, string> = {}) => {
      response.writeHead(status, { 'content-type': 'application/json', ...headers });
      response.end(typeof body === 'string' ? body : JSON.stringify(body));
    };
    const text = await textOf(request);
    if (mood === 'slow') return;
    if (mood === 'rate-limited') return say(429, { error: token }, { 'retry-after': '17' });
    if (mood === 'unauthorised') return say(401, { error: token });
    if (mood === 'forbidden') return say(403, { error: token });
    if (mood === 'failing') return say(500, { error: token });
    if (mood === 'broken JSON') return say(200, `{"key": "${token}`);
    if (mood === 'wrong shape') return say(200, { incident: token });
    if (mood === 'endless') {
      response.writeHead(200);
      const more = () => {
        while (!response.destroyed && response.write(' '.repeat(65_536)));
        if (!response.destroyed) response.once('drain', more);
      };
      return more();
    }
    if (request.headers.authorization !== `Bearer ${token}`) return say(401, {});
    const { pathname, search } = new URL(request.url ?? '', 'http://double');
    const [, first, name = '', last, ...more] = pathname.split('/').map(decodeURIComponent);
    if (first !== 'incidents' || more.length > 0) return say(404, 'no such page');
    const shown = ({ told, state }: { told: Told; state: 'open' | 'closed' }) =>
      standardData(told, state, told.openedAt);
    if (request.method === 'GET' && name === '' && search === '?state=open') {
      const open = [...incidents.values()].filter(({ state }) => state === 'open');
      open.sort((a, b) => b.told.openedAt.getTime() - a.told.openedAt.getTime());
      return say(200, { incidents: open.slice(0, MOST).reverse().map(shown) });
    }
    const found = [...incidents.values()].find(
      ({ told }) => told.key === name || `INC-${told.number}` === name,
    );
    if (!found) return say(404, { error: 'unknown_incident' });
    if (request.method === 'GET' && last === undefined) return say(200, shown(found));
    const isJson = request.headers['content-type'] === 'application/json';
    if (request.method !== 'POST' || last !== 'notes' || !isJson || found.told.key !== name)
      return say(400, {});
    const once = request.headers['idempotency-key'];
    if (typeof once !== 'string') return say(400, {});
    if (noted.has(once)) return say(200, {});
    noted.add(once);
    notes.push({ key: name, text: String((JSON.parse(text) as { text: unknown }).text) });
    return say(201, {});
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    token,
    put: (told, state) => void incidents.set(told.key, { told, state }),
    be: (next) => {
      mood = next;
    },
    asked: () => asked,
    untilAsked: (count) =>
      new Promise((resolve) => {
        const look = () => {
          if (asked < count) return;
          watchers.delete(look);
          resolve();
        };
        watchers.add(look);
        look();
      }),
    notes: () => notes,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
