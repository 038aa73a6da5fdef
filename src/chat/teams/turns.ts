/**
 * One message at a time in each conversation, in order. After a 429 a conversation rests until Teams' wait is
 * over: whoever comes in the meantime is told how long, and nothing is sent.
 * https://learn.microsoft.com/microsoftteams/platform/bots/how-to/rate-limit
 */
import { ChatError } from '../port.ts';

/** Calls that wait for their turn in one conversation; one more is told to come again in a second. */
const MAX_WAITING = 100;
const MAX_RESTING = 5_000;
const THROTTLED = 'throttled';

export function createTurns({ realNow }: { realNow: () => number }) {
  const tails = new Map<string, { last: Promise<unknown>; waiting: number }>();
  const restUntil = new Map<string, number>();

  function assertRested(conversation: string): void {
    const left = (restUntil.get(conversation) ?? 0) - realNow();
    if (left > 0) throw later(THROTTLED, 'Teams wants a pause in this conversation.', left);
    restUntil.delete(conversation);
  }

  async function whenRested<T>(conversation: string, run: () => Promise<T>): Promise<T> {
    assertRested(conversation);
    return run();
  }

  return {
    async inTurn<T>(conversation: string, run: () => Promise<T>): Promise<T> {
      const tail = tails.get(conversation) ?? { last: Promise.resolve(), waiting: 0 };
      if (tail.waiting >= MAX_WAITING) throw later('busy', 'Too much at once in this conversation.', 1_000);
      const next = () => whenRested(conversation, run);
      const mine = tail.last.then(next, next);
      tail.last = mine;
      tail.waiting += 1;
      tails.set(conversation, tail);
      try {
        return await mine;
      } finally {
        tail.waiting -= 1;
        if (tail.waiting === 0) tails.delete(conversation);
      }
    },

    rest(conversation: string, seconds: number): void {
      // What is forgotten here, Teams says again.
      if (restUntil.size >= MAX_RESTING) restUntil.clear();
      restUntil.set(conversation, realNow() + seconds * 1000);
    },
  };
}

function later(code: string, message: string, leftMs: number): ChatError {
  return new ChatError('retry', code, message, { retryAfterS: Math.ceil(leftMs / 1000), outcomeKnown: true });
}
