/** Small words that many cards share: lists, names, lengths, and what a target said. */
import type { PrincipalRow } from '../../../db/principals.ts';
import { durationInWords } from '../../domain/duration.ts';
import { nameWithMail } from '../../domain/person-name.ts';
import { cleanText } from '../../domain/text.ts';
import type { CardElement, Line, PersonRef, Span } from '../card.ts';

export const NAME_MAX = 60;
/** A name with its mail address. */
const WHO_MAX = 130;
const ERROR_MAX = 200;

export function says(...line: Span[]): CardElement {
  return { kind: 'line', line };
}

/** One line of at most `max` characters, `…` where it was cut. */
export function short(text: string, max: number): string {
  const characters = [...cleanText(text)];
  return characters.length <= max ? characters.join('') : `${characters.slice(0, max - 1).join('')}…`;
}

/** Beside a name that is not that of its mail address, the address stands too. */
export function nameOf({ name, email }: { readonly name: string; readonly email?: string }): string {
  return email === undefined ? short(name, WHO_MAX) : nameWithMail({ name, email });
}

/** As the platform of the card knows them; whoever is not known there is named and cannot be mentioned. */
export function personOf(principal: PrincipalRow, people: ReadonlyMap<string, PersonRef>): Span {
  const known = people.get(principal.email);
  const name = short(principal.name, NAME_MAX);
  return known ? { person: { ...known, name } } : name;
}

/** `a`, `a and b`, `a, b and c`; beyond `max`, `a, b and 7 more`. */
export function listed(items: readonly Span[], { max = 10, last = ' and ' } = {}): Line {
  const shown = items.slice(0, max);
  const more = items.length - shown.length;
  const all: Span[] = more > 0 ? [...shown, `${more} more`] : shown;
  return all.flatMap((item, index) => {
    if (index === 0) return [item];
    return [index === all.length - 1 ? last : ', ', item];
  });
}

/** As `listed`, for plain words. */
export function listedWords(items: readonly string[], max = 10): string {
  return listed(items, { max }).join('');
}

/** What a connector said, to stand after its name: `cannot be reached`. */
export function trouble(connector: string, message: string): string {
  const text = cleanText(message);
  const own = text.startsWith(`${connector} `) || text.startsWith(`${connector}:`);
  const rest = own ? text.slice(connector.length).replace(/^[:\s]+/, '') : text;
  return short(rest, ERROR_MAX).replace(/[.\s]+$/, '') || 'failed';
}

/** `3 s later`, `within a second`. */
export function laterInWords(seconds: number): string {
  return seconds < 1 ? 'within a second' : `${durationInWords(Math.floor(seconds))} later`;
}

/** With a full stop at the end. */
export function stopped(text: string): string {
  return /[.!?…]$/.test(text) ? text : `${text}.`;
}

/** With a capital at the beginning and a full stop at the end. */
export function sentence(text: string): string {
  const first = [...text][0] ?? '';
  return stopped(first.toUpperCase() + text.slice(first.length));
}
