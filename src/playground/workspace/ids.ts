/** How things are called in this Slack. People and channels keep their ids, so that a kept ledger still fits. */
import { randomBytes } from 'node:crypto';

export const TEAM = { id: 'T0PLAYGROUND', domain: 'acme' } as const;
export const APP = 'A0CURFEW';
export const BOT = { id: 'B0CURFEW', user: 'U0CURFEWBOT' } as const;

const letters = (name: string) => name.toUpperCase().replace(/[^A-Z0-9]/g, '');

export const userId = (handle: string) => `U0PLAY${letters(handle)}`;
export const channelId = (name: string) => `C0PLAY${letters(name)}`;
export const directId = (handle: string) => `D0PLAY${letters(handle)}`;

/** Never twice, also not after a restart: Curfew's ledger tells repeated deliveries by such ids. */
export function freshId(prefix: string): string {
  return `${prefix}${randomBytes(6).toString('hex').toUpperCase()}`;
}

export function triggerId(): string {
  return `${Date.now()}.${randomBytes(4).readUInt32BE()}.${randomBytes(16).toString('hex')}`;
}

/**
 * Slack's timestamps, seconds and six digits, which are messages' ids too: each is later than the one
 * before, even while the clock stands still.
 */
export function createTimestamps(now: () => Date): () => string {
  let last = 0;
  return () => {
    last = Math.max(last + 1, now().getTime() * 1000);
    return `${Math.floor(last / 1e6)}.${String(last % 1e6).padStart(6, '0')}`;
  };
}

export function timeOf(ts: string): Date {
  return new Date(Math.floor(Number(ts) * 1000));
}
