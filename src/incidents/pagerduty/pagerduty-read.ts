/**
 * What a v3 webhook says (https://developer.pagerduty.com/docs/webhooks-overview). Where an event carries the
 * whole incident it is taken as the state of that moment; where it only refers to one, or cannot be read
 * whole, or its type is new, PagerDuty is asked.
 */
import { z } from 'zod';
import { moment, notAhead, parseJson, plainKey, type Severities, vendorWord } from '../fields.ts';
import type { Delivery, Reading } from '../source.ts';
import { incident, named, sightingOf } from './pagerduty-incident.ts';

/** Events whose `data` is the incident as it was then. */
const WHOLE = new Set([
  'incident.acknowledged',
  'incident.delegated',
  'incident.escalated',
  'incident.incident_type.changed',
  'incident.priority_updated',
  'incident.reassigned',
  'incident.reopened',
  'incident.resolved',
  'incident.service_updated',
  'incident.title_updated',
  'incident.triggered',
  'incident.unacknowledged',
  'incident.urgency_updated',
]);

const envelope = z.object({
  event: z.object({
    id: vendorWord,
    event_type: vendorWord,
    occurred_at: z.unknown(),
    agent: z.unknown().optional(),
    data: z.unknown(),
  }),
});
const itself = z.object({ type: z.enum(['incident', 'incident_reference']), id: plainKey });
const reference = z.object({ incident: z.object({ id: plainKey }) });

export function readPagerDuty({ rawBody, receivedAt }: Delivery, severities: Severities): Reading {
  const parsed = envelope.safeParse(parseJson(rawBody.toString('utf8')));
  if (!parsed.success) return { kind: 'malformed' };
  const { event } = parsed.data;
  const { id: eventId, event_type: type } = event;

  const whole = WHOLE.has(type) && itself.safeParse(event.data).success;
  const said = incident.safeParse(event.data);
  const at = moment.safeParse(event.occurred_at);
  if (whole && said.success && at.success) {
    const agent = named.safeParse(event.agent);
    const by = type === 'incident.acknowledged' && agent.data?.type === 'user_reference' ? agent.data : null;
    const sighting = sightingOf(said.data, notAhead(at.data, receivedAt), severities, by);
    return { kind: 'sighting', eventId, sighting };
  }

  const about = itself.safeParse(event.data).data?.id ?? reference.safeParse(event.data).data?.incident.id;
  if (about !== undefined || WHOLE.has(type)) return { kind: 'nudge', eventId, key: about ?? null };
  return { kind: 'unknown', eventId, type };
}
