/**
 * What people typed, made safe for Adaptive Cards. A TextRun and a label are plain but for the date macros; a
 * TextBlock reads markdown and mentions and has no switch that turns them off:
 * https://learn.microsoft.com/adaptive-cards/authoring-cards/text-features,
 * https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/cards-format.
 */

/** Shown as nothing, and parts what would have a meaning together. */
const JOINER = '\u2060';

/**
 * What the clients of Teams read as markup, as look-alikes. Not backslashes or entities: each client has a
 * markdown reader of its own, and they disagree about those.
 */
const LOOK_ALIKES: Readonly<Record<string, string>> = {
  '*': '∗',
  _: 'ˍ',
  '~': '∼',
  '`': 'ˋ',
  '[': '［',
  ']': '］',
  '<': '‹',
  '>': '›',
  '&': '＆',
  '\\': '∖',
};

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/**
 * Without control characters, half characters and invisible format characters, which can make a card read
 * as something else than it says; the joiners that emoji and several scripts need stay. Line ends become `\n`.
 */
export function clean(text: string): string {
  return text
    .replace(/\r\n?|[\u2028\u2029]/g, '\n')
    .replaceAll('\t', ' ')
    .replace(/\p{Cs}|(?!\n)\p{Cc}|(?![\u200c\u200d])\p{Cf}/gu, '');
}

/** Clean, and at most `max` UTF-16 units, cut between characters as a reader sees them, with `…` where it was cut. */
export function cut(text: string, max: number): string {
  const whole = clean(text);
  if (whole.length <= max) return whole;
  if (max < 1) return '';
  const boundary = graphemes.segment(whole.slice(0, max + 1)).containing(max - 1)?.index ?? 0;
  return `${whole.slice(0, boundary).trimEnd()}…`;
}

/** For TextRuns, labels and titles: no `{{DATE(…)}}` of their own, and nothing that looks like a mention. */
export function inert(text: string): string {
  return clean(text)
    .replace(/\{(?=\{)/g, `{${JOINER}`)
    .replace(/<(?=\/?at\b)/gi, `<${JOINER}`);
}

/** For TextBlocks: one line, in which nothing is formatted, linked, mentioned or counted. */
export function inertMarkdown(text: string): string {
  return inert(text)
    .replace(/\s+/g, ' ')
    .replace(/[*_~`[\]<>&\\]/g, (character) => LOOK_ALIKES[character] ?? character)
    .replaceAll('//', '∕∕')
    .replace(/\.(?=[\p{L}\p{N}])/gu, '․');
}

/** A TextBlock's whole text, whose first character then begins no list, heading, quotation or rule. */
export function withPlainStart(markdown: string): string {
  const text = markdown.trimStart();
  return /^(\p{L}|<at>|\{\{)/u.test(text) ? text : `${JOINER}${text}`;
}

/** UTF-8 bytes of a value as JSON. */
export function weightOf(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value), 'utf8');
}
