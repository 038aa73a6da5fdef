/** The words of a line alone: for notifications, for counting, and where a platform has no better. */
import type { Line, Span } from './card.ts';

/** `clean`: the platform's own, for what people typed. Dates in UTC. */
export function createSpanWords(clean: (text: string) => string) {
  function wordsOf(span: Span): string {
    if (typeof span === 'string') return clean(span);
    if ('bold' in span) return clean(span.bold);
    if ('code' in span) return clean(span.code);
    if ('person' in span) return clean(span.person.name);
    if ('link' in span) return clean(span.text);
    const iso = span.at.toISOString();
    return span.style === 'date' ? iso.slice(0, 10) : `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`;
  }

  return { spanText: wordsOf, toPlainText: (line: Line): string => line.map(wordsOf).join('') };
}
