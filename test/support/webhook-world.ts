/** The example receiver behind a gate, with sessions and groups that its in-memory access does not have. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import {
  type Access,
  createReceiver,
  memoryAccess,
  type Permission,
} from '../../examples/webhook-receiver/receiver.mjs';

export const SECRET = `whsec_${Buffer.from('a secret that only the tests may know').toString('base64')}`;

export interface Delivery {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface WebhookSetting {
  readonly accounts: Readonly<Record<string, string>>;
  readonly permissions: readonly Permission[];
  /** Accounts that may not be used. */
  readonly disabled?: readonly string[];
}

/** How a permission is shown: as the connector does it with the words of the catalog. */
function nameIn(words: string): string {
  const entries = JSON.parse(words) as [string, unknown][];
  return entries.map(([key, value]) => `${key} ${value}`).join(', ');
}

/** An HTTP server on a free port of 127.0.0.1. */
export async function listen(listener: RequestListener) {
  const server = createServer(listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

export async function startWebhookWorld(setting: WebhookSetting) {
  const clock = { aheadMs: 0 };
  const system = (target: string) => {
    const memory = memoryAccess(setting);
    const groups = new Map<string, string>();
    const sessions: { account: string; begun: number; alive: boolean }[] = [];
    const access: Access = {
      ...memory,
      async resolve(email, account) {
        if (setting.disabled?.includes(account ?? '')) {
          return { ok: false, reason: 'disabled', message: `${account} is on leave` };
        }
        return memory.resolve(email, account);
      },
      async inspect(permission, account) {
        const group = groups.get(account);
        const seen = await memory.inspect(permission, account);
        const words = memory.rights.get(permission);
        return {
          ...seen,
          inherited: group ? [`through ${group}`] : [],
          // What was renamed: the rest is called as the catalog calls it.
          ...(words !== permission && words !== undefined && { permission_name: nameIn(words) }),
        };
      },
      async list(permission, cursor) {
        const { holders, next } = await memory.list(permission, cursor);
        const ids = new Set([...holders.map(({ id = '' }) => id), ...groups.keys()]);
        const seen = [...ids].map(async (id) => {
          const { direct, inherited } = await access.inspect(permission, id);
          return { account: memory.people.get(id) ?? id, id, direct, inherited };
        });
        return { holders: await Promise.all(seen), next };
      },
      async endSessions(_permission, account, before) {
        const old = sessions.filter((each) => each.alive && each.account === account);
        const ended = old.filter((each) => each.begun < before.getTime());
        for (const each of ended) each.alive = false;
        return { ended: ended.length };
      },
    };
    const now = () => Date.now() + clock.aheadMs;
    return {
      memory,
      access,
      groups,
      sessions,
      listener: createReceiver({ secret: SECRET, target, access, now }),
    };
  };

  const first = system('billing-7c2f');
  const second = system('billing-another');
  let current = first;
  let gate: Promise<void> | null = null;
  let unfinished = 0;
  const deliveries: Delivery[] = [];

  const server = await listen(async (request: IncomingMessage, response: ServerResponse) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const headers = { ...request.headers } as Record<string, string>;
    deliveries.push({ headers, body });
    unfinished += 1;
    if (gate && /"access\.(grant|revoke)"/.test(body)) {
      await gate;
      await justPast(body);
    }
    const replayed = Object.assign(Readable.from([Buffer.from(body)]), { headers, method: request.method });
    await current.listener(replayed as unknown as IncomingMessage, response);
    unfinished -= 1;
  });

  return {
    port: server.port,
    url: `http://127.0.0.1:${server.port}/curfew`,
    clock,
    /** Every message that came in, oldest first. */
    deliveries,
    system: () => current,
    replace: () => {
      current = second;
    },
    /** Holds grants and revokes back before the receiver sees them; the function lets them go on. */
    stall() {
      let open = () => {};
      gate = new Promise((resolve) => {
        open = resolve;
      });
      return () => {
        gate = null;
        open();
      };
    },
    unfinished: () => unfinished,
    close: () => server.close(),
  };
}

/** Lets a deadline pass that is all but over: clocks and timers may differ by a millisecond or two. */
async function justPast(body: string): Promise<void> {
  const left = Date.parse((JSON.parse(body) as { not_after: string }).not_after) - Date.now();
  if (left >= 0 && left < 50) await new Promise((resolve) => setTimeout(resolve, left + 2));
}

export type WebhookWorld = Awaited<ReturnType<typeof startWebhookWorld>>;
