/**
 * The door for sources of incidents: size, then signature, then shape, then the ledger, then the answer.
 *
 * A sender is told 202 only when what it sent is durable; in any doubt 503, so that it sends again. Repetitions
 * are harmless, for each event is kept once. No answer holds anything of what was sent.
 */
import type { IncomingMessage } from 'node:http';
import type { InboxEntry } from '../../db/incidents.ts';
import type { Delivery, IncidentSource } from '../incidents/source.ts';
import { createBodyReader } from '../net/body-reader.ts';
import type { Log } from '../observability/log.ts';
import type { Metrics, WebhookOutcome } from '../observability/metrics.ts';
import { answerJson } from './answer.ts';
import { createIncidentInbox } from './incident-inbox.ts';
import type { Handler } from './routes.ts';

type Source = Pick<IncidentSource, 'name' | 'verify' | 'read'>;

export interface IncidentWebhooksOptions {
  /** By the name in the path. */
  readonly sources: ReadonlyMap<string, Source>;
  /** Durable when it resolves; what is already there is not put again. */
  readonly put: (entries: readonly InboxEntry[]) => Promise<void>;
  /** Something new is there to be applied. */
  readonly nudge: () => void;
  readonly realNow: () => Date;
  readonly metrics: Pick<Metrics, 'webhook'>;
  readonly log: Log;
  /** How long the ledger may take, real milliseconds. */
  readonly withinMs?: number;
}

const LEDGER_WITHIN_MS = 1_000;
const MOST_IN_FLIGHT = 500;
const LIMITS = { most: 1024 * 1024, mostAtOnce: 64 * 1024 * 1024 };

const LATER = { 'retry-after': '5' };
const CLOSE = { connection: 'close' };
const ANSWERS: Readonly<
  Record<WebhookOutcome, readonly [status: number, body: object, headers?: Readonly<Record<string, string>>]>
> = {
  accepted: [202, { taken: true }],
  'unknown-type': [202, { taken: true }],
  forged: [401, { error: 'The signature is not one of this source, or too old.' }],
  malformed: [400, { error: 'This cannot be read.' }],
  'too-large': [413, { error: 'At most 1 MB.' }, CLOSE],
  compressed: [415, { error: 'Send it uncompressed.' }],
  'broken-off': [400, { error: 'It was broken off.' }, CLOSE],
  busy: [503, { error: 'Too much at once. Send it again.' }, LATER],
  'ledger-down': [503, { error: 'It could not be recorded. Send it again.' }, LATER],
};

export function createIncidentWebhooks(options: IncidentWebhooksOptions): Handler {
  const { sources, realNow, metrics, log, withinMs = LEDGER_WITHIN_MS } = options;
  const readBody = createBodyReader(LIMITS);
  const keep = createIncidentInbox({ ...options, withinMs });
  let inFlight = 0;

  async function take(source: Source, request: IncomingMessage): Promise<WebhookOutcome> {
    if (isCompressed(request)) return 'compressed';
    const body = await readBody(request);
    if (body.kind !== 'read') return body.kind;
    const delivery = { headers: headersOf(request), rawBody: body.bytes, receivedAt: realNow() };
    if (!source.verify(delivery)) return 'forged';
    // Counted only now: whoever holds requests open without a signature keeps nobody out.
    if (inFlight >= MOST_IN_FLIGHT) return 'busy';
    inFlight += 1;
    try {
      return await record(source, delivery);
    } finally {
      inFlight -= 1;
    }
  }

  async function record(source: Source, delivery: Delivery): Promise<WebhookOutcome> {
    const reading = source.read(delivery);
    if (reading.kind === 'malformed') return 'malformed';
    if (reading.kind === 'unknown') return 'unknown-type';
    const { receivedAt } = delivery;
    const entry = { source: source.name, eventId: reading.eventId, receivedAt, reading };
    return (await keep(entry)) ? 'accepted' : 'ledger-down';
  }

  return async (request, response, { source: name = '' }) => {
    const source = sources.get(name);
    if (!source) return answerJson(response, 404, { error: 'There is no such source.' });
    const outcome = await take(source, request);
    metrics.webhook({ source: name, outcome });
    if (outcome === 'forged' || outcome === 'malformed') {
      log.warn({ source: name, outcome }, 'refused a webhook');
    }
    answerJson(response, ...ANSWERS[outcome]);
  };
}

/** One that comes several times is joined, also where Node would keep just the first. */
function headersOf(request: IncomingMessage): Record<string, string> {
  const all = Object.entries(request.headersDistinct);
  return Object.fromEntries(all.map(([name, values]) => [name, (values ?? []).join(', ')]));
}

/** The signature is over the bytes as sent, and what they would unpack to is nobody's promise. */
function isCompressed(request: IncomingMessage): boolean {
  const encodings = request.headersDistinct['content-encoding'] ?? [];
  return encodings.some((encoding) => encoding.trim().toLowerCase() !== 'identity');
}
