/** Ids of requests, short enough to say on a call: `R-7K3M`. */
import { upperAscii } from './text.ts';

/**
 * No character that looks or sounds like another (0 O, 1 I L), no vowels, so that no id is a word,
 * and no R, so that `R7K3M` can only mean `R-7K3M`.
 */
const ALPHABET = '23456789BCDFGHJKMNPQSTVWXYZ';
const SHORTEST = 4;
const LONGEST = 12;
const TRIES_PER_LENGTH = 2;

/** Random bytes, as `crypto.randomBytes` gives them. */
export type RandomBytes = (count: number) => Uint8Array;

/**
 * A new id. The ledger's unique constraint decides whether it is free; when it is not, call again with
 * `attempt` one higher: every second try is one character longer, so that ids grow only as they must.
 */
export function newRequestId(random: RandomBytes, attempt = 0): string {
  const length = Math.min(LONGEST, SHORTEST + Math.floor(attempt / TRIES_PER_LENGTH));
  // Bytes beyond the last whole multiple would favour the first characters.
  const fair = 256 - (256 % ALPHABET.length);
  let body = '';
  for (let round = 0; body.length < length; round++) {
    if (round > 1_000) throw new Error('the random source gives nothing usable');
    for (const byte of random(length)) {
      if (byte < fair && body.length < length) body += ALPHABET[byte % ALPHABET.length];
    }
  }
  return `R-${body}`;
}

const TYPED_ID = new RegExp(`^(?:R-?)?([${ALPHABET}]{${SHORTEST},${LONGEST}})$`);

/** What people type for an id (`r-7k3m`, `7K3M`, `` `R-7K3M`. ``) as the ledger has it; null when it is none. */
export function normaliseRequestId(typed: string): string | null {
  const bare = upperAscii(
    typed
      .slice(0, 40)
      .replace(/[\u2010-\u2015\u2212]/g, '-')
      .replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, ''),
  );
  const body = TYPED_ID.exec(bare)?.[1];
  return body ? `R-${body}` : null;
}
