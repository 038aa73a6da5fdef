/** Which words are a source's own: anything else would take people's tickets for its incidents. */
import { lowerAscii } from '../../domain/text.ts';

const MAX_WORD = 2_000;
const ID = /^[A-Za-z0-9][A-Za-z0-9._~-]{0,149}$/;

export interface Names {
  /** Null: not its own. A number in the source's spelling, or a link without what does not matter. */
  recognise(word: string): string | null;
  /** The key or number in a recognised name. */
  idIn(name: string): string;
}

/** @param numbers how numbers or keys begin. @param links what links begin with, before a number or key. */
export function createNames({
  numbers,
  links,
}: {
  readonly numbers: readonly string[];
  readonly links: readonly string[];
}): Names {
  const numberIn = (word: string) => first(numbers, (start) => numberFrom(word, start));
  const linkIn = (word: string) => first(links, (base) => linkFrom(word, base));
  return {
    recognise: (word) => {
      if (word.length > MAX_WORD || /\s/u.test(word)) return null;
      const link = linkIn(word);
      return link ? (numberIn(link.id) ?? link.name) : numberIn(word);
    },
    idIn: (name) => linkIn(name)?.id ?? name,
  };
}

/** `ops-12` → `OPS-12` where numbers begin with `OPS-`. */
function numberFrom(word: string, start: string): string | null {
  const rest = word.slice(start.length);
  return lowerAscii(word).startsWith(lowerAscii(start)) && ID.test(rest) ? `${start}${rest}` : null;
}

/** `https://status.acme.test/i/x7?tab=1` → `x7` where links begin with `https://status.acme.test/i`. */
function linkFrom(word: string, base: string): { name: string; id: string } | null {
  if (!URL.canParse(word)) return null;
  const [link, from] = [new URL(word), new URL(base)];
  const path = from.pathname.replace(/\/*$/, '/');
  if (link.origin !== from.origin || !link.pathname.startsWith(path)) return null;
  const id = link.pathname.slice(path.length).split('/')[0] ?? '';
  return ID.test(id) ? { name: `${from.origin}${path}${id}`, id } : null;
}

function first<T, R>(all: readonly T[], find: (each: T) => R | null): R | null {
  for (const each of all) {
    const found = find(each);
    if (found !== null) return found;
  }
  return null;
}
