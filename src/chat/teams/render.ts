/** Card model → Adaptive Cards. Pure; whatever is put in, what comes out is valid and light enough for Teams. */
import type { Card, Home, Line, PersonRef } from '../card.ts';
import { type ActionOptions, lookAction, ownActions, refresh, titled } from './actions.ts';
import { type Budget, bodyElements, footerElements, header, toneTitle } from './elements.ts';
import { createMentions, type Element, type Mentions, textElement, toPlainText } from './spans.ts';
import { cut, inertMarkdown, weightOf, withPlainStart } from './text.ts';

export interface AdaptiveCard {
  readonly type: 'AdaptiveCard';
  readonly version: string;
  readonly [key: string]: unknown;
}

/** `addressOf`: the bot's own id (29:…) for a person of Teams, null where unknown. `dialogs` false: the client opens none. */
export interface RenderOptions {
  readonly marker?: string;
  readonly addressOf: (person: PersonRef) => string | null;
  readonly dialogs: boolean;
  /** Shown first: the answer to a click. */
  readonly note?: Line;
}

/** What every client of Teams takes: https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/cards-reference */
const SCHEMA_VERSION = '1.5';
/** A message may weigh 28 KB at the least of what Microsoft's pages say; its own fields need some of it. */
export const MAX_CARD_BYTES = 24 * 1024;
/** What stands around the home page's sections needs some too. */
const MAX_HOME_BODY = MAX_CARD_BYTES - 4096;
const MAX_SUMMARY = 300;
/** https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/universal-actions-for-adaptive-cards/user-specific-views */
const MAX_REFRESHED = 60;
const MAX_ADDRESS = 200;

const TOO_LONG: Card['body'][number] = { kind: 'line', line: ['… and more, which does not fit here.'] };
const FULL: Budget = { line: 3000, quote: 3000, footer: 1000, mentions: 20 };
const TIGHT: Budget = { line: 100, quote: 0, footer: 200, mentions: 4 };
const HOME: Budget = { line: 300, quote: 300, footer: 200, mentions: 0 };
/** Quotations give way first, then lines. */
const BUDGETS: readonly Budget[] = [
  FULL,
  ...[1500, 500, 100].map((quote) => ({ ...FULL, quote })),
  { ...FULL, line: 300, quote: 0, footer: 500 },
  TIGHT,
];

export function renderCard(card: Card, options: RenderOptions): AdaptiveCard {
  for (const budget of BUDGETS) {
    const rendered = cardAt(card, budget, options);
    if (fits(rendered)) return rendered;
  }
  return asMuchAsFits(card, options);
}

/** The longest beginning of the body that fits, by halving. */
function asMuchAsFits(card: Card, options: RenderOptions): AdaptiveCard {
  let best = cardAt({ ...card, body: [TOO_LONG] }, TIGHT, options);
  let [fitting, failing] = [0, card.body.length];
  while (failing - fitting > 1) {
    const middle = Math.floor((fitting + failing) / 2);
    const rendered = cardAt({ ...card, body: [...card.body.slice(0, middle), TOO_LONG] }, TIGHT, options);
    if (fits(rendered)) [fitting, best] = [middle, rendered];
    else failing = middle;
  }
  return best;
}

function cardAt(card: Card, budget: Budget, options: RenderOptions): AdaptiveCard {
  const mentions = createMentions(options.addressOf, budget.mentions);
  const pressable = card.reserved ? null : options;
  const body = [
    ...noteElements(options.note, budget, mentions),
    header(card.tone, card.title, mentions),
    ...bodyElements(card.body, budget, mentions, pressable),
    ...(pressable ? ownActions(card.actions, pressable) : lookButton(card)),
    ...footerElements(card.footer, budget),
  ];
  return adaptiveCard(withMarker(body, options.marker), {
    fallbackText: fallback(summaryOf(card)),
    mentions,
    ...refreshed(card, options),
  });
}

function noteElements(note: Line | undefined, budget: Budget, mentions: Mentions): Element[] {
  const text = note && textElement(note, budget.line, mentions, { weight: 'Bolder' });
  return text ? [text] : [];
}

/** Those for whom the buttons are get a card of their own by itself; where that fails, they can ask for it. */
function refreshed({ reserved }: Card, { addressOf }: RenderOptions): object {
  const addresses = (reserved?.people ?? []).flatMap((person) => addressOf(person) ?? []);
  const userIds = [...new Set(addresses)].filter(({ length }) => length > 0 && length <= MAX_ADDRESS);
  if (!reserved || userIds.length === 0) return {};
  return { refresh: refresh(reserved.about, userIds.slice(0, MAX_REFRESHED)) };
}

