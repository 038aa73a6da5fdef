/**
 * Reads the bodies of requests whose senders nobody knows yet. One body is bounded, and so are all of them
 * together, so that senders who never finish cannot use up the memory that revocations need. Where there is
 * too much, the oldest that is not finished makes room: what is sent in earnest is here at once.
 */
import type { IncomingMessage } from 'node:http';

export interface BodyLimits {
  /** Of one body, bytes. */
  readonly most: number;
  /** Of all bodies that are being read, bytes. */
  readonly mostAtOnce: number;
}

export type Body =
  | { readonly kind: 'read'; readonly bytes: Buffer }
  /** `broken-off`: the sender went away, or sent less than it had announced. */
  | { readonly kind: 'too-large' | 'busy' | 'broken-off' };

/** What is still read, and thrown away, of a body that is refused, so that the sender gets to see the answer. */
const MAX_DISCARDED_BYTES = 16 * 1024 * 1024;
/** About what Node keeps for a piece, however short: a body may come byte by byte. */
const PIECE_BYTES = 256;

/** The reader closes the connection of who goes on beyond what is thrown away. It never rejects. */
export function createBodyReader({
  most,
  mostAtOnce,
}: BodyLimits): (request: IncomingMessage) => Promise<Body> {
  let held = 0;
  /** Gives up what each of them holds; oldest first. */
  const unfinished = new Set<() => void>();

  function makeRoom(cost: number, mine: () => void): void {
    for (const giveUp of unfinished) {
      // Whoever came later is not made to wait for this one.
      if (giveUp === mine || held + cost <= mostAtOnce) return;
      giveUp();
    }
  }

  return async (request) => {
    const pieces: Buffer[] = [];
    let refused: 'too-large' | 'busy' | null = null;
    let size = 0;
    let holds = 0;
    const letGo = () => {
      pieces.length = 0;
      held -= holds;
      holds = 0;
    };
    const giveUp = () => {
      refused ??= 'busy';
      letGo();
      unfinished.delete(giveUp);
    };
    unfinished.add(giveUp);
    try {
      for await (const piece of request as AsyncIterable<Buffer>) {
        size += piece.length;
        if (size > MAX_DISCARDED_BYTES) break;
        const cost = piece.length + PIECE_BYTES;
        if (size > most) refused = 'too-large';
        else if (!refused) makeRoom(cost, giveUp);
        if (!refused && held + cost > mostAtOnce) refused = 'busy';
        if (refused) {
          letGo();
          continue;
        }
        held += cost;
        holds += cost;
        pieces.push(piece);
      }
      if (refused) return { kind: refused };
      return request.complete ? { kind: 'read', bytes: Buffer.concat(pieces) } : { kind: 'broken-off' };
    } catch {
      return { kind: 'broken-off' };
    } finally {
      unfinished.delete(giveUp);
      letGo();
    }
  };
}
