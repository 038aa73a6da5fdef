/** Looks at what is really so again and again while anybody is there to see it. */
import { isDeepStrictEqual } from 'node:util';
import type { Log } from '../observability/log.ts';
import type { Truth } from './truth.ts';

export interface TruthWatch {
  /** As last read; null before the first time. */
  seen(): Truth | null;
  /** From now on there is something to look at; resolves after the first look. */
  begin(read: () => Promise<Truth>): Promise<void>;
  /** Resolves with the end of a look that is under way, or of a new one. Never rejects. */
  look(): Promise<void>;
  stop(): Promise<void>;
}

export interface TruthWatchOptions {
  /** Somebody looks on. */
  readonly wanted: () => boolean;
  readonly changed: () => void;
  readonly log: Log;
}

const EVERY_MS = 250;

export function createTruthWatch({ wanted, changed, log }: TruthWatchOptions): TruthWatch {
  let read: (() => Promise<Truth>) | null = null;
  let seen: Truth | null = null;
  let looking: Promise<void> | null = null;
  let troubled = false;
  let timer: NodeJS.Timeout | undefined;

  async function lookOnce(from: () => Promise<Truth>): Promise<void> {
    try {
      const now = await from();
      troubled = false;
      if (isDeepStrictEqual(now, seen)) return;
      seen = now;
      changed();
    } catch (err) {
      if (!troubled) log.warn({ err }, 'What is really so cannot be read; trying again');
      troubled = true;
    }
  }

  async function look(): Promise<void> {
    if (!read) return;
    looking ??= lookOnce(read).finally(() => {
      looking = null;
    });
    await looking;
  }

  return {
    seen: () => seen,
    look,
    async begin(from) {
      read = from;
      timer = setInterval(() => {
        if (wanted()) void look();
      }, EVERY_MS);
      await look();
    },
    async stop() {
      clearInterval(timer);
      await looking;
    },
  };
}
