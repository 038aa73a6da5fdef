/** The door for Teams' HTTP requests: size, then token, then shape; only then anything is done. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createBodyReader } from '../../net/body-reader.ts';
import { describeError } from '../../observability/describe-error.ts';
import type { Log } from '../../observability/log.ts';
import { envelope } from './activity.ts';
import { CHANNEL, type Verify } from './verify.ts';

export const ENDPOINT = '/api/messages';
export const MAX_BODY_BYTES = 1024 * 1024;
/** Of all requests that are being read at one time. */
const MAX_BODIES_BYTES = 64 * 1024 * 1024;
const JSON_TYPE = /^application\/json\s*(;|$)/i;
const THIS_MACHINE: readonly (string | undefined)[] = ['127.0.0.1', '::1', '::ffff:127.0.0.1'];

const REFUSED = { 'too-large': 413, busy: 503, 'broken-off': 400 } as const;

export type Listener = (request: IncomingMessage, response: ServerResponse) => void;

export interface HttpAnswer {
  readonly status: number;
  /** What answers an invoke, as JSON. */
  readonly body?: object;
}

export function createListener(options: {
  /** Null: nobody is asked who they are, but only this machine is let in. For the playground. */
  verify: Verify | null;
  /** Gets the JSON of a genuine request. */
  handle: (activity: unknown) => Promise<HttpAnswer>;
  log: Pick<Log, 'warn' | 'error'>;
}): Listener {
  const { verify, handle, log } = options;
  const readBody = createBodyReader({ most: MAX_BODY_BYTES, mostAtOnce: MAX_BODIES_BYTES });

  async function listen(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [path] = (request.url ?? '').split('?');
    if (path !== ENDPOINT) return answer(response, 404);
    if (request.method !== 'POST') return answer(response, 405, { allow: 'POST' });

    const sent = await readBody(request);
    if (sent.kind !== 'read') return answer(response, REFUSED[sent.kind], { connection: 'close' });
    if (!JSON_TYPE.test(request.headers['content-type'] ?? '')) return answer(response, 415);

    const sender = await identify(request);
    if (sender.kind === 'unavailable') return answer(response, 503, { 'retry-after': '5' });
    if (sender.kind === 'refused') {
      log.warn({ why: sender.why }, 'Refused a request that is not from Teams.');
      return answer(response, 401);
    }
    const read = readJson(sent.bytes);
    const agreed = envelope.safeParse(read);
    if (!agreed.success) return answer(response, 400);
    if (sender.serviceUrl !== null) {
      const { channelId, serviceUrl } = agreed.data;
      if (channelId !== CHANNEL || serviceUrl !== sender.serviceUrl) {
        log.warn({ channelId }, "Refused a request whose token is for another's address.");
        return answer(response, 401);
      }
    }
    const { status, body } = await perform(read);
    if (!body) return answer(response, status);
    response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' });
    response.end(JSON.stringify(body));
  }

  async function identify(
    request: IncomingMessage,
  ): Promise<
    { kind: 'genuine'; serviceUrl: string | null } | Exclude<Awaited<ReturnType<Verify>>, { kind: 'genuine' }>
  > {
    if (verify) return verify(request.headers.authorization);
    const isNear = THIS_MACHINE.includes(request.socket.remoteAddress);
    return isNear ? { kind: 'genuine', serviceUrl: null } : { kind: 'refused', why: 'another machine' };
  }

  async function perform(activity: unknown): Promise<HttpAnswer> {
    try {
      return await handle(activity);
    } catch (error) {
      log.error(describeError(error), 'A request from Teams could not be answered.');
      return { status: 503 };
    }
  }

  return (request, response) => {
    listen(request, response).catch((error: { code?: string }) => {
      // Here the sender went away half-way.
      log.warn({ code: error.code }, 'A request from Teams could not be read.');
      if (response.headersSent) response.destroy();
      else answer(response, 400, { connection: 'close' });
    });
  };
}

function answer(response: ServerResponse, status: number, headers: Record<string, string> = {}): void {
  response.writeHead(status, headers).end();
}

function readJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString());
  } catch {
    return undefined;
  }
}
