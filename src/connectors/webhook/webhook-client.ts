/**
 * One signed question to a webhook receiver and its signed answer, by Standard Webhooks
 * (github.com/standard-webhooks/standard-webhooks). The messages are described in
 * examples/webhook-receiver/README.md.
 *
 * Only a signed answer says what happened. Its `webhook-id` is `re_` + the question's id, and its body
 * repeats the question's `attempt`, a fresh UUID: an answer to an earlier question, or the question
 * itself sent back, is never taken for this one's answer.
 */
import { createHash, randomUUID } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { z } from 'zod';
import { AnswerTooLarge, createBoundedFetch, networkCode, neverSent } from '../../net/bounded-fetch.ts';
import { retryAfterS } from '../../net/retry-after.ts';
import { type CallContext, ConnectorError, LONGEST_WAIT_S } from '../connector.ts';
import { requireTime } from '../require-time.ts';

const MAX_ANSWER_BYTES = 64 * 1024;

export type Question =
  | 'target.describe'
  | 'account.resolve'
  | 'permission.resolve'
  | 'access.grant'
  | 'access.revoke'
  | 'access.end_sessions'
  | 'access.inspect'
  | 'access.list';

const envelope = z.object({
  attempt: z.string(),
  target: z.string().min(1).max(200),
  error: z.object({ code: z.string().max(50), message: z.string().max(2000) }).optional(),
  result: z.unknown().optional(),
});
type Envelope = z.output<typeof envelope>;

export interface WebhookClient {
  /** Asks once. Throws `ConnectorError` unless the receiver signed a result of this shape. */
  ask<T>(
    type: Question,
    data: Readonly<Record<string, unknown>>,
    result: z.ZodType<T>,
    call: CallContext,
  ): Promise<{ target: string; result: T }>;
  close(): void;
}

export function createWebhookClient(options: { name: string; url: string; secret: string }): WebhookClient {
  const { name, url } = options;
  const webhook = new Webhook(options.secret);
  const closed = new AbortController();
  const boundedFetch = createBoundedFetch({ maxBytes: MAX_ANSWER_BYTES, closed: closed.signal });

  return {
    async ask(type, data, result, call) {
      const changes = type === 'access.grant' || type === 'access.revoke' || type === 'access.end_sessions';
      const fail = (
        kind: 'retryable' | 'terminal',
        code: string,
        text: string,
        outcomeKnown: boolean,
      ): ConnectorError =>
        new ConnectorError(kind, code, `${name}: ${text}`, { outcomeKnown, retryAfterS: waitS });
      let waitS = 0;

      requireTime(name, call);
      const attempt = randomUUID();
      const id = messageId(type, call.idempotencyKey, data);
      const body = JSON.stringify({
        type,
        attempt,
        target: call.expectTarget,
        generation: call.generation,
        not_after: call.deadline.toISOString(),
        expires_at: call.endsAt?.toISOString() ?? null,
        idempotency_key: call.idempotencyKey,
        data,
      });
      const sentAt = new Date();
      const headers = {
        'content-type': 'application/json',
        'accept-encoding': 'identity',
        'user-agent': 'curfew',
        // A kept connection that the receiver closes just then would leave a change's outcome unknown.
        connection: 'close',
        'webhook-id': id,
        'webhook-timestamp': String(Math.floor(sentAt.getTime() / 1000)),
        'webhook-signature': webhook.sign(id, sentAt, body),
      };

      let answer: Response;
      try {
        answer = await boundedFetch(url, { method: 'POST', headers, body, signal: call.signal });
      } catch (error) {
        if (call.signal.aborted) throw fail('retryable', 'timeout', 'no answer in time', !changes);
        if (error instanceof AnswerTooLarge)
          throw fail('terminal', 'answer_too_large', error.message, !changes);
        const text = `cannot be reached (${networkCode(error)})`;
        throw fail('retryable', 'unreachable', text, !changes || neverSent(error));
      }

      const { status } = answer;
      // Also without a signature: it may come from what stands before the receiver, and only makes us wait.
      if (status === 429 || status >= 500)
        waitS = retryAfterS(answer.headers.get('retry-after'), Date.now(), LONGEST_WAIT_S) ?? 0;
      const text = await answer.text();
      const said = isSigned(webhook, id, answer.headers, text) ? readEnvelope(text, attempt) : null;
      if (!said) throw unverified(status, changes, fail);
      if (said.error) throw refusal(status, said.error, said.target, call, changes, fail);
      if (call.expectTarget !== null && said.target !== call.expectTarget) {
        const text = `answers as ${said.target}, not as ${call.expectTarget}`;
        throw fail('terminal', 'target_replaced', text, !changes);
      }
      const parsed = result.safeParse(said.result);
      if (parsed.success && (status === 200 || status === 202)) {
        return { target: said.target, result: parsed.data };
      }
      throw fail('terminal', 'bad_answer', `an answer (${status}) that does not fit ${type}`, !changes);
    },
    close: () => closed.abort(),
  };
}

