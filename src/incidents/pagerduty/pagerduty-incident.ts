/**
 * An incident as PagerDuty writes it, in webhooks and in its API, which differ by little
 * (https://developer.pagerduty.com/docs/webhooks-overview, https://developer.pagerduty.com/api-reference).
 * Only what the state hangs on is required: a close must not be lost because some title is odd.
 */
import { z } from 'zod';
import type { Sighting } from '../../domain/incident.ts';
import { link, moment, plainKey, type Severities, said, severityName } from '../fields.ts';

const MAX_TEXT = 500;

const optional = <T extends z.ZodType>(type: T) => type.nullish().catch(null);
const number = z.int().positive();
export const named = z.object({
  type: optional(z.string()),
  summary: said(MAX_TEXT),
  email: said(MAX_TEXT),
});
type Named = z.output<typeof named>;

export const incident = z.object({
  id: plainKey,
  status: z.enum(['triggered', 'acknowledged', 'resolved']),
  created_at: optional(moment),
  title: said(MAX_TEXT),
  html_url: link,
  service: optional(named),
  priority: optional(named),
  resolve_reason: optional(
    z.object({ type: z.literal('merge_resolve_reason'), incident: z.object({ id: plainKey }) }),
  ),
  /** Of webhooks. */
  number: optional(number),
  assignees: optional(z.array(named)),
  /** Of the API. */
  incident_number: optional(number),
  acknowledgements: optional(z.array(z.object({ acknowledger: optional(named) }))),
});
export type PagerDutyIncident = z.output<typeof incident>;

/** `by`: who acknowledged it, where that is known from elsewhere. */
export function sightingOf(
  told: PagerDutyIncident,
  at: Date,
  severities: Severities,
  by: Named | null = null,
): Sighting {
  const count = told.number ?? told.incident_number;
  const into = told.resolve_reason?.incident.id;
  const closed = told.status === 'resolved';
  const acknowledger = told.status === 'acknowledged' ? (by ?? acknowledgerOf(told)) : null;
  return {
    key: told.id,
    number: count ? `#${count}` : null,
    url: told.html_url ?? null,
    title: told.title ?? 'Incident without a title',
    state: closed ? 'closed' : 'open',
    // PagerDuty knows of no drills.
    nature: 'real',
    severity: severityName(told.priority?.summary, severities),
    service: told.service?.summary ?? null,
    acknowledgedBy: acknowledger?.email ?? acknowledger?.summary ?? null,
    // PagerDuty knows of Slack channels only inside its own Slack app, and tells nobody.
    channel: null,
    mergedInto: closed && into && into !== told.id ? into : null,
    openedAt: told.created_at ?? at,
    at,
  };
}

/** Webhooks do not say who it was, but an acknowledged incident is assigned to who acknowledged it. */
function acknowledgerOf(told: PagerDutyIncident): Named | null {
  return told.acknowledgements?.at(-1)?.acknowledger ?? told.assignees?.[0] ?? null;
}
