/**
 * GitHub's API as the connector needs it: one attempt a call, answers checked and bounded, failures told
 * as `ConnectorError`s that never carry the token.
 *
 * Reads are conditional: GitHub does not count a 304 against the hourly limit
 * (docs.github.com, "Best practices for using the REST API"), so reading back often costs little.
 */
import { Octokit } from '@octokit/core';
import type { z } from 'zod';
import { createBoundedFetch } from '../../net/bounded-fetch.ts';
import { type CallContext, ConnectorError } from '../connector.ts';
import { requireTime } from '../require-time.ts';
import { githubFailure, isStatus, RATE_LIMITED } from './github-failure.ts';

const MAX_ANSWER_BYTES = 2 * 1024 * 1024;
const MAX_REMEMBERED = 500;
const PER_PAGE = 100;
const MAX_PAGES = 100;

type Params = Readonly<Record<string, string | number>>;

export interface GithubApi {
  /** Null: GitHub said 404, which can also mean "you may not see it". */
  get<T>(schema: z.ZodType<T>, route: string, params: Params, call: CallContext): Promise<T | null>;
  /** All pages of a list, at most 10,000 entries. Null as with `get`. */
  getAll<T>(schema: z.ZodType<T>, route: string, params: Params, call: CallContext): Promise<T[] | null>;
  /** One change. Null as with `get`; then nothing was changed. */
  change<T>(schema: z.ZodType<T>, route: string, params: Params, call: CallContext): Promise<T | null>;
  query<T>(
    schema: z.ZodType<T>,
    query: string,
    variables: Record<string, unknown>,
    call: CallContext,
  ): Promise<T>;
  close(): void;
}

export function createGithubApi(options: { name: string; apiUrl: string; token: string }): GithubApi {
  const { name, token } = options;
  const closed = new AbortController();
  const silent = { debug() {}, info() {}, warn() {}, error() {} };
  const octokit = new Octokit({
    auth: token,
    baseUrl: options.apiUrl,
    userAgent: 'curfew',
    log: silent,
    request: {
      fetch: createBoundedFetch({ maxBytes: MAX_ANSWER_BYTES, closed: closed.signal }),
      log: silent,
    },
  });
  octokit.hook.before('request', (request) => {
    request.headers['x-github-api-version'] = '2022-11-28';
  });
  const remembered = new Map<string, { etag: string; data: unknown }>();

  /** Limits met in a row: GitHub wants longer pauses each time. */
  let limits = 0;

  function failure(error: unknown, call: CallContext, changes: boolean): ConnectorError {
    const timedOut = call.signal.aborted;
    const failed = githubFailure(error, { name, token, changes, timedOut, unspecified: limits });
    limits = failed.code === RATE_LIMITED ? limits + 1 : limits;
    return failed;
  }

  function check<T>(schema: z.ZodType<T>, status: number, data: unknown, changes: boolean): T {
    limits = 0;
    if (status >= 300) {
      const message = `${name}: GitHub answered with a redirect (${status}); check api_url and org`;
      throw new ConnectorError('terminal', 'redirected', message, { outcomeKnown: true });
    }
    const parsed = schema.safeParse(data);
    if (parsed.success) return parsed.data;
    const message = `${name}: GitHub's answer was not what its documentation says`;
    throw new ConnectorError('retryable', 'bad_answer', message, { outcomeKnown: !changes });
  }

  async function read(route: string, params: Params, call: CallContext) {
    requireTime(name, call);
    const { url } = octokit.request.endpoint(route, params);
    const known = remembered.get(url);
    const headers = known ? { 'if-none-match': known.etag } : {};
    try {
      const answer = await octokit.request(route, { ...params, headers, request: { signal: call.signal } });
      remembered.delete(url);
      if (answer.headers.etag && answer.status === 200) {
        remembered.set(url, { etag: answer.headers.etag, data: answer.data });
        const [oldest] = remembered.keys();
        if (remembered.size > MAX_REMEMBERED && oldest !== undefined) remembered.delete(oldest);
      }
      return { status: Number(answer.status), data: answer.data as unknown };
    } catch (error) {
      if (known && isStatus(error, 304)) return { status: 200, data: known.data };
      remembered.delete(url);
      if (isStatus(error, 404)) return null;
      throw failure(error, call, false);
    }
  }

  async function get<T>(schema: z.ZodType<T>, route: string, params: Params, call: CallContext) {
    const answer = await read(route, params, call);
    return answer && check(schema, answer.status, answer.data, false);
  }

  return {
    get,
    async getAll<T>(schema: z.ZodType<T>, route: string, params: Params, call: CallContext) {
      const all: T[] = [];
      for (let page = 1; page <= MAX_PAGES; page++) {
        const entries = await get(schema.array(), route, { ...params, per_page: PER_PAGE, page }, call);
        if (!entries) return null;
        all.push(...entries);
        if (entries.length < PER_PAGE) return all;
      }
      const message = `${name}: GitHub lists more than ${PER_PAGE * MAX_PAGES} entries`;
      throw new ConnectorError('terminal', 'too_many', message, { outcomeKnown: true });
    },
    async change(schema, route, params, call) {
      requireTime(name, call);
      try {
        const answer = await octokit.request(route, { ...params, request: { signal: call.signal } });
        return check(schema, answer.status, answer.data, true);
      } catch (error) {
        if (isStatus(error, 404)) return null;
        throw failure(error, call, true);
      }
    },
    async query(schema, query, variables, call) {
      requireTime(name, call);
      try {
        const data = await octokit.graphql(query, { ...variables, request: { signal: call.signal } });
        return check(schema, 200, data, false);
      } catch (error) {
        throw failure(error, call, false);
      }
    },
    close: () => closed.abort(),
  };
}
