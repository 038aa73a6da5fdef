/**
 * PagerDuty's REST API v2, as far as incidents need it (https://developer.pagerduty.com/api-reference): one
 * question, one answer, nothing tried again. Errors say what happened in our words, and nothing of what was
 * sent or answered.
 */
import { z } from 'zod';
import { AnswerTooLarge, createBoundedFetch, networkCode, neverSent } from '../../net/bounded-fetch.ts';
import { retryAfterS } from '../../net/retry-after.ts';
import { parseJson } from '../fields.ts';
import { noteName } from '../note-name.ts';
import { SourceError } from '../source.ts';
import { incident, type PagerDutyIncident } from './pagerduty-incident.ts';
import { pathOf } from './pagerduty-name.ts';

const MAX_ANSWER_BYTES = 8 * 1024 * 1024;
const MAX_LISTED = 100;
const MAX_PAGES = 5;
const MAX_WAIT_S = 900;

const one = z.object({ incident });
const notes = z.object({ notes: z.array(z.object({ content: z.string().nullish() })) });
const page = z.object({ incidents: z.array(incident).max(MAX_LISTED), more: z.boolean() });
/** PagerDuty's own way to refuse; the page of a proxy has another. */
const refusal = z.object({ error: z.object({ code: z.int() }) });

export interface PagerDutyApi {
  /** By id, or `#` and a number; null: PagerDuty says that it has none. */
  find(name: string, signal: AbortSignal): Promise<PagerDutyIncident | null>;
  /** Triggered and acknowledged ones, newest first, at most 100. */
  listOpen(signal: AbortSignal): Promise<readonly PagerDutyIncident[]>;
  note(key: string, text: string, signal: AbortSignal): Promise<void>;
  /** Whether a note of the same first line is there. */
  isNoted(key: string, text: string, signal: AbortSignal): Promise<boolean>;
  close(): void;
}

export function createPagerDutyApi(options: {
  /** Of the source, for errors. */
  name: string;
  url: string;
  token: string;
  /** The mail address of the user who leaves notes; a token of a user's own needs none. */
  from: string | undefined;
}): PagerDutyApi {
  const root = options.url.replace(/\/+$/, '');
  const closed = new AbortController();
  const boundedFetch = createBoundedFetch({ maxBytes: MAX_ANSWER_BYTES, closed: closed.signal });
  const fail = (
    kind: 'retry' | 'refused',
    text: string,
    more: { retryAfterS?: number; outcomeKnown?: boolean } = {},
  ) => new SourceError(kind, `${options.name}: ${text}`, more);

  async function ask(path: string, signal: AbortSignal, init: RequestInit = {}): Promise<Response> {
    const headers = {
      accept: 'application/vnd.pagerduty+json;version=2',
      authorization: `Token token=${options.token}`,
      'content-type': 'application/json',
      'user-agent': 'curfew',
      ...(options.from !== undefined && { from: options.from }),
    };
    try {
      return await boundedFetch(`${root}${path}`, { ...init, headers, signal });
    } catch (error) {
      if (signal.aborted) throw fail('retry', 'no answer in time');
      if (closed.signal.aborted) throw fail('retry', 'is being closed');
      if (error instanceof AnswerTooLarge) throw fail('retry', error.message);
      const text = `cannot be reached (${networkCode(error)})`;
      throw fail('retry', text, { outcomeKnown: neverSent(error) });
    }
  }

  function unlike(answer: Response): SourceError {
    const { status } = answer;
    if (status === 401) return fail('refused', 'does not accept the API token (401)');
    if (status === 403) return fail('refused', 'the API token may not do this (403)');
    const retryAfterS = waitOf(answer.headers);
    if (status === 429) return fail('retry', 'asks us to wait (429)', { retryAfterS, outcomeKnown: true });
    // Of a 5xx it may be a proxy that lost the answer.
    if (status === 408 || status >= 500) return fail('retry', `answered ${status}`, { retryAfterS });
    return fail('refused', `answered ${status}`);
  }

  async function shaped<T>(answer: Response, shape: z.ZodType<T>): Promise<T> {
    const parsed = shape.safeParse(parseJson(await answer.text()));
    if (!parsed.success) throw fail('retry', 'an answer that cannot be read');
    return parsed.data;
  }

  function notesPath(key: string): string {
    const path = pathOf(key);
    if (path === null) throw fail('refused', 'a note for what none of its incidents is called');
    return `/incidents/${path}/notes`;
  }

  return {
    async find(name, signal) {
      const path = pathOf(name);
      if (path === null) throw fail('refused', 'asked by a name that none of its incidents has');
      const answer = await ask(`/incidents/${path}?include[]=acknowledgers`, signal);
      if (answer.status === 404) {
        if (refusal.safeParse(parseJson(await answer.text())).success) return null;
        throw fail('retry', 'a 404 that is not PagerDuty’s');
      }
      if (answer.status !== 200) throw unlike(answer);
      const found = (await shaped(answer, one)).incident;
      if (path !== found.id && path !== String(found.incident_number)) {
        throw fail('retry', 'answered about another incident');
      }
      return found;
    },

    async listOpen(signal) {
      const found = new Map<string, PagerDutyIncident>();
      let offset = 0;
      for (let pages = 0; pages < MAX_PAGES && found.size < MAX_LISTED; pages++) {
        const query = new URLSearchParams([
          // Without a range PagerDuty leaves out what is older than 30 days.
          ['date_range', 'all'],
          ['statuses[]', 'triggered'],
          ['statuses[]', 'acknowledged'],
          ['sort_by', 'created_at:desc'],
          ['include[]', 'acknowledgers'],
          ['limit', String(MAX_LISTED)],
          ['offset', String(offset)],
        ]);
        const answer = await ask(`/incidents?${query}`, signal);
        if (answer.status !== 200) throw unlike(answer);
        const { incidents, more } = await shaped(answer, page);
        for (const each of incidents) if (each.status !== 'resolved') found.set(each.id, each);
        offset += incidents.length;
        if (!more || incidents.length === 0) break;
      }
      return [...found.values()].slice(0, MAX_LISTED);
    },

    async note(key, text, signal) {
      const body = JSON.stringify({ note: { content: text } });
      const answer = await ask(notesPath(key), signal, { method: 'POST', body });
      if (answer.status !== 200 && answer.status !== 201) throw unlike(answer);
    },

    /** PagerDuty lists all of them at once. */
    async isNoted(key, text, signal) {
      const answer = await ask(notesPath(key), signal);
      if (answer.status !== 200) throw unlike(answer);
      const said = (await shaped(answer, notes)).notes;
      return said.some(({ content }) => content?.includes(noteName(text)));
    },

    close: () => closed.abort(),
  };
}

/**
 * Seconds, from `Retry-After` or from `ratelimit-reset`, which PagerDuty sends
 * (https://developer.pagerduty.com/docs/rest-api-rate-limits); 0: it does not say.
 */
function waitOf(headers: Headers): number {
  const reads = (header: string) => retryAfterS(headers.get(header), Date.now(), MAX_WAIT_S);
  return reads('retry-after') ?? reads('ratelimit-reset') ?? 0;
}
