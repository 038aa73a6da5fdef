/** Slack's mrkdwn as a list of pieces to draw. Pure; nothing in it is ever read as HTML. */

export type Piece =
  | { readonly kind: 'text'; readonly text: string; readonly style: Style }
  | { readonly kind: 'user'; readonly id: string }
  | { readonly kind: 'channel'; readonly id: string; readonly label: string | null }
  | { readonly kind: 'link'; readonly url: string; readonly text: string }
  | { readonly kind: 'date'; readonly timestamp: number; readonly format: string; readonly fallback: string };

export interface Style {
  readonly bold?: boolean;
  readonly italic?: boolean;
  readonly strike?: boolean;
  readonly code?: boolean;
}

const ENTITIES: Readonly<Record<string, string>> = { '&lt;': '<', '&gt;': '>', '&amp;': '&' };

/** Slack escapes three characters, in plain text as in mrkdwn. */
export function unescaped(text: string): string {
  return text.replace(/&(?:lt|gt|amp);/g, (entity) => ENTITIES[entity] ?? entity);
}

/** Only https links are ever made into links. */
export function safeUrl(url: string): string | null {
  return URL.canParse(url) && new URL(url).protocol === 'https:' ? url : null;
}

export function parseMrkdwn(text: string): Piece[] {
  const pieces: Piece[] = [];
  let from = 0;
  for (const match of text.matchAll(/<([^<>\n]+)>/g)) {
    pieces.push(...styled(text.slice(from, match.index)), control(match[1] ?? ''));
    from = match.index + match[0].length;
  }
  return [...pieces, ...styled(text.slice(from))];
}

/** What stands between `<` and `>`: `@U1`, `#C1|dba`, `!date^…|…`, or a link. */
function control(inside: string): Piece {
  const bar = inside.indexOf('|');
  const target = bar < 0 ? inside : inside.slice(0, bar);
  const label = bar < 0 ? null : unescaped(inside.slice(bar + 1));
  if (target.startsWith('@')) return { kind: 'user', id: target.slice(1) };
  if (target.startsWith('#')) return { kind: 'channel', id: target.slice(1), label };
  if (target.startsWith('!date^')) {
    const [, timestamp, format = ''] = target.split('^');
    return { kind: 'date', timestamp: Number(timestamp), format, fallback: label ?? '' };
  }
  if (target.startsWith('!')) return plain(label ?? `@${target.slice(1)}`);
  const url = unescaped(target);
  return safeUrl(url) ? { kind: 'link', url, text: label ?? url } : plain(label ?? url);
}

const plain = (text: string): Piece => ({ kind: 'text', text, style: {} });

const MARKS = { '*': 'bold', _: 'italic', '~': 'strike', '`': 'code' } as const;
/** A mark counts where a word could begin or end, and does not reach over lines. */
const STYLED = /(?<![\p{L}\p{N}])([*_~`])(?=\S)([^\n]*?\S)\1(?![\p{L}\p{N}])/gu;

function styled(text: string, style: Style = {}): Piece[] {
  const pieces: Piece[] = [];
  let from = 0;
  const add = (end: number) => {
    if (end > from) pieces.push({ kind: 'text', text: unescaped(text.slice(from, end)), style });
  };
  for (const match of text.matchAll(STYLED)) {
    const mark = MARKS[match[1] as keyof typeof MARKS];
    const inside = match[2] ?? '';
    add(match.index);
    const inner = { ...style, [mark]: true };
    if (mark === 'code') pieces.push({ kind: 'text', text: unescaped(inside), style: inner });
    else pieces.push(...styled(inside, inner));
    from = match.index + match[0].length;
  }
  add(text.length);
  return pieces;
}
