/** As much of Slack's Web API as the program needs to run: everybody is a member, and what is posted is kept. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export interface Posted {
  readonly channel: string;
  readonly content: string;
}

/** People are `U-ana` and so on, with `ana@acme.test`, in the workspace T1. */
export async function startPlainSlack() {
  const posted: Posted[] = [];
  const methods: Readonly<Record<string, (body: Readonly<Record<string, string>>) => object>> = {
    'auth.test': () => ({ team_id: 'T1', user_id: 'U0BOT' }),
    'users.info': ({ user = '' }) => ({ user: member(user.replace('U-', '')) }),
    'users.lookupByEmail': ({ email = '' }) => ({ user: member(email.split('@')[0] ?? '') }),
    'conversations.info': ({ channel = '' }) => ({ channel: { id: channel, name: 'somewhere' } }),
    'conversations.list': () => ({
      channels: ['access-approvals', 'security-alerts'].map((name) => ({ id: `C-${name}`, name })),
    }),
    'conversations.open': ({ users = '' }) => ({ channel: { id: `D-${users}` } }),
    'conversations.history': () => ({ messages: [] }),
    'chat.postMessage': (body) => {
      const { channel = '' } = body;
      posted.push({ channel, content: JSON.stringify(body) });
      return { channel, ts: `${posted.length}.000000` };
    },
    'chat.update': ({ channel = '', ts = '' }) => ({ channel, ts }),
  };
  const server = createServer(async (request, response) => {
    const method = (request.url ?? '').split('?')[0]?.split('/').at(-1) ?? '';
    const body = Object.fromEntries(new URLSearchParams(await text(request)));
    const answer = methods[method]?.(body);
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(answer ? { ok: true, ...answer } : { ok: false, error: 'unknown_method' }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    apiUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/`,
    posted,
    async close(): Promise<void> {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function member(name: string): object {
  return {
    id: `U-${name}`,
    team_id: 'T1',
    name,
    deleted: false,
    is_bot: false,
    is_restricted: false,
    is_ultra_restricted: false,
    tz: 'Europe/Berlin',
    profile: { email: `${name}@acme.test`, real_name: name },
  };
}
