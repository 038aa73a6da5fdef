/** v3 webhooks as PagerDuty's documentation shows them (https://developer.pagerduty.com/docs/webhooks-overview). */
import { createHmac } from 'node:crypto';
import type { Happening, Told } from './incident-vendor.ts';

const TYPES: Record<Happening, string> = {
  opened: 'incident.triggered',
  acknowledged: 'incident.acknowledged',
  resolved: 'incident.resolved',
  reopened: 'incident.reopened',
  merged: 'incident.resolved',
};
const STATUSES: Record<Happening, string> = {
  opened: 'triggered',
  acknowledged: 'acknowledged',
  resolved: 'resolved',
  reopened: 'triggered',
  merged: 'resolved',
};

const reference = (type: string, id: string, summary: string) => ({
  html_url: `https://acme.pagerduty.com/${type}s/${id}`,
  id,
  self: `https://api.pagerduty.com/${type}s/${id}`,
  summary,
  type: `${type}_reference`,
});

export const envelope = (eventId: string, type: string, at: Date, data: unknown) => ({
  event: {
    id: eventId,
    event_type: type,
    resource_type: 'incident',
    occurred_at: at.toISOString(),
    agent: reference('user', 'PLH1HKV', 'Tenex Engineer'),
    client: { name: 'PagerDuty' },
    data,
  },
});

export const incidentData = (told: Told, fields: Readonly<Record<string, unknown>> = {}) => ({
  id: told.key,
  type: 'incident',
  self: `https://api.pagerduty.com/incidents/${told.key}`,
  html_url: `https://acme.pagerduty.com/incidents/${told.key}`,
  number: told.number,
  status: 'triggered',
  incident_key: 'd3640fbd41094207a1c11e58e46b1662',
  created_at: told.openedAt.toISOString().replace('.000Z', 'Z'),
  title: told.title,
  incident_type: { name: 'major' },
  service: reference('service', 'PF9KMXH', 'API Service'),
  assignees: [reference('user', 'PTUXL6G', 'User 123')],
  escalation_policy: reference('escalation_policy', 'PUS0KTE', 'Default'),
  teams: [reference('team', 'PFCVPS0', 'Engineering')],
  priority: reference('priority', 'PSO75BM', 'P1'),
  urgency: 'high',
  conference_bridge: {
    conference_number: '+1 1234123412,,987654321#',
    conference_url: 'https://example.com',
  },
  resolve_reason: null,
  ...fields,
});

export function pagerdutyEvent(
  what: Happening,
  told: { eventId: string; at: Date; incident: Told; into: Told | null },
) {
  const resolve_reason = told.into && {
    type: 'merge_resolve_reason',
    incident: reference('incident', told.into.key, told.into.title),
  };
  const data = incidentData(told.incident, { status: STATUSES[what], resolve_reason });
  return envelope(told.eventId, TYPES[what], told.at, data);
}

/** One signature for each secret. */
export function pagerdutyHeaders(rawBody: Buffer, secrets: readonly string[]): Record<string, string> {
  const signatures = secrets.map(
    (secret) => `v1=${createHmac('sha256', secret).update(rawBody).digest('hex')}`,
  );
  return { 'X-PagerDuty-Signature': signatures.join(',') };
}
