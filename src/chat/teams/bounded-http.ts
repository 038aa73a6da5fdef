/**
 * The HTTP beneath botbuilder's client: one deadline over token and call, answers of bounded size, no proxy. All
 * but a plain success is thrown as our own error. The client's retry and redirect policies look at answers and at
 * errors of Azure's own kind alone, so they have nothing to do: each call is made once, and goes nowhere else.
 */
import type { ConnectorClientOptions } from 'botframework-connector/lib/connectorApi/models/index.js';
import { z } from 'zod';
import { AnswerTooLarge, createBoundedFetch, neverSent } from '../../net/bounded-fetch.ts';
import { ConnectorError, TokenRefused } from './connector-error.ts';
import type { TokenSource } from './token-source.ts';

/** What botbuilder's client sends its requests by. */
export type HttpClient = NonNullable<ConnectorClientOptions['httpClient']>;

/**
 * @param token the bot's token, sent with each call; null: none
 * @param timeoutMs for the token and the call together
 * @param maxBytes the largest answer that is read
 */
export function createBoundedHttp(options: {
  token: TokenSource | null;
  timeoutMs: number;
  maxBytes: number;
}): HttpClient {
  const { token, timeoutMs, maxBytes } = options;
  const boundedFetch = createBoundedFetch({ maxBytes });

  return {
    async sendRequest(request) {
      const deadline = AbortSignal.timeout(timeoutMs);
      const bearer = token && (await tokenBefore(deadline, token()));
      const body: unknown = request.body;
      const response = await boundedFetch(request.url, {
        method: request.method,
        signal: deadline,
        headers: {
          accept: 'application/json',
          ...(bearer ? { authorization: `Bearer ${bearer}` } : {}),
          ...(body ? { 'content-type': 'application/json; charset=utf-8' } : {}),
        },
        ...(typeof body === 'string' ? { body } : {}),
      }).catch((error: unknown) => {
        if (error instanceof AnswerTooLarge) throw new ConnectorError('answer_too_long', { sent: true });
        throw new ConnectorError('no_answer', { sent: !neverSent(error) });
      });
      const said = await response.text();
      const { status, headers } = response;
      if (!response.ok) {
        throw new ConnectorError(codeIn(said) ?? `http_${status}`, {
          status,
          retryAfter: headers.get('retry-after'),
          sent: true,
        });
      }
      // Nothing in Curfew reads an answer's headers, and what is no JSON is nothing: the caller finds it odd.
      const none = request.headers.clone();
      for (const name of none.headerNames()) none.remove(name);
      return { request, status, headers: none, bodyAsText: parse(said) === null ? '{}' : said };
    },
  };
}

/** The libraries that fetch tokens cannot be told to stop, so they are no longer waited for. */
export async function tokenBefore(deadline: AbortSignal, work: Promise<string>): Promise<string> {
  const late = new Promise<never>((_, reject) => {
    deadline.addEventListener('abort', reject, { once: true });
  });
  try {
    return await Promise.race([work, late]);
  } catch (error) {
    // What Entra's library says may hold what it was asked with. What is not Entra's own no says nothing of the bot.
    throw new ConnectorError(error instanceof TokenRefused ? 'no_token' : 'no_answer', { sent: false });
  }
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return null;
  }
}

/**
 * `{error: {code}}`, `{code}`, or, from Teams' chat service, `{errorCode: 209, message: "{\"subCode\": …}"}`;
 * the sub-code says more than the code. Only a plain word passes: codes end up in logs.
 */
function codeIn(body: string): string | null {
  const subCode = /"subCode\\*"\s*:\s*\\*"(\w{1,60})\\*"/.exec(body.slice(0, 20_000))?.[1];
  if (subCode) return subCode;
  const shape = z.object({ error: z.object({ code: z.string() }) }).or(z.object({ code: z.string() }));
  const said = shape.safeParse(parse(body));
  if (!said.success) return null;
  const code = 'error' in said.data ? said.data.error.code : said.data.code;
  return /^[A-Za-z][\w ]{0,60}$/.test(code) ? code : null;
}
