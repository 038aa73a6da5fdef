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

/** Whether the bot itself is meant. In channels and group chats nothing else is said to it. */
export function mentionsBot(activity: Activity): boolean {
  return mentions(activity).some(({ mentioned }) => mentioned.id === activity.recipient.id);
}

/**
 * Without the bot's name and a leading `elevate`. Teams sends text with HTML's entities, and names as
 * `<at>…</at>`: only what it lists as a mention is one, so that nobody can type one.
 * https://learn.microsoft.com/microsoftteams/platform/bots/how-to/conversations/channel-and-group-conversations
 */
export function readWords(activity: Activity): string {
  let pieces: (string | Mention)[] = [activity.text ?? ''];
  for (const mention of mentions(activity)) {
    const at = pieces.findIndex((piece) => typeof piece === 'string' && piece.includes(mention.text));
    const piece = pieces[at];
    if (typeof piece !== 'string') continue;
    const start = piece.indexOf(mention.text);
    const rest = piece.slice(start + mention.text.length);
    pieces = [...pieces.slice(0, at), piece.slice(0, start), mention, rest, ...pieces.slice(at + 1)];
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
