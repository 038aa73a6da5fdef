/** A chat platform in a file, which outlives every process that speaks on it. Posts are steps. */

import { randomUUID } from 'node:crypto';
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import type { ChatPort, MessageRef, Profile } from '../../src/chat/port.ts';
import type { Steps } from './fault-steps.ts';

/** A line of the file: a message as it was posted, or as it was changed. */
export interface Said {
  readonly what: 'post' | 'say' | 'update';
  readonly conversation: string;
  readonly message: string;
  readonly marker: string;
  readonly thread: string | null;
  /** Real time, milliseconds. */
  readonly at: number;
  /** The card or line, as JSON. */
  readonly content: string;
}

export function readChat(file: string): Said[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split('\n').filter(Boolean);
  return lines.map((line) => JSON.parse(line) as Said);
}

export function createFileChat(file: string, steps: Steps, real: () => Date): ChatPort {
  async function put(said: Omit<Said, 'at'>): Promise<MessageRef> {
    // The same in every life: without the request's own id.
    const what = `${said.what} of ${said.marker.replace(/R-\w+:/, '')}`;
    await steps.pass(`chat: before ${what}`);
    appendFileSync(file, `${JSON.stringify({ ...said, at: real().getTime() })}\n`);
    // A card drawn twice is the same card: only what is said anew has to be said once.
    if (said.what !== 'update') await steps.pass(`chat: after ${what}`);
    return { conversation: said.conversation, message: said.message };
  }
  const profile = (name: string): Profile => ({
    platform: 'slack',
    workspace: 'T1',
    userId: `U-${name}`,
    email: `${name}@acme.test`,
    name,
    timeZone: null,
    standing: 'full',
  });

  return {
    platform: 'slack',
    profile: async (userId) => profile(userId.replace('U-', '')),
    profileByEmail: async (email) => profile(email.split('@')[0] ?? ''),
    conversation: async (name) => ({ id: `C-${name}`, name, shared: false }),
    direct: async (userId) => `D-${userId}`,
    post: (conversation, card, { marker }) =>
      put({
        what: 'post',
        conversation,
        message: randomUUID(),
        marker,
        thread: null,
        content: JSON.stringify(card),
      }),
    update: async (ref, card, { marker }) => {
      await put({ what: 'update', ...ref, marker, thread: null, content: JSON.stringify(card) });
    },
    say: (conversation, line, { marker, thread = null }) =>
      put({
        what: 'say',
        conversation,
        message: randomUUID(),
        marker,
        thread,
        content: JSON.stringify(line),
      }),
    async find(conversation, marker, { since }) {
      const own = readChat(file).find(
        (said) =>
          said.what !== 'update' &&
          said.conversation === conversation &&
          said.marker === marker &&
          said.at >= since.getTime(),
      );
      return own ? { conversation, message: own.message } : null;
    },
  };
}
