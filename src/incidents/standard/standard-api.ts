/**
 * What a tool may answer, so that Curfew can ask where a webhook is missing. Incidents are the webhook's
 * `data` (standard-payload.ts); `occurred_at` is not looked at, an answer counts as of the question.
 *
 *     GET  <api_url>/incidents/OPS-12          by key or number: 200 and that incident, also when it
 *                                              was merged; or 404 and { "error": "unknown_incident" }, since
 *                                              any proxy can say 404
 *     GET  <api_url>/incidents?state=open      200 { "incidents": [ … ] }, the 100 newest will do
 *     POST <api_url>/incidents/01HZX4/notes    by key, { "text": "…" }: any 2xx; one whose Idempotency-Key
 *                                              came before is the same note, and adds nothing
 *
 * Every question carries `authorization: Bearer <api_token>`; 429 and 503 may carry Retry-After in seconds.
 */
import { z } from 'zod';
import type { Sighting } from '../../domain/incident.ts';
import { lowerAscii } from '../../domain/text.ts';
import type { Severities } from '../fields.ts';
import { noteKey } from '../note-name.ts';
import { createSourceApi } from '../source-api.ts';
import { readAnswer } from './standard-payload.ts';

const MAX_ANSWER_BYTES = 1024 * 1024;
const MAX_OPEN = 100;

const unknownIncident = z.object({ error: z.literal('unknown_incident') });
const openOnes = z.object({ incidents: z.unknown().array() });

export interface StandardApi {
  /** By key or number. */
  find(id: string, signal: AbortSignal): Promise<Sighting | null>;
  listOpen(signal: AbortSignal): Promise<readonly Sighting[]>;
  note(key: string, text: string, signal: AbortSignal): Promise<void>;
  close(): void;
}

export function createStandardApi(options: {
  name: string;
  root: string;
  token: string;
  severities: Severities;
}): StandardApi {
  const { severities } = options;
  const mediaType = 'application/json';
  const api = createSourceApi({
    ...options,
    mediaType,
    missing: unknownIncident,
    maxBytes: MAX_ANSWER_BYTES,
  });

  return {
    async find(id, signal) {
      const at = new Date();
      const answer = await api.get(`/incidents/${encodeURIComponent(id)}`, [], z.looseObject({}), signal);
      if (!answer) return null;
      const sighting = readAnswer(answer, at, severities);
      const same = [sighting?.key, sighting?.number].some(
        (each) => each && lowerAscii(each) === lowerAscii(id),
      );
      if (!sighting || !same) throw api.odd();
      return sighting;
    },

    async listOpen(signal) {
      const at = new Date();
      const answer = await api.get('/incidents', [['state', 'open']], openOnes, signal);
      const sightings = (answer?.incidents ?? [null]).map((each) => readAnswer(each, at, severities));
      const read = sightings.filter((each) => each !== null);
      if (read.length < sightings.length) throw api.odd();
      return read
        .filter(({ state }) => state === 'open')
        .sort((a, b) => b.openedAt.getTime() - a.openedAt.getTime())
        .slice(0, MAX_OPEN);
    },

    note: (key, text, signal) =>
      api.post(`/incidents/${encodeURIComponent(key)}/notes`, { text }, signal, {
        'idempotency-key': noteKey(key, text),
      }),

    close: api.close,
  };
}
