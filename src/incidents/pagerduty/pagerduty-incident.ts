/**
 * An incident as PagerDuty writes it, in webhooks and in its API, which differ by little
 * (https://developer.pagerduty.com/docs/webhooks-overview, https://developer.pagerduty.com/api-reference).
 * Only what the state hangs on is required: a close must not be lost because some title is odd.
 */
import { z } from 'zod';
import type { Sighting } from '../../domain/incident.ts';
import { cleanText } from '../../domain/text.ts';
import { KEY } from './pagerduty-name.ts';

const MAX_TEXT = 500;

export const key = z.string().regex(KEY);
export const moment = z.iso.datetime({ offset: true }).transform((text) => new Date(text));

const optional = <T extends z.ZodType>(type: T) => type.nullish().catch(null);
const number = z.int().positive();
export const named = z.object({
  type: optional(z.string()),
  summary: optional(z.string()),
  email: optional(z.string()),
});
type Named = z.output<typeof named>;

export const incident = z.object({
  id: key,
  status: z.enum(['triggered', 'acknowledged', 'resolved']),
  created_at: optional(moment),
  title: optional(z.string()),
  html_url: optional(z.string()),
  service: optional(named),
  priority: optional(named),
  resolve_reason: optional(
    z.object({ type: z.literal('merge_resolve_reason'), incident: z.object({ id: key }) }),
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
  said: PagerDutyIncident,
  at: Date,
  severities: Readonly<Record<string, string>>,
  by: Named | null = null,
): Sighting {
  const count = said.number ?? said.incident_number;
  const priority = line(said.priority?.summary);
  const into = said.resolve_reason?.incident.id;
  const closed = said.status === 'resolved';
  return {
    key: said.id,
    number: count ? `#${count}` : null,
    url: link(said.html_url),
    title: line(said.title) ?? 'Incident without a title',
    state: closed ? 'closed' : 'open',
    severity: priority && Object.hasOwn(severities, priority) ? (severities[priority] ?? null) : priority,
    service: line(said.service?.summary),
    acknowledgedBy: said.status === 'acknowledged' ? nameOf(by ?? acknowledger(said)) : null,
    // PagerDuty knows of Slack channels only inside its own Slack app, and tells nobody.
    channel: null,
    mergedInto: closed && into && into !== said.id ? into : null,
    openedAt: said.created_at ?? at,
    at,
  };
}

/** Webhooks do not say who it was, but an acknowledged incident is assigned to who acknowledged it. */
function acknowledger(said: PagerDutyIncident): Named | null {
  return said.acknowledgements?.at(-1)?.acknowledger ?? said.assignees?.[0] ?? null;
}

const nameOf = (who: Named | null) => line(who?.email) ?? line(who?.summary);

/** One line of at most 500 characters; null where nothing is left. */
function line(text: string | null | undefined): string | null {
  const clean = cleanText((text ?? '').slice(0, 10 * MAX_TEXT));
  return [...clean].slice(0, MAX_TEXT).join('').trim() || null;
}

function link(text: string | null | undefined): string | null {
  return text && text.length <= MAX_TEXT && /^https:\/\/[^\s\p{C}]+$/u.test(text) && URL.canParse(text)
    ? text
    : null;
}
