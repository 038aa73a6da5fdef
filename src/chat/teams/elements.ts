/** The pieces that messages, forms and the home page share: header, bodies, small print. */
import { type CardElement, type Line, TONE_SYMBOL, type Tone } from '../card.ts';
import { type ActionOptions, actionSets } from './actions.ts';
import { createMentions, type Element, type Mentions, textElement } from './spans.ts';
import { cut } from './text.ts';

/** Longest line, quotation and footer, and most mentions; smaller ones are tried when a card is too heavy. */
export interface Budget {
  readonly line: number;
  readonly quote: number;
  readonly footer: number;
  readonly mentions: number;
}

const TONE_STYLE: Readonly<Record<Tone, string>> = {
  waiting: 'warning',
  working: 'accent',
  good: 'good',
  ended: 'emphasis',
  refused: 'attention',
  alarm: 'attention',
};

const MAX_TITLE = 150;
const MAX_LABEL = 100;
/** Wide enough for "Environment", narrow enough for a phone. */
const LABEL_WIDTH = '104px';

export function toneTitle(tone: Tone, title: string): string {
  return `${TONE_SYMBOL[tone]} ${cut(title, MAX_TITLE) || '…'}`;
}

export function header(tone: Tone, title: string, mentions: Mentions): Element {
  const look = { size: 'Medium', weight: 'Bolder' } as const;
  const text = textElement([toneTitle(tone, title)], MAX_TITLE + 5, mentions, look);
  return { type: 'Container', style: TONE_STYLE[tone], bleed: true, items: text ? [text] : [] };
}

/** A divider is a line above what follows it. `actions` null: nothing to press. */
export function bodyElements(
  body: readonly CardElement[],
  budget: Budget,
  mentions: Mentions,
  actions: ActionOptions | null,
): Element[] {
  const elements: Element[] = [];
  let divided = false;
  let previous: CardElement['kind'] | null = null;
  for (const element of body) {
    if (element.kind === 'divider') {
      divided = true;
      continue;
    }
    const [first, ...rest] = oneElement(element, budget, mentions, actions);
    if (!first) continue;
    const follows = previous === 'line' && element.kind === 'line';
    const apart = divided ? { separator: true, spacing: 'Medium' } : follows ? { spacing: 'Small' } : {};
    elements.push({ ...first, ...apart }, ...rest);
    divided = false;
    previous = element.kind;
  }
  return elements;
}

function oneElement(
  element: Exclude<CardElement, { kind: 'divider' }>,
  budget: Budget,
  mentions: Mentions,
  actions: ActionOptions | null,
): Element[] {
  switch (element.kind) {
    case 'line': {
      const text = textElement(element.line, budget.line, mentions);
      return text ? [text] : [];
    }
    case 'quote':
      return quote(element.text, budget.quote, mentions);
    case 'facts':
      return element.facts.map((fact, index) => factRow(fact, index > 0, budget, mentions));
    case 'actions':
      return actions ? actionSets(element.actions, actions) : [];
  }
}

/** In a box and in quotation marks, so that nobody's words are taken for Curfew's where boxes look alike. */
function quote(words: string, max: number, mentions: Mentions): Element[] {
  const said = cut(words.trim(), max).trim();
  const text = said === '' ? null : textElement([`“${said}”`], max + 2, mentions);
  return text ? [{ type: 'Container', style: 'emphasis', items: [text] }] : [];
}

/** Not a FactSet: its values read markdown. */
function factRow(
  fact: { readonly label: string; readonly value: Line },
  follows: boolean,
  budget: Budget,
  mentions: Mentions,
): Element {
  const label = textElement([cut(fact.label, MAX_LABEL)], MAX_LABEL, mentions, { isSubtle: true });
  const value = textElement(fact.value, budget.line, mentions);
  return {
    type: 'ColumnSet',
    ...(follows ? { spacing: 'Small' } : {}),
    columns: [
      { type: 'Column', width: LABEL_WIDTH, items: label ? [label] : [] },
      { type: 'Column', width: 'stretch', items: value ? [value] : [] },
    ],
  };
}

/** Calls nobody, and so shows mail addresses as they are, where a mention would make the line markdown. */
export function footerElements(footer: Line, budget: Budget): Element[] {
  const nobody = createMentions(() => null, 0);
  const text = textElement(footer, budget.footer, nobody, { size: 'Small', isSubtle: true });
  return text ? [text] : [];
}
