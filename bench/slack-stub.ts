/** As much of Slack's Web API as Curfew asks while requests come in; no limits, and nothing is kept. */
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

export const WORKSPACE = 'T000000001';

type Body = Readonly<Record<string, string>>;

const METHODS: Readonly<Record<string, (body: Body) => object>> = {
  'auth.test': () => ({ team_id: WORKSPACE, user_id: 'U0BOT' }),
  'users.info': ({ user = '' }) => ({ user: member(user) }),
  'users.lookupByEmail': ({ email = '' }) => ({ user: member(email.split('@')[0]?.toUpperCase() ?? '') }),
  'conversations.info': ({ channel = '' }) => ({ channel: { id: channel, name: 'somewhere' } }),
  'conversations.open': ({ users = '' }) => ({ channel: { id: `D${users}` } }),
  'chat.postMessage': ({ channel = '' }) => ({ channel, ts: `${Date.now() / 1000}` }),
  'chat.update': ({ channel = '', ts = '' }) => ({ channel, ts }),
};

function member(id: string): object {
  const name = id.toLowerCase();
  return {
    id,
    team_id: WORKSPACE,
    name,
    deleted: false,
    is_bot: false,
    is_restricted: false,
    is_ultra_restricted: false,
    tz: 'Europe/Berlin',
    profile: { email: `${name}@acme.test`, real_name: name },
  };
}

export async function startSlackStub() {
  const server = createServer(async (request, response) => {
    const method = (request.url ?? '').split('/').at(-1) ?? '';
    const body = Object.fromEntries(new URLSearchParams(await textOf(request)));
    const answer = METHODS[method]?.(body);
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(answer ? { ok: true, ...answer } : { ok: false, error: 'unknown_method' }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    apiUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/`,
    async close(): Promise<void> {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
