/**
 * What Rootly sends (docs.rootly.com/configuration/event-payloads) and answers (docs.rootly.com/api-reference).
 *
 * Closed are `resolved`, `closed` and `cancelled`, its terminal statuses (docs.rootly.com/configuration/
 * incident-status), a maintenance that is `completed` or has not begun (`planning`, `scheduled`), what was
 * deleted, and a duplicate, which goes on as the incident that it is one of (docs.rootly.com/incidents/
 * incident-operations/marking-as-duplicate). `mitigated` is as configured: "remediation, validation, or cleanup
 * work may still be ongoing". Of any other status nothing is said; Curfew asks, and goes on asking.
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

export interface Reader {
  readonly severities: Severities;
  readonly mitigated: IncidentState;
}

const OPEN = ['in_triage', 'started', 'detected', 'acknowledged', 'in_progress', 'verifying'] as const;
const CLOSED = ['resolved', 'closed', 'cancelled', 'completed', 'planning', 'scheduled'] as const;
const STATES: ReadonlyMap<string, IncidentState> = new Map([
  ...OPEN.map((status) => [status, 'open'] as const),
  ...CLOSED.map((status) => [status, 'closed'] as const),
]);

/** `kind` of an incident; a part of one (`_sub`) is what the whole is. */
const NATURES: ReadonlyMap<string, IncidentNature> = new Map([
  ['normal', 'real'],
  ['normal_sub', 'real'],
  ['test', 'test'],
  ['test_sub', 'test'],
  ['example', 'test'],
  ['example_sub', 'test'],
  ['backfilled', 'retrospective'],
  ['scheduled', 'maintenance'],
  ['scheduled_sub', 'maintenance'],
]);

export function openStatuses(mitigated: IncidentState): readonly string[] {
  return mitigated === 'open' ? [...OPEN, 'mitigated'] : OPEN;
}

/** Flat in webhooks, within JSON:API's wrapping in answers. */
const named = z
  .union([
    z.object({ name: z.string() }),
    z
      .object({ data: z.object({ attributes: z.object({ name: z.string() }) }) })
      .transform(({ data }) => data.attributes),
    z.string().transform((name) => ({ name })),
  ])
  .transform(({ name }) => said(100).parse(name))
  .nullish()
  .catch(null);

const incident = z.object({
  id: plainKey,
  sequential_id: z.int().min(1).max(999_999_999).nullish().catch(null),
  title: said(500),
  status: z.string().max(50).nullish().catch(null),
  url: link,
  kind: vendorWord.nullish().catch(null),
  created_at: moment,
  duplicate_incident_id: plainKey.nullish(),
  severity: named,
  services: z.array(named).nullish().catch(null),
  slack_channel_id: said(100),
});

const identified = z.object({ id: plainKey });
const envelope = z.object({
  event: z.object({ id: vendorWord, type: vendorWord, issued_at: moment.nullish().catch(null) }),
  data: z.unknown(),
});

const ABOUT_INCIDENTS =
  /^incident\.(?:created|updated|in_triage|mitigated|resolved|closed|cancelled|deleted|scheduled\.(?:created|updated|in_progress|completed|deleted))$/;

/** Null: nothing that counts can be read. */
export function readIncident(
  answer: unknown,
  at: Date,
  { severities, mitigated, deleted = false }: Reader & { deleted?: boolean },
): Sighting | null {
  const told = incident.safeParse(answer).data;
  if (!told) return null;
  const into = told.duplicate_incident_id === told.id ? null : (told.duplicate_incident_id ?? null);
  const status = told.status ?? '';
  const says = status === 'mitigated' ? mitigated : STATES.get(status);
  const state = deleted || into !== null ? 'closed' : says;
  if (!state) return null;
  const number = told.sequential_id ? `INC-${told.sequential_id}` : null;
  return {
    key: told.id,
    number,
    url: told.url ?? null,
    title: told.title ?? number ?? told.id,
    state,
    nature: told.kind ? (NATURES.get(told.kind) ?? 'other') : null,
    severity: severityName(told.severity, severities),
    service: told.services?.find((service) => service) ?? null,
    acknowledgedBy: null,
    channel: slackChannel(told.slack_channel_id),
    mergedInto: into,
    openedAt: told.created_at,
    at,
  };
}

/** A verified delivery. It counts as of `issued_at`, which sending it again does not change. */
export function readPayload({ rawBody, receivedAt }: Delivery, reader: Reader): Reading {
  const sent = envelope.safeParse(parseJson(rawBody.toString('utf8')));
  if (!sent.success) return { kind: 'malformed' };
  const { id: eventId, type, issued_at: at } = sent.data.event;
  if (!ABOUT_INCIDENTS.test(type)) return { kind: 'unknown', eventId, type };

  const key = identified.safeParse(sent.data.data).data?.id;
  if (key === undefined) return { kind: 'malformed' };
  const deleted = type.endsWith('.deleted');
  const sighting = at && readIncident(sent.data.data, notAhead(at, receivedAt), { ...reader, deleted });
  return sighting ? { kind: 'sighting', eventId, sighting } : { kind: 'nudge', eventId, key };
}
