/**
 * incident.io's API (api-docs.incident.io): 1,200 requests a minute for each key. The key needs to view incidents
 * and to create timeline items; without the right to private incidents, these do not exist for it.
 */
import { z } from 'zod';
import type { Sighting } from '../../domain/incident.ts';
import { moment, plainKey, type Severities } from '../fields.ts';
import { noteKey } from '../note-name.ts';
import type { IncidentSource } from '../source.ts';
import { createSourceApi } from '../source-api.ts';
import { CLOSED_CATEGORIES, readIncident } from './incident-io-payload.ts';

const MAX_ANSWER_BYTES = 8 * 1024 * 1024;
const MAX_OPEN = 100;
const PAGE = 50;
const MAX_PAGES = 6;
const TITLE = 'Access that Curfew gave for this incident';

const missing = z.object({ type: z.string(), status: z.literal(404) });
const meta = z.object({ after: z.string().min(1).max(500).nullish() }).nullish();
const one = z.object({ incident: z.unknown() });
const many = z.object({ incidents: z.unknown().array(), pagination_meta: meta });
const updates = z.object({
  incident_updates: z.array(
    z.object({ created_at: moment, merged_into_incident_id: plainKey.nullish().catch(null) }),
  ),
  pagination_meta: meta,
});

export interface IncidentIoApi extends Pick<IncidentSource, 'find' | 'listOpen' | 'note'> {
  close(): void;
}

export function createIncidentIoApi(options: {
  name: string;
  root: string;
  token: string;
  severities: Severities;
}): IncidentIoApi {
  const { severities } = options;
  const api = createSourceApi({
    ...options,
    mediaType: 'application/json',
    missing,
    maxBytes: MAX_ANSWER_BYTES,
  });

  /** An update of the incident says into which it was merged, the incident itself does not. */
  async function survivor(id: string, signal: AbortSignal): Promise<string | null> {
    const merges: { at: number; into: string }[] = [];
    let after: string | null = null;
    for (let page = 0; page < MAX_PAGES; page++) {
      const query: [string, string][] = [
        ['incident_id', id],
        ['page_size', String(PAGE)],
      ];
      if (after !== null) query.push(['after', after]);
      const answer = await api.get('/v2/incident_updates', query, updates, signal);
      if (!answer) throw api.odd();
      for (const { created_at: at, merged_into_incident_id: into } of answer.incident_updates) {
        if (into && into !== id) merges.push({ at: at.getTime(), into });
      }
      after = answer.pagination_meta?.after ?? null;
      if (after === null) break;
    }
    return merges.sort((a, b) => b.at - a.at)[0]?.into ?? null;
  }

  return {
    /** By id or reference; for INC-123 the API wants 123. */
    async find(name, signal) {
      const at = new Date();
      const id = name.replace(/^INC-/, '');
      const answer = await api.get(`/v2/incidents/${encodeURIComponent(id)}`, [], one, signal);
      if (!answer) return null;
      const read = readIncident(answer.incident, at, severities);
      if (!read || ![read.sighting.key, read.sighting.number].includes(name)) throw api.odd();
      const { sighting, merged } = read;
      return merged ? { ...sighting, mergedInto: await survivor(sighting.key, signal) } : sighting;
    },

    async listOpen(signal) {
      const at = new Date();
      const open: Sighting[] = [];
      let after: string | null = null;
      for (let page = 0; page < MAX_PAGES && open.length < MAX_OPEN; page++) {
        const query: [string, string][] = [
          ...CLOSED_CATEGORIES.map((category): [string, string] => ['status_category[not_in]', category]),
          ['sort_by', 'created_at_newest_first'],
          ['page_size', String(PAGE)],
        ];
        if (after !== null) query.push(['after', after]);
        const answer = await api.get('/v2/incidents', query, many, signal);
        if (!answer) throw api.odd();
        const read = answer.incidents.map((each) => readIncident(each, at, severities)?.sighting);
        open.push(...read.filter((each) => each?.state === 'open').filter((each) => each !== undefined));
        after = answer.pagination_meta?.after ?? null;
        if (after === null) break;
      }
      return open.sort((a, b) => b.openedAt.getTime() - a.openedAt.getTime()).slice(0, MAX_OPEN);
    },

    /** An item of the timeline. The same note, sent again, is not added twice, whatever it says by then. */
    async note(key, text, signal) {
      const item = {
        incident_id: key,
        idempotency_key: noteKey(key, text),
        timestamp: new Date().toISOString(),
        title: TITLE,
        description: asMarkdown(text),
      };
      await api.post('/v2/incident_timeline_items', item, signal);
    },

    close: api.close,
  };
}

/** Descriptions are Markdown; people's words are to be read as they wrote them. */
function asMarkdown(text: string): string {
  const lines = text.split('\n').map((line) =>
    line
      .replace(/[\\`*_[\]<>#|~&!]/g, '\\$&')
      .replace(/^(\s*)([-+=])/, '$1\\$2')
      .replace(/^(\s*\d+)([.)])/, '$1\\$2'),
  );
  return lines.join('\\\n');
}
