/** An incident in words: what it is called, how grave it is, what it is about, and what its close means. */
import type { IncidentRow } from '../../../db/schema-incidents.ts';
import type { RequestView } from '../../../db/views.ts';
import { durationInWords } from '../../domain/duration.ts';
import type { IncidentNature } from '../../domain/incident.ts';
import { incidentName, MANUAL_SOURCE } from '../../domain/incident-name.ts';
import type { Line, Span } from '../card.ts';
import { short } from './words.ts';

const NAME_MAX = 80;
const TEXT_MAX = 60;
const DAY_S = 86_400;

type Told = Pick<IncidentRow, 'nature' | 'severity' | 'service' | 'openedAt'>;

/** What is no emergency is called what it is. */
const NATURES: Readonly<Record<IncidentNature, string | null>> = {
  real: null,
  test: 'a test',
  retrospective: 'entered afterwards',
  maintenance: 'scheduled maintenance',
  other: 'of a kind that Curfew does not know',
};

function natureInWords(nature: IncidentNature | null): string[] {
  const words = nature && NATURES[nature];
  return words ? [words] : [];
}

/** `INC-1042`, as plain words. */
export function incidentTitle(incident: Pick<IncidentRow, 'number' | 'key'>): string {
  return short(incidentName(incident), NAME_MAX);
}

/** The same as a link, where its source says where it is. */
export function incidentSpan(incident: Pick<IncidentRow, 'number' | 'key' | 'url'>): Span {
  const text = incidentTitle(incident);
  const { url } = incident;
  return url?.startsWith('https://') && URL.canParse(url) ? { link: url, text } : text;
}

/** `sev1, payments, open for 25 min`; what is no real incident says so first. `real`: now, as its source's clock has it. */
export function incidentDetails({ nature, severity, service, openedAt }: Told, real: Date): string {
  const said = [severity, service].flatMap((text) => (text ? [short(text, TEXT_MAX)] : []));
  return [...natureInWords(nature), ...said, ageInWords((real.getTime() - openedAt.getTime()) / 1000)].join(
    ', ',
  );
}

function ageInWords(seconds: number): string {
  if (seconds < 60) return 'just opened';
  const unit = seconds < DAY_S ? 60 : seconds < 10 * DAY_S ? 3600 : DAY_S;
  return `open for ${durationInWords(Math.floor(seconds / unit) * unit)}`;
}

/** `INC-1042 · sev1 · payments · open since 14:05`, and what its close means for access that is not over. */
export function incidentLine(view: RequestView, incident: IncidentRow): Line {
  const said = [incident.severity, incident.service].flatMap((text) =>
    text ? [` · ${short(text, TEXT_MAX)}`] : [],
  );
  const byHand = incident.source === MANUAL_SOURCE ? [' · opened by hand'] : [];
  const nature = natureInWords(incident.nature).map((words) => ` · ${words}`);
  return [
    incidentSpan(incident),
    ...nature,
    ...said,
    ...byHand,
    ...stateOf(incident),
    ...meaning(view, incident),
  ];
}

function stateOf({ state, openedAt, closedAt }: IncidentRow): Line {
  if (state === 'open') return [' · open since ', { at: openedAt, style: 'time' }];
  return closedAt ? [' · closed ', { at: closedAt, style: 'time' }] : [' · closed'];
}

function meaning(view: RequestView, incident: IncidentRow): Line {
  if (!isToCome(view)) return [];
  const { endDueAt } = incident;
  if (endDueAt) return [' · this access ends ', { at: endDueAt, style: 'time' }];
  if (incident.state === 'closed') return [];
  const graceS = graceOf(view);
  return [
    graceS > 0
      ? ` · this access ends ${durationInWords(graceS)} after its close`
      : ' · its close ends this access',
  ];
}

/** Whether there is access that the incident's close would end. */
function isToCome({ request, grant }: RequestView): boolean {
  if (request.state === 'pending') return true;
  return request.kind === 'access' && (grant?.state === 'starting' || grant?.state === 'live');
}

/** As it was when the rules were asked, seconds. */
function graceOf({ request }: RequestView): number {
  const { incident } = request.decision.facts;
  const graceS = typeof incident === 'object' && incident && 'graceS' in incident ? incident.graceS : 0;
  return typeof graceS === 'number' ? graceS : 0;
}

/** When its access ends: the window, or before it the close of its incident with what grace there is. */
export function endsAt({ incident }: Pick<RequestView, 'incident'>, grant: { readonly endsAt: Date }): Date {
  const due = incident?.endDueAt;
  return due && due < grant.endsAt ? due : grant.endsAt;
}
