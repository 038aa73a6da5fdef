/**
 * Rootly's API (docs.rootly.com/api-reference/overview), JSON:API. The key needs to read incidents and to update
 * them (for the note). Incidents that the key may not see do not exist for it.
 */
import { z } from 'zod';
import type { Sighting } from '../../domain/incident.ts';
import { noteName } from '../note-name.ts';
import { type IncidentSource, SourceError } from '../source.ts';
import { createSourceApi } from '../source-api.ts';
import { openStatuses, type Reader, readIncident } from './rootly-payload.ts';

const MAX_ANSWER_BYTES = 8 * 1024 * 1024;
const MAX_OPEN = 100;
const PAGE = 50;
const MAX_PAGES = 6;
const MAX_EVENT_PAGES = 20;

const missing = z.object({ errors: z.unknown().array().min(1) });
const resource = z
  .object({ id: z.string(), attributes: z.looseObject({}) })
  .transform(({ id, attributes }) => ({ ...attributes, id }));
const one = z.object({ data: resource });
const many = z.object({
  data: z.unknown().array(),
  meta: z.object({ next_page: z.int().min(2).nullish() }).nullish(),
});

const happened = z.object({ attributes: z.object({ event: z.string().nullish() }) });

export interface RootlyApi extends Required<Pick<IncidentSource, 'find' | 'listOpen' | 'note' | 'isNoted'>> {
  close(): void;
}

export function createRootlyApi(options: {
  name: string;
  root: string;
  token: string;
  reader: Reader;
}): RootlyApi {
  const { reader } = options;
  const api = createSourceApi({
    ...options,
    mediaType: 'application/vnd.api+json',
    missing,
    maxBytes: MAX_ANSWER_BYTES,
  });
  const incidentPath = (id: string) => `/v1/incidents/${encodeURIComponent(id)}`;

  /** The API itself does not know INC-123 (github.com/rootlyhq/rootly-cli/issues/28), but lists by number. */
  async function ask(name: string, signal: AbortSignal): Promise<unknown> {
    const number = /^INC-(\d+)$/.exec(name)?.[1];
    if (number === undefined) return (await api.get(incidentPath(name), [], one, signal))?.data ?? null;
    const query = [
      ['filter[sequential_id]', number],
      ['page[size]', '1'],
    ] as const;
    const answer = await api.get('/v1/incidents', query, many, signal);
    if (!answer) throw api.odd();
    return answer.data.length === 0 ? null : resource.safeParse(answer.data[0]).data;
  }

  return {
    /** By id or number. */
    async find(name, signal) {
      const at = new Date();
      const answer = await ask(name, signal);
      if (answer === null) return null;
      const sighting = readIncident(answer, at, reader);
      // A filter that was not understood lists any incident.
      if (!sighting || ![sighting.key, sighting.number].includes(name)) throw api.odd();
      return sighting;
    },

    async listOpen(signal) {
      const at = new Date();
      const open: Sighting[] = [];
      let page: number | null = 1;
      for (let asked = 0; page !== null && asked < MAX_PAGES && open.length < MAX_OPEN; asked++) {
        const query: [string, string][] = [
          ['filter[status]', openStatuses(reader.mitigated).join(',')],
          ['sort', '-created_at'],
          ['page[size]', String(PAGE)],
          ['page[number]', String(page)],
        ];
        const answer: z.output<typeof many> | null = await api.get('/v1/incidents', query, many, signal);
        if (!answer) throw api.odd();
        for (const each of answer.data) {
          const sighting = readIncident(resource.safeParse(each).data, at, reader);
          if (sighting?.state === 'open') open.push(sighting);
        }
        page = answer.meta?.next_page ?? null;
      }
      return open.sort((a, b) => b.openedAt.getTime() - a.openedAt.getTime()).slice(0, MAX_OPEN);
    },

    /**
     * An event of the timeline, for the team's eyes only
     * (docs.rootly.com/api-reference/incidentevents/creates-an-incident-event). Rootly knows no idempotency.
     */
    async note(key, text, signal) {
      const event = { type: 'incident_events', attributes: { event: text, visibility: 'internal' } };
      await api.post(`${incidentPath(key)}/events`, { data: event }, signal);
    },

    /** Its order cannot be chosen, so all of the timeline is read; of one that is too long nothing is known. */
    async isNoted(key, text, signal) {
      for (let page = 1; page <= MAX_EVENT_PAGES; page++) {
        const query: [string, string][] = [
          ['page[size]', String(PAGE)],
          ['page[number]', String(page)],
        ];
        const answer = await api.get(`${incidentPath(key)}/events`, query, many, signal);
        if (!answer) throw new SourceError('refused', `${options.name} knows no such incident any more.`);
        const said = answer.data.map((each) => happened.safeParse(each).data?.attributes.event);
        if (said.some((one) => one?.includes(noteName(text)))) return true;
        if (!answer.meta?.next_page) return false;
      }
      throw new SourceError('refused', `${options.name} has a timeline that is too long to look through.`);
    },

    close: api.close,
  };
}
