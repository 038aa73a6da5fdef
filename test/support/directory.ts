/** A chat platform of which only the directory matters: everybody is a full member until a test says otherwise. */
import { ChatError, type ChatPort, type Profile } from '../../src/chat/port.ts';
import type { Platform } from '../../src/domain/platform.ts';

export function createTestDirectory(platform: Platform = 'slack') {
  const changes = new Map<string, Partial<Profile> | null>();
  const reads: { who: string; fresh: boolean }[] = [];
  const silent = new Set<string>();
  const state = { down: false, silentAbout: '' };

  async function read(name: string, fresh: boolean): Promise<Profile | null> {
    reads.push({ who: name, fresh });
    if (state.down || name === state.silentAbout || silent.has(name))
      throw new ChatError('retry', 'no_answer', 'no answer', { outcomeKnown: true });
    const change = changes.get(name);
    if (change === null) return null;
    return {
      platform,
      workspace: 'T1',
      userId: `U-${name}`,
      email: `${name}@acme.test`,
      name,
      timeZone: null,
      standing: 'full',
      ...change,
    };
  }

  let messages = 0;
  const port: ChatPort = {
    platform,
    profile: (userId, options) => read(userId.replace('U-', ''), options?.fresh ?? false),
    profileByEmail: (email, options) => read(email.split('@')[0] ?? '', options?.fresh ?? false),
    conversation: async (name) => ({ id: `C-${name}`, name, shared: false }),
    direct: async (userId) => `D-${userId}`,
    post: async (conversation) => ({ conversation, message: `m${++messages}` }),
    update: async () => {},
    say: async (conversation) => ({ conversation, message: `m${++messages}` }),
    find: async () => null,
  };
  return {
    port,
    state,
    reads,
    /** It says nothing of this person any more. */
    silence: (name: string) => void silent.add(name),
    /** What the directory says of `ana@acme.test` from now on; null: that there is no such person. */
    say: (name: string, change: Partial<Profile> | null) => void changes.set(name, change),
  };
}

export type TestDirectory = ReturnType<typeof createTestDirectory>;
