/** What people typed, made safe to keep and to show. Escaping for a platform is the renderer's work. */

export const REASON_MAX = 500;

/**
 * One line of plain text: NFC, control characters and line ends as single spaces, and without invisible
 * format characters, since a bidi override could make a card read as something else than it says. The two
 * joiners stay: emoji and several scripts need them.
 */
export function cleanText(typed: string): string {
  return typed
    .replace(/\p{Cs}/gu, '')
    .normalize('NFC')
    .replace(/(?![\u200c\u200d])\p{Cf}/gu, '')
    .replace(/[\p{Cc}\p{Z}]+/gu, ' ')
    .trim();
}

/** A to Z as a to z, and nothing else: a Kelvin sign stays what it is, where `toLowerCase` makes it a `k`. */
export function lowerAscii(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

/** a to z as A to Z, and nothing else. */
export function upperAscii(text: string): string {
  return text.replace(/[a-z]+/g, (letters) => letters.toUpperCase());
}

export type ReasonParse =
  | { readonly ok: true; readonly reason: string }
  /** `reason` is what fits of it, for a form to start from. */
  | { readonly ok: false; readonly reason: string; readonly why: string };

/** A reason has 1 to 500 characters (code points), at least one of them visible. */
export function parseReason(typed: string): ReasonParse {
  const reason = cleanText(typed);
  if (!/[\p{L}\p{N}\p{P}\p{S}]/u.test(reason)) {
    return { ok: false, reason: '', why: 'Say why, in a few words.' };
  }
  const characters = [...reason];
  if (characters.length <= REASON_MAX) return { ok: true, reason };
  return {
    ok: false,
    reason: characters.slice(0, REASON_MAX).join(''),
    why: `The reason has ${characters.length} characters; at most ${REASON_MAX} fit. It was cut there.`,
  };
}
