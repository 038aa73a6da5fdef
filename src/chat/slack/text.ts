/**
 * What people typed, made safe for Slack's text objects. Slack decodes exactly `&amp;`, `&lt;` and `&gt;`
 * and reads `<…>` as mentions and links: https://docs.slack.dev/messaging/formatting-message-text.
 */

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };
const FORMATTING: Readonly<Record<string, string>> = { '*': '∗', '~': '∼', '`': 'ˋ', _: 'ˍ' };

/** C0 and C1 controls but tab and newline, and the bidirectional controls that can reorder what follows. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: taking them out is the point
const CONTROLS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** Without control characters; line ends become `\n`. */
export function clean(text: string): string {
  return text.replaceAll('\r\n', '\n').replace(CONTROLS, '');
}

function escapeEntities(text: string): string {
  return clean(text).replace(/[&<>]/g, (character) => ENTITIES[character] ?? character);
}

/** At most `max` UTF-16 units, cut between characters as a reader sees them, with `…` where it was cut. */
export function cut(text: string, max: number): string {
  return cutBy(clean(text), max, (piece) => piece.length);
}

/** Escaped, and at most `max` units long as escaped; never a cut entity. */
export function escapeWithin(text: string, max: number): string {
  return escapeEntities(cutBy(clean(text), max, (piece) => escapeEntities(piece).length));
}

/**
 * For mrkdwn, which has no escape for `*_~` and `:emoji:`: they become look-alikes that Slack does not
 * read as formatting. An underscore inside a word is left alone, as Slack does.
 */
export function escapeMrkdwnWithin(text: string, max: number): string {
  const inert = clean(text)
    .replace(
      /[*~`]|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu,
      (character) => FORMATTING[character] ?? character,
    )
    .replace(/:(?=[\w+'-]+:)/g, '꞉');
  return escapeWithin(inert, max);
}

function cutBy(text: string, max: number, size: (piece: string) => number): string {
  if (size(text.slice(0, max + 1)) <= max && text.length <= max) return text;
  let kept = '';
  let used = 1;
  for (const { segment } of graphemes.segment(text.slice(0, max + 1))) {
    used += size(segment);
    if (used > max) break;
    kept += segment;
  }
  return max < 1 ? '' : `${kept.trimEnd()}…`;
}
