/**
 * Whether a platform lets the app in. Once it says no, nothing is sent there until it is asked again and says
 * yes: what is to be said waits in the ledger, and none of it is given up. In memory only, since each process
 * finds it out by itself.
 */
import { type AppRefusal, ChatError, type ChatPort } from './port.ts';

/** Real. */
const ASK_EVERY_MS = 30_000;
/** A refusal that is back sooner than this is one that the platform does not speak of when it is asked. */
const SOON_MS = 600_000;

export interface WatchedPort extends ChatPort {
  /** Null: it is let in, as far as is known. */
  refusal(): AppRefusal | null;
  /** Whether messages are to wait. */
  waits(): boolean;
  /** The platform said that the app is not let in any more. */
  refuse(refusal: AppRefusal): void;
  /**
   * Asks again, where it is time to. Where a platform cannot be asked, or what it says then was not so a moment
   * ago, the next message finds out. Never rejects.
   */
  askAgain(): Promise<void>;
}

type Say = (fields: object, message: string) => void;

/** @param realNow real milliseconds */
export function watchApp(
  port: ChatPort,
  options: { realNow: () => number; log: { readonly error: Say; readonly info: Say } },
): WatchedPort {
  const { realNow, log } = options;
  let refused: AppRefusal | null = null;
  let trying = false;
  let askAt = 0;
  /** So that what was under way when the app was refused does not count as its return. */
  let refusals = 0;
  /** What was over when it was last asked. */
  let denied = { code: '', at: Number.NEGATIVE_INFINITY };

  function refuse(refusal: AppRefusal): void {
    const isNews = refused?.code !== refusal.code;
    refused = refusal;
    trying = false;
    refusals += 1;
    askAt = realNow() + ASK_EVERY_MS;
    const { code } = refusal;
    if (isNews) log.error({ platform: port.platform, code }, `${refusal.message} All messages wait.`);
  }

  function accept(before: number): void {
    if (!refused || before !== refusals) return;
    refused = null;
    trying = false;
    log.info({ platform: port.platform }, 'the app is let in again; what waited is posted');
  }

  /** `proves`: it cannot have been answered from memory. */
  async function watched<T>(run: () => Promise<T>, proves: boolean): Promise<T> {
    const before = refusals;
    try {
      const result = await run();
      if (proves) accept(before);
      return result;
    } catch (error) {
      if (error instanceof ChatError && error.kind === 'app-refused') refuse(error);
      throw error;
    }
  }

  return {
    platform: port.platform,
    profile: (...rest) => watched(() => port.profile(...rest), false),
    profileByEmail: (...rest) => watched(() => port.profileByEmail(...rest), false),
    conversation: (...rest) => watched(() => port.conversation(...rest), false),
    direct: (...rest) => watched(() => port.direct(...rest), false),
    post: (...rest) => watched(() => port.post(...rest), true),
    update: (...rest) => watched(() => port.update(...rest), true),
    say: (...rest) => watched(() => port.say(...rest), true),
    find: (...rest) => watched(() => port.find(...rest), false),
    refusal: () => refused,
    waits: () => refused !== null && !trying,
    refuse,
    async askAgain() {
      if (!refused || realNow() < askAt) return;
      askAt = realNow() + ASK_EVERY_MS;
      const { probe } = port;
      const { code } = refused;
      if (!probe || (code === denied.code && realNow() - denied.at < SOON_MS)) {
        trying = true;
        return;
      }
      await watched(() => probe(), true).catch(() => {});
      if (!refused) denied = { code, at: realNow() };
    },
  };
}

/** Whether this port takes messages now; those that nobody watches always do. */
export function takesMessages(port: ChatPort | undefined): port is ChatPort {
  return port !== undefined && !(isWatched(port) && port.waits());
}

export function isWatched(port: ChatPort): port is WatchedPort {
  return 'askAgain' in port;
}
