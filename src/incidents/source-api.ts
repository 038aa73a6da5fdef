/** Questions to a vendor's REST API: bounded, with a bearer token, each failure a `SourceError`. */
import type { z } from 'zod';
import { AnswerTooLarge, createBoundedFetch, networkCode, neverSent } from '../net/bounded-fetch.ts';
import { retryAfterS } from '../net/retry-after.ts';
import { parseJson } from './fields.ts';
import { SourceError } from './source.ts';

const MAX_WAIT_S = 3_600;

export interface SourceApi {
  /** Null: the vendor itself says that there is no such thing. */
  get<T>(
    path: string,
    query: readonly (readonly [string, string])[],
    shape: z.ZodType<T>,
    signal: AbortSignal,
  ): Promise<T | null>;
  /** Done where the vendor says so by its status, whatever else it answers. */
  post(
    path: string,
    body: unknown,
    signal: AbortSignal,
    headers?: Readonly<Record<string, string>>,
  ): Promise<void>;
  /** For an answer that is well-formed, but cannot be. */
  odd(): SourceError;
  close(): void;
}

/**
 * @param missing the shape of the vendor's own "not found": any proxy, and a wrong `root`, can say 404.
 * @param maxBytes of one answer.
 */
export function createSourceApi(options: {
  name: string;
  root: string;
  token: string;
  mediaType: string;
  missing: z.ZodType;
  maxBytes: number;
}): SourceApi {
  const { name, token, mediaType, missing } = options;
  const root = options.root.replace(/\/+$/, '');
  const closed = new AbortController();
  const boundedFetch = createBoundedFetch({ maxBytes: options.maxBytes, closed: closed.signal });
  const odd = () => new SourceError('retry', `${name} answered in a form that Curfew does not know.`);

  async function ask(address: string, signal: AbortSignal, more: RequestInit = {}): Promise<Response> {
    const headers = {
      accept: mediaType,
      'accept-encoding': 'identity',
      authorization: `Bearer ${token}`,
      'user-agent': 'curfew',
      ...more.headers,
    };
    try {
      return await boundedFetch(`${root}${address}`, { ...more, headers, signal });
    } catch (error) {
      // Without the cause: it may hold the request, and with it the token.
      if (signal.aborted) throw new SourceError('retry', `${name} did not answer in time.`);
      if (closed.signal.aborted) throw new SourceError('retry', `${name} is not asked any more.`);
      if (error instanceof AnswerTooLarge) throw odd();
      throw new SourceError('retry', `${name} cannot be reached (${networkCode(error)}).`, {
        outcomeKnown: neverSent(error),
      });
    }
  }

  return {
    async get(path, query, shape, signal) {
      const search = new URLSearchParams(
        query.map(([key, value]): [string, string] => [key, value]),
      ).toString();
      const answer = await ask(search === '' ? path : `${path}?${search}`, signal);
      const body = parseJson(await answer.text());
      if (answer.status === 404 && missing.safeParse(body).success) return null;
      requireOk(name, answer);
      const read = shape.safeParse(body);
      if (!read.success) throw odd();
      return read.data;
    },
    async post(path, body, signal, more = {}) {
      const headers = { 'content-type': mediaType, ...more };
      requireOk(name, await ask(path, signal, { method: 'POST', headers, body: JSON.stringify(body) }));
    },
    odd,
    close: () => closed.abort(),
  };
}

function requireOk(name: string, answer: Response): void {
  const { status } = answer;
  if (answer.ok) return;
  if (status === 429 || status >= 500) {
    const what = status === 429 ? 'asks us to wait' : `answered ${status}`;
    const wait = retryAfterS(answer.headers.get('retry-after'), Date.now(), MAX_WAIT_S) ?? 0;
    // Of a 5xx it may be a proxy that lost the answer.
    throw new SourceError('retry', `${name} ${what}.`, { retryAfterS: wait, outcomeKnown: status === 429 });
  }
  if (status === 401 || status === 403) {
    throw new SourceError('refused', `${name} refuses the api_token (${status}).`);
  }
  throw new SourceError('refused', `${name} answered ${status}.`);
}
