/**
 * Turns at one target: so many calls at once, and whoever comes later waits. Ends come first, then grants,
 * then reads; within one kind it is first come, first served. Some places are kept for ends, so that no
 * number of reads or grants, however slow, makes an end wait for one of them.
 */

/** `end`: takes access away, or reads whether it is gone. `grant`: gives it. `read`: anything else. */
export type Urgency = 'end' | 'grant' | 'read';

const ORDER: readonly Urgency[] = ['end', 'grant', 'read'];

/** As many grants and reads may wait; one more is refused at once. Ends are never refused. */
const MOST_WAITING = 100;

/** No turn was given, and nothing was called. */
export class NoTurn extends Error {
  override readonly name = 'NoTurn';
}

export interface Turns {
  /** Resolves with what gives the turn back. Rejects with `NoTurn` where it cannot be waited for any longer. */
  take(urgency: Urgency, over: AbortSignal): Promise<() => void>;
  /** Whoever waits, or comes from now on, gets no turn. */
  close(): void;
}

/** How many of a target's places are kept for ends: a quarter, at least one, none where there is only one. */
export function keptForEnds(places: number): number {
  return places < 2 ? 0 : Math.ceil(places / 4);
}

export function createTurns({
  places,
  mostWaiting = MOST_WAITING,
}: {
  places: number;
  mostWaiting?: number;
}): Turns {
  const forOthers = places - keptForEnds(places);
  // A grant, too, does not wait for reads alone.
  const forReads = Math.max(1, forOthers - 1);
  const busy: Record<Urgency, number> = { end: 0, grant: 0, read: 0 };
  const waiting: Record<Urgency, Set<(turn: boolean) => void>> = {
    end: new Set(),
    grant: new Set(),
    read: new Set(),
  };
  let closed = false;

  function isFree(urgency: Urgency): boolean {
    const others = busy.grant + busy.read;
    if (busy.end + others >= places) return false;
    if (urgency === 'end') return true;
    return others < forOthers && (urgency === 'grant' || busy.read < forReads);
  }

  /** One turn that became free is given to one who waits: nobody else is woken for it. */
  function next(): void {
    for (const urgency of ORDER) {
      for (const give of waiting[urgency]) {
        if (!isFree(urgency)) break;
        waiting[urgency].delete(give);
        busy[urgency] += 1;
        give(true);
      }
    }
  }

  function giveBack(urgency: Urgency): () => void {
    let given = false;
    return () => {
      if (given) return;
      given = true;
      busy[urgency] -= 1;
      next();
    };
  }

  return {
    async take(urgency, over) {
      if (closed || over.aborted) throw new NoTurn();
      if (waiting[urgency].size === 0 && isFree(urgency)) {
        busy[urgency] += 1;
        return giveBack(urgency);
      }
      const isFull = waiting.grant.size + waiting.read.size >= mostWaiting;
      if (urgency !== 'end' && isFull) throw new NoTurn();
      const got = await new Promise<boolean>((resolve) => {
        const give = (turn: boolean) => {
          over.removeEventListener('abort', leave);
          resolve(turn);
        };
        const leave = () => {
          waiting[urgency].delete(give);
          resolve(false);
        };
        over.addEventListener('abort', leave, { once: true });
        waiting[urgency].add(give);
      });
      if (!got) throw new NoTurn();
      return giveBack(urgency);
    },

    close() {
      closed = true;
      for (const urgency of ORDER) {
        for (const give of waiting[urgency]) give(false);
        waiting[urgency].clear();
      }
    },
  };
}