type Fail = (kind: 'retryable' | 'terminal', code: string, text: string, known: boolean) => ConnectorError;

/** Equal for retries of one step, as Standard Webhooks wants it, and different for any other content. */
function messageId(type: Question, key: string, data: unknown): string {
  const digest = createHash('sha256')
    .update(JSON.stringify([type, key, data]))
    .digest('base64url');
  return `msg_${digest}`;
}

function isSigned(webhook: Webhook, id: string, headers: Headers, text: string): boolean {
  if (headers.get('webhook-id') !== `re_${id}`) return false;
  try {
    webhook.verify(text, Object.fromEntries(headers), { jsonParse: false });
    return true;
  } catch {
    return false;
  }
}

function readEnvelope(text: string, attempt: string): Envelope | null {
  try {
    const parsed = envelope.safeParse(JSON.parse(text));
    return parsed.success && parsed.data.attempt === attempt ? parsed.data : null;
  } catch {
    return null;
  }
}

/**
 * An answer without a valid signature: a proxy's page, another service, or the other secret. It says
 * nothing of the outcome, but for 401 and 403, which are given before anything is looked at.
 */
function unverified(status: number, changes: boolean, fail: Fail): ConnectorError {
  if (status >= 300 && status < 400)
    return fail('terminal', 'redirected', `answered with a redirect (${status})`, !changes);
  if (status === 401 || status === 403)
    return fail('terminal', 'permission_denied', `refused our signature (${status})`, true);
  if (status === 429) return fail('retryable', 'rate_limited', 'asks us to wait', !changes);
  if (status >= 500) return fail('retryable', 'server_error', `answered ${status}`, !changes);
  return fail('retryable', 'unverified_answer', `answered ${status} without a valid signature`, !changes);
}

/** A signed refusal. Below 500 the receiver vouches for having changed nothing. */
function refusal(
  status: number,
  error: { code: string; message: string },
  target: string,
  call: CallContext,
  changes: boolean,
  fail: Fail,
): ConnectorError {
  const words = error.message.replace(/[\s\p{Cc}]+/gu, ' ').slice(0, 200);
  switch (error.code) {
    case 'wrong_target':
      return fail('terminal', 'target_replaced', `is ${target} now, not ${call.expectTarget}`, true);
    case 'too_late':
      return fail('retryable', 'too_late', 'the call arrived after its deadline', true);
    case 'stale_generation':
      return fail('retryable', 'stale_generation', 'has seen a newer generation of this access', true);
    case 'unknown_account':
    case 'unknown_permission':
      return fail('terminal', 'not_found', words, true);
  }
  if (status === 429) return fail('retryable', 'rate_limited', `asks us to wait: ${words}`, true);
  if (status >= 500) return fail('retryable', 'server_error', `answered ${status}: ${words}`, !changes);
  return fail('terminal', 'refused', `refused (${status}): ${words}`, true);
}