function lookButton({ reserved, actions, body }: Card): Element[] {
  const all = [...actions, ...body.flatMap((element) => (element.kind === 'actions' ? element.actions : []))];
  if (!reserved || all.length === 0) return [];
  const decide = all.some(({ verb }) => verb === 'approve');
  const look = decide ? titled('Decide', 'primary') : titled('What I can do');
  return [{ type: 'ActionSet', actions: [lookAction(look, reserved.about)] }];
}

/** One line, such as an entry of a card's timeline or an answer. */
export function renderLine(
  line: Line,
  options: Pick<RenderOptions, 'addressOf'> & { marker?: string },
): AdaptiveCard {
  const rendered = [FULL, TIGHT].map((budget) => {
    const mentions = createMentions(options.addressOf, budget.mentions);
    const text = textElement(line, budget.line, mentions) ?? textElement(['…'], 1, mentions);
    const fallbackText = fallback(toPlainText(line));
    return adaptiveCard(withMarker(text ? [text] : [], options.marker), { fallbackText, mentions });
  });
  return rendered.find(fits) ?? renderLine([cut(toPlainText(line), TIGHT.line)], options);
}

/** One card, for a personal chat. */
export function renderHome(home: Home, options: RenderOptions): AdaptiveCard {
  const mentions = createMentions(options.addressOf, TIGHT.mentions);
  const body = [...noteElements(options.note, HOME, mentions), ...ownActions(home.actions, options)];
  for (const [index, section] of home.sections.entries()) {
    // Those that come later keep their share, and what earlier ones leave is theirs too.
    const room = (MAX_HOME_BODY - weightOf(body)) / (home.sections.length - index);
    body.push(...sectionElements(section, room, options));
  }
  return adaptiveCard(withMarker(body, options.marker), { fallbackText: 'Curfew', mentions });
}

function sectionElements(section: Home['sections'][number], room: number, options: ActionOptions): Element[] {
  const heading = { ...plainLine(section.title, { size: 'Medium', weight: 'Bolder' }), separator: true };
  const elements: Element[] = [{ ...heading, spacing: 'Large' }];
  if (section.cards.length === 0) return [...elements, plainLine(section.empty, { isSubtle: true })];
  for (const [index, card] of section.cards.entries()) {
    const next = homeCard(card, options);
    if (weightOf([elements, next]) > room) {
      return [...elements, plainLine(`… and ${section.cards.length - index} more, which do not fit here.`)];
    }
    elements.push(next);
  }
  return elements;
}

/** No header of its own, so that the sections stand out. Personal, so everything can be pressed. */
function homeCard(card: Card, options: ActionOptions): Element {
  const mentions = createMentions(() => null, 0);
  const items = [
    plainLine(toneTitle(card.tone, card.title), { weight: 'Bolder' }),
    ...bodyElements(card.body, HOME, mentions, options),
    ...ownActions(card.actions, options),
    ...footerElements(card.footer, HOME),
  ];
  return { type: 'Container', spacing: 'Medium', items };
}

function plainLine(text: string, look: Parameters<typeof textElement>[3] = {}): Element {
  const mentions = createMentions(() => null, 0);
  return textElement([text.trim() || '…'], 200, mentions, look) ?? { type: 'RichTextBlock', inlines: ['…'] };
}

/** Plain text for notifications (`activity.summary`). */
export function summaryOf(card: Card): string {
  return cut(card.summary.trim() || card.title.trim(), MAX_SUMMARY) || '…';
}

export { toPlainText };

/** A client that cannot show the card reads this as markdown. */
function fallback(text: string): string {
  return withPlainStart(inertMarkdown(cut(text, MAX_SUMMARY))) || '…';
}

/** Teams lets nobody search for it; it tells whoever looks at a card which one it is. */
function withMarker(body: readonly Element[], marker: string | undefined): readonly Element[] {
  const [first, ...rest] = body;
  return marker && first ? [{ ...first, id: cut(marker, MAX_ADDRESS) }, ...rest] : body;
}

export function adaptiveCard(
  body: readonly Element[],
  { mentions, ...rest }: { fallbackText: string; mentions?: Mentions; refresh?: unknown; actions?: unknown },
): AdaptiveCard {
  const entities = mentions?.entities ?? [];
  return {
    type: 'AdaptiveCard',
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    version: SCHEMA_VERSION,
    ...rest,
    body,
    ...(entities.length > 0 ? { msteams: { entities } } : {}),
  };
}

export function fits(card: AdaptiveCard): boolean {
  return weightOf(card) <= MAX_CARD_BYTES;
}
