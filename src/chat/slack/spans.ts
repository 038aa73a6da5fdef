/**
 * Lines of the card model as Slack's rich text, where what people typed is data and never syntax: no
 * mention, link, emoji or bold can be typed into it. Only small print has to be mrkdwn.
 * https://docs.slack.dev/reference/block-kit/blocks/rich-text-block
 */
import type { types } from '@slack/bolt';
import type { Line, PersonRef, Span } from '../card.ts';
import { createSpanWords } from '../span-words.ts';
import { clean, cut, escapeMrkdwnWithin } from './text.ts';

type At = Extract<Span, { at: Date }>;

const SLACK_USER = /^[UW][A-Z0-9]{2,}$/;
const MAX_URL = 2000;

const { spanText, toPlainText } = createSpanWords(clean);

export { toPlainText };

/** At most `max` characters of text; what does not fit is replaced by `…`. */
export function toRichText(line: Line, max: number): types.RichTextElement[] {
  const elements: types.RichTextElement[] = [];
  let left = max;
  for (const span of line) {
    if (left <= 0) break;
    const element = richElement(span, left);
    if (!element) continue;
    elements.push(element);
    left -= spanText(span).length;
  }
  return elements;
}

function richElement(span: Span, max: number): types.RichTextElement | null {
  if (typeof span === 'object' && 'person' in span && isMentionable(span.person)) {
    return { type: 'user', user_id: span.person.userId };
  }
  if (typeof span === 'object' && 'at' in span) {
    return { type: 'date', timestamp: unix(span.at), format: dateFormat(span), fallback: spanText(span) };
  }
  const text = cut(spanText(span), max);
  if (text === '') return null;
  if (typeof span === 'object' && 'bold' in span) return { type: 'text', text, style: { bold: true } };
  if (typeof span === 'object' && 'code' in span) return { type: 'text', text, style: { code: true } };
  if (typeof span === 'object' && 'link' in span && isWebUrl(span.link)) {
    return { type: 'link', url: span.link, text };
  }
  return { type: 'text', text };
}

/** For context blocks, the only small text that Slack has. At most `max` characters, whole spans only. */
export function toMrkdwn(line: Line, max: number): string {
  let written = '';
  for (const span of line) {
    const left = max - written.length;
    const piece = mrkdwnSpan(span, left);
    if (piece.length > left) break;
    written += piece;
  }
  return written;
}

function mrkdwnSpan(span: Span, max: number): string {
  if (typeof span === 'object' && 'person' in span && isMentionable(span.person)) {
    return `<@${span.person.userId}>`;
  }
  if (typeof span === 'object' && 'at' in span) {
    return `<!date^${unix(span.at)}^${dateFormat(span)}|${spanText(span)}>`;
  }
  const text = escapeMrkdwnWithin(spanText(span), Math.max(0, max - 2));
  if (text === '') return '';
  if (typeof span === 'object' && 'bold' in span) return `*${text}*`;
  if (typeof span === 'object' && 'code' in span) return `\`${text.replaceAll('\n', ' ')}\``;
  if (typeof span === 'object' && 'link' in span && isWebUrl(span.link)) {
    const href = new URL(span.link).href.replaceAll('|', '%7C').replaceAll('&', '&amp;');
    return `<${href}|${text.replaceAll('|', '¦')}>`;
  }
  return text;
}

/** Slack cannot leave the day out when it is today, so a time always has "today" or its day before it. */
function dateFormat({ style }: At): string {
  return style === 'date' ? '{date_short_pretty}' : '{date_short_pretty} {time}';
}

function unix(at: Date): number {
  return Math.floor(at.getTime() / 1000);
}

function isMentionable(person: PersonRef): boolean {
  return person.platform === 'slack' && SLACK_USER.test(person.userId);
}

function isWebUrl(url: string): boolean {
  return url.length <= MAX_URL && /^https?:\/\//.test(url) && URL.canParse(url);
}
