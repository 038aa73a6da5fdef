/** What somebody said to the bot, as text: its own mention taken out, other people as `<@29:…|Name>`. */
import type { Activity, Mention } from './activity.ts';

const NAMED: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
};

/** Bounded, so that no text takes long to read. */
const NAME_TAG = /<at(?:\s[^<>]{0,200})?>([^<>]{0,500})<\/at>/gi;
const BLOCK_QUOTE = /(<\/?blockquote(?:\s[^<>]{0,1000})?>)/i;
const PLACEHOLDER = /<(quoted|attachment)\s[^<>]{0,500}>(?:<\/\1>)?/gi;

/** Whether the bot itself is meant. In channels and group chats nothing else is said to it. */
export function mentionsBot(activity: Activity): boolean {
  return mentions(activity).some(({ mentioned }) => mentioned.id === activity.recipient.id);
}

/**
 * Without the bot's name, what the message quotes and a leading `elevate`. Teams sends text with HTML's
 * entities, and names as `<at>…</at>`: only what it lists as a mention is one, so that nobody can type one.
 * https://learn.microsoft.com/microsoftteams/platform/bots/how-to/conversations/channel-and-group-conversations
 */
export function readWords(activity: Activity): string {
  let pieces: (string | Mention)[] = [withoutQuotes(activity.text ?? '')];
  for (const mention of mentions(activity)) {
    const found = find(mention, pieces, activity.recipient);
    if (!found) continue;
    const { at, before, rest } = found;
    pieces = [...pieces.slice(0, at), before, mention, rest, ...pieces.slice(at + 1)];
  }
  return pieces
    .map((piece) => {
      if (typeof piece === 'string') return decode(piece);
      return piece.mentioned.id === activity.recipient.id ? ' ' : ` ${person(piece)} `;
    })
    .join('')
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/^\/?elevate(?=\s|$)/i, '')
    .trim();
}

/** Where somebody is mentioned: by the mention's own text, or where it has none, by their name. */
function find(
  { text, mentioned }: Mention,
  pieces: readonly (string | Mention)[],
  bot: Activity['recipient'],
) {
  const name = mentioned.name ?? (mentioned.id === bot.id ? bot.name : null);
  for (const [at, piece] of pieces.entries()) {
    if (typeof piece !== 'string') continue;
    const written = text && piece.includes(text) ? text : nameTag(piece, name);
    if (!written) continue;
    const start = piece.indexOf(written);
    return { at, before: piece.slice(0, start), rest: piece.slice(start + written.length) };
  }
  return null;
}

function nameTag(piece: string, name: string | null | undefined): string | undefined {
  const same = (other: string) => other.trim().toLowerCase() === name?.trim().toLowerCase();
  return [...piece.matchAll(NAME_TAG)].find(([, inside = '']) => same(decode(inside)))?.[0];
}

/**
 * A message that answers another one stands behind a placeholder for it, or behind the whole of it. Typed by a
 * person these would arrive as `&lt;quoted…`.
 * https://learn.microsoft.com/microsoftteams/platform/teams-sdk/essentials/sending-messages/overview
 */
function withoutQuotes(text: string): string {
  let depth = 0;
  const own = text.split(BLOCK_QUOTE).filter((piece) => {
    if (/^<blockquote/i.test(piece)) depth += 1;
    else if (/^<\/blockquote/i.test(piece)) depth = Math.max(0, depth - 1);
    else return depth === 0;
    return false;
  });
  return own.join(' ').replace(PLACEHOLDER, ' ');
}

/** One word, as the grammar wants it. */
function person({ mentioned }: Mention): string {
  const name = (mentioned.name ?? '').replace(/[<>|]/g, '').trim().replace(/\s+/g, '-');
  return `<@${mentioned.id}|${name}>`;
}

function mentions({ entities }: Activity): Mention[] {
  return (entities ?? []).flatMap((entity) => (entity?.type === 'mention' ? [entity] : []));
}

/** Once only: what a person typed as `&lt;` arrives as `&amp;lt;`. */
function decode(text: string): string {
  return text.replace(
    /&(?:#(\d{1,7})|([a-z]{2,4}));/gi,
    (all: string, code: string | undefined, name: string | undefined) => {
      if (name !== undefined) return NAMED[name.toLowerCase()] ?? all;
      return Number(code) >= 32 && Number(code) <= 0x10ffff ? String.fromCodePoint(Number(code)) : ' ';
    },
  );
}
