/**
 * What incident.io sends (api-docs.incident.io/tag/Webhooks) and answers (api-docs.incident.io/tag/Incidents-V2).
 *
 * Open are the categories of status `triage`, `live` ("Active") and `paused`. Closed are `learning`
 * ("Post-incident": the "immediate impact is over", docs.incident.io/incidents/lifecycle), `closed`, `declined`,
 * `canceled` and `merged`. Of any other category nothing is said; Curfew asks, and goes on asking.
 *
 * An incident is as of its `updated_at`. The webhook's own timestamp is no substitute: it is that of the attempt,
 * so that an old event, sent again, would count as the newest.
 */
import { z } from 'zod';
import type { IncidentNature, IncidentState, Sighting } from '../../domain/incident.ts';
import {
  link,
  moment,
  notAhead,
  parseJson,
  plainKey,
  type Severities,
  said,
  severityName,
  slackChannel,
  vendorWord,
} from '../fields.ts';
import type { Delivery, Reading } from '../source.ts';
import { signedHeaders } from './incident-io-signature.ts';

export const CLOSED_CATEGORIES = ['learning', 'closed', 'declined', 'canceled', 'merged'] as const;

const STATES: ReadonlyMap<string, IncidentState> = new Map([
  ...(['triage', 'live', 'paused'] as const).map((category) => [category, 'open'] as const),
  ...CLOSED_CATEGORIES.map((category) => [category, 'closed'] as const),
]);

/** `mode` of an incident. Whoever may declare a test declares no emergency. */
const NATURES: ReadonlyMap<string, IncidentNature> = new Map([
  ['standard', 'real'],
  ['test', 'test'],
  ['tutorial', 'test'],
  ['retrospective', 'retrospective'],
]);

const status = z.object({ category: z.string().max(50) });
const person = z.object({ email: said(254), name: said(200) });
const incident = z.object({
  id: plainKey,
  reference: said(100),
  name: said(500),
  permalink: link,
  created_at: moment,
  mode: vendorWord.nullish().catch(null),
  incident_status: status.nullish().catch(null),
  severity: z
    .object({ name: said(100) })
    .nullish()
    .catch(null),
  slack_channel_id: said(100),
  incident_role_assignments: z
    .array(z.object({ role: z.object({ role_type: said(50) }), assignee: person.nullish() }))
    .nullish()
    .catch(null),
});

const identified = z.object({ id: plainKey });
const updated = z.object({ updated_at: moment });
const envelope = z.looseObject({ event_type: vendorWord });
const statusChange = z.object({ incident: z.unknown(), new_status: status });

/** `merged`: into which is said elsewhere (incident-io-api.ts). Null: nothing that counts can be read. */
export function readIncident(
  answer: unknown,
  at: Date,
  severities: Severities,
): { sighting: Sighting; merged: boolean } | null {
  const read = incident.safeParse(answer);
  const category = read.data?.incident_status?.category ?? '';
  const state = STATES.get(category);
  if (!read.success || !state) return null;
  const told = read.data;
  const lead = told.incident_role_assignments?.find(({ role }) => role.role_type === 'lead')?.assignee;
  const sighting: Sighting = {
    key: told.id,
    number: told.reference ?? null,
    url: told.permalink ?? null,
    title: told.name ?? told.reference ?? told.id,
    state,
    nature: told.mode ? (NATURES.get(told.mode) ?? 'other') : null,
    severity: severityName(told.severity?.name, severities),
    service: null,
    acknowledgedBy: lead?.email ?? lead?.name ?? null,
    channel: slackChannel(told.slack_channel_id),
    mergedInto: null,
    openedAt: told.created_at,
    at,
  };
  return { sighting, merged: category === 'merged' };
}

/**
 * A verified delivery. Of private incidents, and of those whose state cannot be told from it, it says only
 * "ask"; `canAsk` false: of a merged one it then says that it is closed, which is all that is certain.
 */
export function readPayload(
  { headers, rawBody, receivedAt }: Delivery,
  { severities, canAsk }: { severities: Severities; canAsk: boolean },
): Reading {
  const eventId = vendorWord.safeParse(signedHeaders(headers)['webhook-id']).data;
  const sent = envelope.safeParse(parseJson(rawBody.toString('utf8')));
  if (!sent.success || eventId === undefined) return { kind: 'malformed' };
  const { event_type: type } = sent.data;
  const about = incidentOf(type, sent.data[type]);
  if (about === undefined) return { kind: 'unknown', eventId, type };

  const key = identified.safeParse(about).data?.id;
  if (key === undefined) return { kind: 'malformed' };
  const at = updated.safeParse(about).data?.updated_at;
  const read = at && readIncident(about, notAhead(at, receivedAt), severities);
  if (!read || (read.merged && canAsk)) return { kind: 'nudge', eventId, key };
  return { kind: 'sighting', eventId, sighting: read.sighting };
}

/** The incident that an event is about, as it is then; undefined: it is about none. */
function incidentOf(type: string, payload: unknown): unknown {
  switch (type) {
    case 'public_incident.incident_created_v2':
    case 'public_incident.incident_updated_v2':
    // Of these the payload is the id alone.
    case 'private_incident.incident_created_v2':
    case 'private_incident.incident_updated_v2':
    case 'private_incident.incident_status_updated_v2':
      return payload ?? null;
    case 'public_incident.incident_status_updated_v2': {
      const change = statusChange.safeParse(payload).data;
      const about = z.looseObject({}).safeParse(change?.incident).data;
      return about ? { ...about, incident_status: change?.new_status } : null;
    }
    default:
      return undefined;
  }
}
