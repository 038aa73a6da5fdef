/**
 * What a tool may answer, so that Curfew can ask where a webhook is missing. Incidents are the webhook's
 * `data` (standard-payload.ts); `occurred_at` is not looked at, an answer counts as of the question.
 *
 *     GET  <api_url>/incidents/OPS-12          by key or number: 200 and that incident, also when it
 *                                              was merged; or 404 and { "error": "unknown_incident" }, since
 *                                              any proxy can say 404
 *     GET  <api_url>/incidents?state=open      200 { "incidents": [ … ] }, the 100 newest will do
 *     POST <api_url>/incidents/01HZX4/notes    by key, { "text": "…" }: any 2xx. `idempotency-key` is equal
 *                                              when the same note is sent again
 *
 * Every question carries `authorization: Bearer <api_token>`; 429 and 503 may carry Retry-After in seconds.
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Sighting } from '../../domain/incident.ts';
import { AnswerTooLarge, createBoundedFetch, networkCode } from '../../net/bounded-fetch.ts';
import { SourceError } from '../source.ts';
import { parseJson, readAnswer, type Severities } from './standard-payload.ts';

const MAX_ANSWER_BYTES = 1024 * 1024;
const MAX_WAIT_S = 3_600;
const MAX_OPEN = 100;

const unknownIncident = z.object({ error: z.literal('unknown_incident') });
const openOnes = z.object({ incidents: z.unknown().array() });

export interface StandardApi {
  find(word: string, signal: AbortSignal): Promise<Sighting | null>;
  listOpen(signal: AbortSignal): Promise<readonly Sighting[]>;
  note(key: string, text: string, signal: AbortSignal): Promise<void>;
  close(): void;
}

/** @param real the moment now, by this machine's clock. */
export function createStandardApi(options: {
  name: string;
  apiUrl: string;
  token: string;
  severities: Severities;
  real: () => Date;
}): StandardApi {
  const { name, token, severities, real } = options;
  const root = options.apiUrl.replace(/\/+$/, '');
  const closed = new AbortController();
  const boundedFetch = createBoundedFetch({ maxBytes: MAX_ANSWER_BYTES, closed: closed.signal });
  const odd = () => new SourceError('retry', `${name} answers in another form than agreed.`);

  async function ask(path: string, signal: AbortSignal, more: RequestInit = {}): Promise<Response> {
    const headers = {
      accept: 'application/json',
      'accept-encoding': 'identity',
      authorization: `Bearer ${token}`,
      'user-agent': 'curfew',
      ...more.headers,
    };
    try {
      return await boundedFetch(`${root}${path}`, { ...more, headers, signal });
    } catch (error) {
      if (signal.aborted) throw new SourceError('retry', `${name} did not answer in time.`);
      if (error instanceof AnswerTooLarge) throw odd();
      throw new SourceError('retry', `${name} cannot be reached (${networkCode(error)}).`);
    }
  }

  return {
    async find(word, signal) {
      const at = real();
      const answer = await ask(`/incidents/${encodeURIComponent(word)}`, signal);
      const body = parseJson(await answer.text());
      if (answer.status === 404 && unknownIncident.safeParse(body).success) return null;
      requireOk(name, answer);
      const sighting = readAnswer(body, at, severities);
      const same = [sighting?.key, sighting?.number].some(
        (each) => each?.toLowerCase() === word.toLowerCase(),
      );
      if (!sighting || !same) throw odd();
      return sighting;
    },

    async listOpen(signal) {
      const at = real();
      const answer = await ask('/incidents?state=open', signal);
      requireOk(name, answer);
      const listed = openOnes.safeParse(parseJson(await answer.text()));
      const sightings = (listed.data?.incidents ?? []).map((each) => readAnswer(each, at, severities));
      const read = sightings.filter((each) => each !== null);
      if (!listed.success || read.length < sightings.length) throw odd();
      return read
        .filter(({ state }) => state === 'open')
        .sort((a, b) => b.openedAt.getTime() - a.openedAt.getTime())
        .slice(0, MAX_OPEN);
    },

    async note(key, text, signal) {
      const same = createHash('sha256')
        .update(JSON.stringify([key, text]))
        .digest('base64url');
      const answer = await ask(`/incidents/${encodeURIComponent(key)}/notes`, signal, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'idempotency-key': same },
        body: JSON.stringify({ text }),
      });
      requireOk(name, answer);
    },

    close: () => closed.abort(),
  };
}

function requireOk(name: string, answer: Response): void {
  const { status } = answer;
  if (answer.ok) return;
  if (status === 429 || status >= 500) {
    const wait = /^\d{1,6}$/.exec(answer.headers.get('retry-after') ?? '');
    const retryAfterS = Math.min(Number(wait?.[0] ?? 0), MAX_WAIT_S);
    const what = status === 429 ? 'asks us to wait' : `answered ${status}`;
    throw new SourceError('retry', `${name} ${what}.`, { retryAfterS });
  }
  if (status === 401 || status === 403) {
    throw new SourceError('refused', `${name} refuses the api_token (${status}).`);
  }
  throw new SourceError('refused', `${name} answered ${status}.`);
}
