/** A source of incidents that signs simply, and senders of its webhooks, honest and not. */
import { createHmac } from 'node:crypto';
import { type Agent, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import type { Delivery, IncidentSource, Reading } from '../../src/incidents/source.ts';

const SECRET = 'the-secret-of-a-stand-in';
const TOLERANCE_MS = 300_000;

/** Signs moment and body; both of its headers have to be there once. */
export function signed(body: string, at = new Date()): Record<string, string> {
  return { 'x-at': at.toISOString(), 'x-signature': hmac(`${at.toISOString()}.${body}`) };
}

const hmac = (words: string) => createHmac('sha256', SECRET).update(words).digest('hex');

/** What it was shown is kept, to tell what came how far. */
export function createStandInSource(name = 'pager') {
  const verified: Delivery[] = [];
  const read: Delivery[] = [];
  const source: Pick<IncidentSource, 'name' | 'verify' | 'read'> = {
    name,
    verify(delivery) {
      verified.push(delivery);
      const { 'x-at': at = '', 'x-signature': signature } = delivery.headers;
      const age = Math.abs(delivery.receivedAt.getTime() - new Date(at).getTime());
      return age <= TOLERANCE_MS && signature === hmac(`${at}.${delivery.rawBody}`);
    },
    read(delivery) {
      read.push(delivery);
      try {
        return JSON.parse(delivery.rawBody.toString()) as Reading;
      } catch {
        return { kind: 'malformed' };
      }
    },
  };
  return { source, verified, read };
}

export const nudgeBody = (eventId: string, key: string | null = 'Q1') =>
  JSON.stringify({ kind: 'nudge', eventId, key });

export interface Answer {
  readonly status: number;
  readonly text: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** Sends the pieces as they come: without a `content-length` among the headers, chunked. */
export function send(
  port: number,
  options: {
    readonly path?: string;
    readonly method?: string;
    readonly headers?: Readonly<Record<string, string | string[]>>;
    readonly pieces: Iterable<string | Buffer> | AsyncIterable<string | Buffer>;
    readonly agent?: Agent;
  },
): Promise<Answer> {
  const { path = '/webhooks/pager', method = 'POST', headers = {}, pieces, agent } = options;
  return new Promise((resolve, reject) => {
    const outgoing = request({ host: '127.0.0.1', port, path, method, headers, agent: agent ?? false });
    outgoing.once('error', reject);
    outgoing.once('response', (response) => {
      const { statusCode: status = 0, headers } = response;
      text(response).then((words) => resolve({ status, text: words, headers }), reject);
    });
    void (async () => {
      for await (const piece of pieces) {
        if (outgoing.destroyed) return;
        if (!outgoing.write(piece)) await new Promise((resolve) => outgoing.once('drain', resolve));
      }
      outgoing.end();
    })();
  });
}

/** Signed and whole, as a vendor sends it. */
export function sendSigned(port: number, body: string, agent?: Agent): Promise<Answer> {
  const headers = { ...signed(body), 'content-length': String(Buffer.byteLength(body)) };
  return send(port, { headers, pieces: [body], ...(agent && { agent }) });
}

/** A connection that has sent just this. */
export async function sendRaw(port: number, words: string): Promise<Socket> {
  const socket = connect(port, '127.0.0.1').on('error', () => {});
  await new Promise((resolve) => socket.once('connect', resolve));
  await new Promise<void>((resolve) => socket.write(words, () => resolve()));
  return socket;
}

/** A request with these headers and the beginning of its body. */
export function beginning(headers: Readonly<Record<string, string>>, body: string): string {
  const lines = Object.entries({ host: 'curfew', ...headers }).map(([name, value]) => `${name}: ${value}`);
  return `POST /webhooks/pager HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n${body}`;
}
