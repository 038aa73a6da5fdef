/**
 * The door for Slack's HTTP requests: size, then signature, then shape; only then Bolt. Bolt alone would
 * crash on a signed `payload=null` and answer 500, or only after 3 s, where the body is of no use.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { HTTPModuleFunctions, type HTTPReceiver, verifySlackRequest } from '@slack/bolt';
import { createBodyReader } from '../../net/body-reader.ts';
import type { Log } from './log.ts';
import { parsePayload } from './parse.ts';

export const ENDPOINT = '/slack/events';
export const MAX_BODY_BYTES = 1024 * 1024;
/** Of all requests that are being read at one time. */
const MAX_BODIES_BYTES = 64 * 1024 * 1024;
const MAX_CLOCK_SKEW_S = 300;
const FORM = 'application/x-www-form-urlencoded';
const JSON_TYPE = /^application\/json\s*(;|$)/i;

const REFUSED = { 'too-large': 413, busy: 503, 'broken-off': 400 } as const;

export type Listener = (request: IncomingMessage, response: ServerResponse) => void;

export function createListener(options: {
  signingSecret: string;
  receiver: HTTPReceiver;
  log: Log;
}): Listener {
  const { signingSecret, receiver, log } = options;
  const readBody = createBodyReader({ most: MAX_BODY_BYTES, mostAtOnce: MAX_BODIES_BYTES });

  async function listen(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [path] = (request.url ?? '').split('?');
    if (path !== ENDPOINT) return answer(response, 404);
    if (request.method !== 'POST') return answer(response, 405, { allow: 'POST' });

    const read = await readBody(request);
    if (read.kind !== 'read') return answer(response, REFUSED[read.kind], { connection: 'close' });
    const body = read.bytes;
    // Unsigned by design, and answered without a look at the rest:
    // https://docs.slack.dev/interactivity/implementing-slash-commands
    if (isSslCheck(request, body)) return answer(response, 200);
    if (!isSigned(request, body, signingSecret)) {
      log.warn({}, 'Refused a request whose Slack signature is forged or old.');
      return answer(response, 401);
    }

    const buffered = Object.assign(request, { rawBody: body });
    const parsed = parsePayload(parseBody(buffered));
    if (parsed.kind === 'refused') {
      log.warn({ reason: parsed.reason }, 'Refused a malformed request from Slack.');
      return answer(response, 400);
    }
    if (parsed.kind === 'ignored') return answer(response, 200);
    receiver.requestListener(buffered, response);
  }

  return (request, response) => {
    listen(request, response).catch((error: { code?: string }) => {
      // Here the sender went away half-way, or Bolt refused at once.
      log.warn({ code: error.code }, 'A request from Slack could not be read.');
      if (response.headersSent) response.destroy();
      else answer(response, 400, { connection: 'close' });
    });
  };
}

function answer(response: ServerResponse, status: number, headers: Record<string, string> = {}): void {
  response.writeHead(status, headers).end();
}

function isSslCheck(request: IncomingMessage, body: Buffer): boolean {
  return (
    request.headers['content-type'] === FORM &&
    body.length < 1000 &&
    new URLSearchParams(body.toString()).get('ssl_check') === '1'
  );
}

/** Slack's scheme v0; old requests and those from the future are refused alike. */
function isSigned(request: IncomingMessage, body: Buffer, signingSecret: string): boolean {
  const signature = request.headers['x-slack-signature'];
  const timestamp = request.headers['x-slack-request-timestamp'];
  if (typeof signature !== 'string' || typeof timestamp !== 'string' || !/^\d{1,12}$/.test(timestamp))
    return false;
  if (Number(timestamp) - Date.now() / 1000 > MAX_CLOCK_SKEW_S) return false;
  try {
    verifySlackRequest({
      signingSecret,
      body: body.toString(),
      headers: { 'x-slack-signature': signature, 'x-slack-request-timestamp': Number(timestamp) },
    });
    return true;
  } catch {
    return false;
  }
}

function parseBody(request: IncomingMessage & { rawBody: Buffer }): unknown {
  const type = request.headers['content-type'] ?? '';
  if (type !== FORM && !JSON_TYPE.test(type)) return undefined;
  try {
    return HTTPModuleFunctions.parseHTTPRequestBody(request);
  } catch {
    return undefined;
  }
}
