/** `incidents`: what is open now. */
import type { IncidentRow } from '../../../db/schema-incidents.ts';
import type { Card, CardElement, Span } from '../card.ts';
import { incidentDetails, incidentSpan } from './incident-words.ts';
import { says, sentence, short } from './words.ts';

const MOST_LINES = 20;
const TITLE_MAX = 100;
const NAME_MAX = 60;

export type ListedIncident = Pick<
  IncidentRow,
  'key' | 'number' | 'url' | 'title' | 'nature' | 'severity' | 'service' | 'openedAt' | 'acknowledgedBy'
>;

export function incidentsCard(input: {
  readonly incidents: readonly ListedIncident[];
  /** Sentences: which sources could not be asked. */
  readonly notAsked: readonly string[];
  /** Now, as sources have it. */
  readonly real: Date;
}): Card {
  const shown = input.incidents.slice(0, MOST_LINES).map((one) => says('• ', ...line(one, input.real)));
  const more = input.incidents.length - shown.length;
  const none = input.notAsked.length > 0 ? 'No open incident is known.' : 'No incident is open.';
  return {
    title: 'Open incidents',
    tone: 'ended',
    summary: 'Open incidents',
    body: [
      ...(shown.length > 0 ? shown : [says(none)]),
      ...(more > 0 ? [says(`… and ${more} more.`)] : []),
      ...input.notAsked.map(doubt),
    ],
    actions: [],
    footer: [],
  };
}

function line(incident: ListedIncident, real: Date): Span[] {
  const { title, acknowledgedBy } = incident;
  const by = acknowledgedBy
    ? `acknowledged by ${short(acknowledgedBy, NAME_MAX)}`
    : 'acknowledged by nobody yet';
  return [incidentSpan(incident), ` ${short(title, TITLE_MAX)}: ${incidentDetails(incident, real)}, ${by}`];
}

function doubt(why: string): CardElement {
  return says(`${sentence(short(why, 200))} Of its incidents, only those that Curfew heard of are shown.`);
}
