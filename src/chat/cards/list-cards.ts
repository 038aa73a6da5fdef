/** Answers to words that ask for a list. Long lists are bounded, and say how many more there are. */
import type { IncidentRow } from '../../../db/schema-incidents.ts';
import type { RequestView } from '../../../db/views.ts';
import type { Risk } from '../../domain/catalog.ts';
import { durationInWords } from '../../domain/duration.ts';
import type { GrantState } from '../../domain/grant.ts';
import type { Card, CardElement, Span } from '../card.ts';
import { incidentSpan } from './incident-words.ts';
import { requestCard } from './request-card.ts';
import type { CardContext } from './scene.ts';
import { says, short } from './words.ts';

const MOST_LINES = 20;
const TEXT_MAX = 100;

/** An unended grant. */
export interface HeldItem {
  readonly id: string;
  readonly roleTitle: string;
  /** The holder's name. */
  readonly who: string;
  readonly state: GrantState;
  readonly endsAt: Date;
  /** Its close ends it, perhaps before that. */
  readonly incident: Pick<IncidentRow, 'number' | 'key' | 'url' | 'state'> | null;
}

/** A pending request. */
export interface PendingItem {
  readonly id: string;
  readonly roleTitle: string;
  /** The requester's name. */
  readonly who: string;
  readonly kind: 'access' | 'extension';
  readonly durationS: number;
  readonly expiresAt: Date;
}

export interface RoleItem {
  readonly name: string;
  readonly title: string;
  readonly risk: Risk;
  readonly environment: string;
  readonly maxDurationS: number;
  /** Empty where it can be requested. */
  readonly problems: readonly string[];
}

export interface HelpItem {
  /** Such as `extend ID DURATION REASON`. */
  readonly usage: string;
  readonly does: string;
}

/** `mine`: what I hold, and what I asked for. */
export function mineCard(input: {
  readonly held: readonly HeldItem[];
  readonly pending: readonly PendingItem[];
}): Card {
  return list('Your access', [
    ...section('What you hold', 'You hold nothing from Curfew just now.', input.held, heldLine),
    ...section('What you asked for', 'No request of yours waits.', input.pending, pendingLine),
  ]);
}

/** `pending`: what I can decide, and what of mine waits for others. */
export function pendingListCard(input: {
  readonly waiting: readonly PendingItem[];
  readonly pending: readonly PendingItem[];
}): Card {
  const asked = (item: PendingItem): Span[] => [`${short(item.who, TEXT_MAX)}: `, ...pendingLine(item)];
  return list('Waiting for a decision', [
    ...section('Waits for you', 'Nothing waits for your decision.', input.waiting, asked),
    ...section('What you asked for', 'No request of yours waits.', input.pending, pendingLine),
  ]);
}

/** `roles [search]`, best first. */
export function rolesCard(input: { readonly search: string; readonly roles: readonly RoleItem[] }): Card {
  const search = short(input.search, TEXT_MAX);
  const none = search === '' ? 'There are no roles yet.' : `No role is like “${search}”.`;
  return list(search === '' ? 'Roles' : `Roles like “${search}”`, rows(none, input.roles, roleLine));
}

/** `who ROLE`: who holds it now. */
export function whoCard(input: { readonly roleTitle: string; readonly held: readonly HeldItem[] }): Card {
  const title = `Who holds ${short(input.roleTitle, TEXT_MAX)}`;
  return list(
    title,
    rows('Nobody holds it through Curfew.', input.held, (item) => [
      `${short(item.who, TEXT_MAX)}: `,
      ...stateOf(item),
      ` (${item.id})`,
    ]),
  );
}

/** `status ID`: what its card says, with nothing to press. */
export function statusCard(view: RequestView, context: CardContext): Card {
  return { ...requestCard(view, 'channel', context), actions: [] };
}

/** `help`: from the registry of commands. */
export function helpCard(items: readonly HelpItem[]): Card {
  const body = items.map(({ usage, does }) => says({ code: short(usage, 200) }, ` ${short(does, 200)}`));
  return list('What you can say', body);
}

function list(title: string, body: readonly CardElement[]): Card {
  return {
    title: short(title, 140),
    tone: 'ended',
    summary: short(title, 140),
    body,
    actions: [],
    footer: [],
  };
}

function section<T>(
  title: string,
  empty: string,
  items: readonly T[],
  line: (item: T) => Span[],
): CardElement[] {
  return items.length === 0 ? [says(empty)] : [says({ bold: title }), ...rows(empty, items, line)];
}

function rows<T>(empty: string, items: readonly T[], line: (item: T) => Span[]): CardElement[] {
  if (items.length === 0) return [says(empty)];
  const shown = items.slice(0, MOST_LINES).map((item) => says('• ', ...line(item)));
  const more = items.length - shown.length;
  return more > 0 ? [...shown, says(`… and ${more} more.`)] : shown;
}

function heldLine(item: HeldItem): Span[] {
  return [`${short(item.roleTitle, TEXT_MAX)}: `, ...stateOf(item), ` (${item.id})`];
}

function stateOf({ state, endsAt, incident }: HeldItem): Span[] {
  switch (state) {
    case 'starting':
      return ['starting'];
    case 'live':
      return ['live until ', { at: endsAt, style: 'time' }, ...orUntil(incident)];
    case 'ending':
      return ['ending, not yet confirmed'];
    case 'ended':
      return ['ended'];
  }
}

function orUntil(incident: HeldItem['incident']): Span[] {
  return incident?.state === 'open' ? [', or until ', incidentSpan(incident), ' closes'] : [];
}

function pendingLine(item: PendingItem): Span[] {
  const more = item.kind === 'extension' ? ' more' : '';
  const what = `${durationInWords(item.durationS)}${more} of ${short(item.roleTitle, TEXT_MAX)} (${item.id}), lapses `;
  return [what, { at: item.expiresAt, style: 'time' }];
}

function roleLine(role: RoleItem): Span[] {
  const rest = ` ${short(role.title, TEXT_MAX)}: ${role.risk} risk, ${short(role.environment, TEXT_MAX)}, at most ${durationInWords(role.maxDurationS)}`;
  const [problem] = role.problems;
  return [
    { code: role.name },
    problem === undefined ? rest : `${rest}. Cannot be requested: ${short(problem, TEXT_MAX)}`,
  ];
}
