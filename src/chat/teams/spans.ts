/**
 * Lines of the card model as Adaptive Card text. A RichTextBlock takes what people typed as it is; a
 * TextBlock stands only where somebody is mentioned, since Teams has mentions nowhere else:
 * https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/cards-format#mention-support-within-adaptive-cards
 */
import type { Line, PersonRef, Span } from '../card.ts';
import { createSpanWords } from '../span-words.ts';
import { clean, cut, inert, inertMarkdown, withPlainStart } from './text.ts';

export interface Element {
  readonly type: string;
  readonly [key: string]: unknown;
}

/** `text` stands in a TextBlock, letter by letter. */
export interface Mention {
  readonly type: 'mention';
  readonly text: string;
  readonly mentioned: { readonly id: string; readonly name: string };
}

/** Whom a card mentions: filled while its lines are written. */
export interface Mentions {
  /** `<at>name</at>`; null: shown by name alone. */
  of(span: Span): string | null;
  readonly entities: readonly Mention[];
}

export interface TextLook {
  readonly size?: 'Small' | 'Medium';
  readonly isSubtle?: true;
  readonly weight?: 'Bolder';
  readonly color?: 'Attention';
}

const MAX_URL = 2000;
const MAX_NAME = 64;
/** `29:…` of the bot, or an Entra object id. */
const ADDRESS = /^[\w:.@-]{1,200}$/;
/** What a run weighs at least, so that thousands of one letter each are bounded too. */
const RUN = 10;

const { spanText, toPlainText } = createSpanWords(clean);

export { toPlainText };

/** At most `most` people, each once; of two with one name only the first, as Teams tells them apart by it. */
export function createMentions(addressOf: (person: PersonRef) => string | null, most: number): Mentions {
  const entities: Mention[] = [];
  return {
    entities,
    of(span) {
      if (typeof span === 'string' || !('person' in span)) return null;
      const { person } = span;
      const id = person.platform === 'teams' ? (addressOf(person) ?? person.userId) : '';
      if (!ADDRESS.test(id)) return null;
      const name = inertMarkdown(cut(person.name, MAX_NAME)).trim() || 'somebody';
      const text = `<at>${name}</at>`;
      const known = entities.find((entity) => entity.text === text);
      if (known) return known.mentioned.id === id ? text : null;
      if (entities.length >= most) return null;
      entities.push({ type: 'mention', text, mentioned: { id, name } });
      return text;
    },
  };
}

/** One line of text of at most `max` characters; null where there is nothing to show. */
export function textElement(
  line: Line,
  max: number,
  mentions: Mentions,
  look: TextLook = {},
): Element | null {
  const mentioned = line.map((span) => mentions.of(span));
  if (mentioned.some((mention) => mention !== null)) {
    return { type: 'TextBlock', text: toMarkdown(line, mentioned, max), wrap: true, ...look };
  }
  const inlines = toTextRuns(line, max, look);
  return inlines.length === 0 ? null : { type: 'RichTextBlock', inlines };
}

/** Plain neighbours share a run. At most `max` characters; what does not fit is replaced by `…`. */
export function toTextRuns(line: Line, max: number, look: TextLook = {}): Element[] {
  const runs: Element[] = [];
  let left = max;
  for (const span of joined(line)) {
    if (left <= 0) break;
    const run = textRun(span, left);
    if (!run) continue;
    runs.push({ ...look, ...run });
    left -= Math.max(RUN, weight(span));
  }
  return runs;
}

function joined(line: Line): Span[] {
  const spans: Span[] = [];
  for (const span of line) {
    const plain = typeof span === 'string' || 'person' in span;
    const last = spans.at(-1);
    if (plain && typeof last === 'string') spans[spans.length - 1] = last + spanText(span);
    else spans.push(plain ? spanText(span) : span);
  }
  return spans;
}

function textRun(span: Span, max: number): Element | null {
  if (typeof span === 'object' && 'at' in span) return { type: 'TextRun', text: localised(span) };
  const text = inert(cut(spanText(span), max));
  if (text === '') return null;
  const run = { type: 'TextRun', text };
  if (typeof span === 'string') return run;
  if ('bold' in span) return { ...run, weight: 'Bolder' };
  if ('code' in span) return { ...run, fontType: 'Monospace' };
  const url = 'link' in span ? webUrl(span.link) : null;
  if (url === null || url.length > max) return run;
  return { ...run, color: 'Accent', underline: true, selectAction: { type: 'Action.OpenUrl', url } };
}

/** Whole spans only; a mention is never cut. */
function toMarkdown(line: Line, mentioned: readonly (string | null)[], max: number): string {
  let written = '';
  let left = max;
  for (const [index, span] of line.entries()) {
    const mention = mentioned[index];
    if (left > 0) written += mention ?? markdownSpan(span, left);
    else if (mention) written += ` ${mention}`;
    left -= weight(span);
  }
  return withPlainStart(written);
}

function markdownSpan(span: Span, max: number): string {
  if (typeof span === 'object' && 'at' in span) return localised(span);
  const text = inertMarkdown(cut(spanText(span), max));
  if (text.trim() === '' || typeof span === 'string') return text;
  if ('bold' in span) return `**${text.trim()}**`;
  const url = 'link' in span ? webUrl(span.link) : null;
  return url === null || url.length > max ? text : `[${text}](${url})`;
}

function weight(span: Span): number {
  if (typeof span === 'object' && 'at' in span) return 30;
  const { length } = spanText(span);
  return typeof span === 'object' && 'link' in span ? length + span.link.length : length;
}

/**
 * In the reader's own zone and language. Written to the second: the clients refuse fractions. A card cannot
 * know whether it is read today, so a time always has its day.
 */
function localised({ at, style }: Extract<Span, { at: Date }>): string {
  const second = `${at.toISOString().slice(0, 19)}Z`;
  if (style === 'date') return `{{DATE(${second}, SHORT)}}`;
  return `{{TIME(${second})}} on {{DATE(${second}, COMPACT)}}`;
}

/** A web address in which nothing can end a markdown link or begin a macro; null for any other. */
function webUrl(link: string): string | null {
  if (link.length > MAX_URL || !/^https?:\/\//.test(link) || !URL.canParse(link)) return null;
  const { href } = new URL(link);
  return href.replace(
    /[()[\]{}<>*_~`\\|^]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
