/**
 * What a tool of your own sends and answers: one incident, whole, as it is at one moment.
 *
 *     POST /webhooks/<name>                            the name under `incidents:` in curfew.yaml
 *     content-type: application/json                   not compressed, at most 1 MB
 *     webhook-id: evt_7Q2                              unique for the event, equal when it is sent again
 *     webhook-timestamp: 1795230638                    seconds; at most 5 minutes off
 *     webhook-signature: v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=
 *
 *     {
 *       "type": "incident.closed",
 *       "timestamp": "2026-11-20T12:31:07Z",
 *       "data": {
 *         "key": "01HZX4",                             the tool's own id; never changes
 *         "number": "OPS-12",                          as people say it; optional
 *         "url": "https://status.acme.test/i/OPS-12",  optional
 *         "title": "Checkout is slow",
 *         "state": "closed",                           open or closed
 *         "nature": "real",                            optional; real, test, retrospective or maintenance
 *         "severity": "P1",                            optional; `severities` translates it
 *         "service": "checkout",                       optional
 *         "acknowledged_by": "ana@acme.test",          optional; a mail address where there is one
 *         "channel": { "platform": "slack", "id": "C0123" },   optional; slack or teams
 *         "merged_into": null,                         the key of the incident that goes on; then it is closed
 *         "opened_at": "2026-11-20T12:00:00Z",
 *         "occurred_at": "2026-11-20T12:31:05Z"        when it became so: the newest counts, whatever arrives last
 *       }
 *     }
 *
 * Types: incident.opened, .updated, .acknowledged, .reopened (all open), .closed, .merged (both closed).
 * Other types are accepted and ignored. Signatures are those of Standard Webhooks
 * (github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md); libraries exist for
 * most languages. An answer of 2xx means that the event is kept; after any other, send it again.
 */
import { z } from 'zod';
import { INCIDENT_NATURES, type Sighting } from '../../domain/incident.ts';
import {
  link,
  moment,
  notAhead,
  parseJson,
  type Severities,
  said,
  severityName,
  vendorWord,
} from '../fields.ts';
import type { Delivery, Reading } from '../source.ts';

const key = vendorWord.refine((text) => !/^\.+$/.test(text));

const data = z
  .object({
    key,
    number: said(100),
    url: link,
    title: said(500),
    state: z.enum(['open', 'closed']),
    nature: z.enum(INCIDENT_NATURES).catch('other').default('real'),
    severity: said(100),
    service: said(200),
    acknowledged_by: said(254),
    channel: z
      .object({ platform: z.enum(['slack', 'teams']), id: vendorWord })
      .nullish()
      .catch(null),
    merged_into: key.nullish(),
    opened_at: moment,
    occurred_at: moment,
  })
  .refine(({ key: own, state, merged_into }) => !merged_into || (state === 'closed' && merged_into !== own));
type Data = z.output<typeof data>;

const envelope = z.object({ type: vendorWord, data: z.unknown() });

/** Each type that is read, and what its data has to say. */
const STATES: ReadonlyMap<string, Sighting['state'] | 'either'> = new Map([
  ['incident.opened', 'open'],
  ['incident.updated', 'either'],
  ['incident.acknowledged', 'open'],
  ['incident.reopened', 'open'],
  ['incident.closed', 'closed'],
  ['incident.merged', 'closed'],
] as const);

/** A verified delivery. One that contradicts itself says nothing. */
export function readPayload({ headers, rawBody, receivedAt }: Delivery, severities: Severities): Reading {
  const eventId = headers['webhook-id'] ?? '';
  const sent = envelope.safeParse(parseJson(rawBody.toString('utf8')));
  if (!sent.success || !vendorWord.safeParse(eventId).success) return { kind: 'malformed' };
  const { type } = sent.data;
  const state = STATES.get(type);
  if (!state) return { kind: 'unknown', eventId, type };
  const told = data.safeParse(sent.data.data);
  if (!told.success || (state !== 'either' && told.data.state !== state)) return { kind: 'malformed' };
  if (type === 'incident.merged' && !told.data.merged_into) return { kind: 'malformed' };
  const at = notAhead(told.data.occurred_at, receivedAt);
  return { kind: 'sighting', eventId, sighting: toSighting(told.data, at, severities) };
}

/** What the API answers about one incident; null where it is none. */
export function readAnswer(answer: unknown, at: Date, severities: Severities): Sighting | null {
  const told = data.safeParse(answer);
  return told.success ? toSighting(told.data, at, severities) : null;
}

function toSighting(told: Data, at: Date, severities: Severities): Sighting {
  return {
    key: told.key,
    number: told.number ?? null,
    url: told.url ?? null,
    title: told.title ?? told.number ?? told.key,
    state: told.state,
    nature: told.nature,
    severity: severityName(told.severity, severities),
    service: told.service ?? null,
    acknowledgedBy: told.acknowledged_by ?? null,
    channel: told.channel ?? null,
    mergedInto: told.merged_into ?? null,
    openedAt: told.opened_at,
    at,
  };
}
