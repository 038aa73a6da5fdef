/** Signed requests to the bot, bounded to three seconds, and their repetitions. */
import { createHmac } from 'node:crypto';
import { readBounded } from './body.ts';
import { parseJson } from './json.ts';
import type { Luck } from './luck.ts';

/** https://docs.slack.dev/interactivity/handling-user-interaction#acknowledgment_response */
const ANSWER_WITHIN_MS = 3000;
const MAX_ANSWER_BYTES = 256 * 1024;
/** https://docs.slack.dev/apis/events-api#retries: at once, after a minute, after five. */
const RETRIES_MS = [0, 60_000, 300_000];
/** How often a delivery comes twice on a flaky network. */
const REPEATED = 0.3;

/** Runs once, `ms` from now; the answer cancels it. */
export type Schedule = (ms: number, run: () => void) => () => void;

export interface Outgoing {
  /** Such as `/slack/events`. */
  readonly path: string;
  readonly contentType: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Delivery {
  /** 0 where there was no answer. */
  readonly status: number;
  /** Parsed where it is JSON, else the text; '' for none. */
  readonly answer: unknown;
  /** What Slack calls it when it went wrong; null when it went well. */
  readonly problem:
    | 'operation_timeout'
    | 'dispatch_failed'
    | 'http_client_error'
    | 'http_service_error'
    | null;
  /** The same request once more, signed anew. */
  again(): Promise<Delivery>;
}

export function createDeliver(options: {
  botUrl: () => string | null;
  signingSecret: string;
  now: () => Date;
  schedule: Schedule;
  luck: Luck;
  faults: () => { readonly slackDown: boolean; readonly flakyNetwork: boolean };
  /** How long the bot has to answer; 3 s, unless said otherwise. */
  answerWithinMs?: number | undefined;
}) {
  const { schedule, faults, answerWithinMs = ANSWER_WITHIN_MS } = options;
  const waiting = new Set<() => void>();
  let stopped = false;

  function later(ms: number, run: () => void): void {
    const cancel = schedule(ms, () => {
      waiting.delete(cancel);
      if (!stopped) run();
    });
    waiting.add(cancel);
  }

  function sign({ body }: Outgoing): Record<string, string> {
    const timestamp = String(Math.floor(options.now().getTime() / 1000));
    const mac = createHmac('sha256', options.signingSecret).update(`v0:${timestamp}:${body}`).digest('hex');
    return { 'x-slack-request-timestamp': timestamp, 'x-slack-signature': `v0=${mac}` };
  }

  async function send(request: Outgoing): Promise<Delivery> {
    const done = (status: number, answer: unknown, problem: Delivery['problem']): Delivery => ({
      status,
      answer,
      problem,
      again: () => send(request),
    });
    const url = options.botUrl();
    if (url === null || faults().slackDown || stopped) return done(0, '', 'dispatch_failed');
    const tooLate = new AbortController();
    const cancel = schedule(answerWithinMs, () => tooLate.abort());
    const giveUp = () => tooLate.abort();
    waiting.add(giveUp);
    try {
      const response = await fetch(`${url.replace(/\/$/, '')}${request.path}`, {
        method: 'POST',
        headers: {
          'content-type': request.contentType,
          'user-agent': 'Slackbot 1.0 (+https://api.slack.com/robots)',
          ...sign(request),
          ...request.headers,
        },
        body: request.body,
        redirect: 'manual',
        signal: tooLate.signal,
      });
      const text = await readBounded(response.body, MAX_ANSWER_BYTES);
      if (text === null) return done(response.status, '', 'dispatch_failed');
      return done(response.status, parseJson(text) ?? text, problemOf(response.status));
    } catch {
      return done(0, '', tooLate.signal.aborted ? 'operation_timeout' : 'dispatch_failed');
    } finally {
      cancel();
      waiting.delete(giveUp);
    }
  }

  async function sendEvent(request: Outgoing, attempt: number, reason: string): Promise<Delivery> {
    const headers = { 'x-slack-retry-num': String(attempt), 'x-slack-retry-reason': reason };
    const delivery = await send(attempt === 0 ? request : { ...request, headers });
    const repeated = delivery.problem === null && faults().flakyNetwork && options.luck(REPEATED);
    const wait = RETRIES_MS[attempt];
    if (wait !== undefined && (repeated || delivery.problem !== null)) {
      later(wait, () => void sendEvent(request, attempt + 1, retryReason(delivery)));
    }
    return delivery;
  }

  return {
    /** A command, a click or a form: delivered once, and on a flaky network now and then again. Never rejects. */
    async once(request: Outgoing): Promise<Delivery> {
      const delivery = await send(request);
      if (faults().flakyNetwork && options.luck(REPEATED)) later(0, () => void send(request));
      return delivery;
    },
    /** An event: repeated until it is taken, three times at most. The answer is that to the first. */
    event: (request: Outgoing) => sendEvent(request, 0, ''),
    stop(): void {
      stopped = true;
      for (const cancel of waiting) cancel();
      waiting.clear();
    },
  };
}

export type Deliver = ReturnType<typeof createDeliver>;

function problemOf(status: number): Delivery['problem'] {
  if (status >= 200 && status < 300) return null;
  return status >= 500 ? 'http_service_error' : 'http_client_error';
}

/** https://docs.slack.dev/apis/events-api#retries */
function retryReason({ problem }: Delivery): string {
  if (problem === null || problem === 'operation_timeout') return 'http_timeout';
  return problem === 'dispatch_failed' ? 'connection_failed' : 'http_error';
}
