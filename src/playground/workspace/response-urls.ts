/** Addresses to which an app answers what somebody said or pressed: five times in 30 minutes. */
import { randomBytes } from 'node:crypto';
import type { Conversation } from './conversations.ts';
import type { Person } from './people.ts';

/** https://docs.slack.dev/interactivity/handling-user-interaction#message_responses */
const USES = 5;
const LIVES_MS = 30 * 60_000;
const MAX_KEPT = 1000;

/** What is answered; `message` for a click on one. */
export interface Occasion {
  readonly person: Person;
  readonly conversation: Conversation;
  readonly message: string | null;
}

export function createResponseUrls(options: { now: () => Date }) {
  const issued = new Map<string, { occasion: Occasion; at: number; uses: number }>();
  return {
    /** The last part of the address. */
    issue(occasion: Occasion): string {
      const id = randomBytes(16).toString('hex');
      issued.set(id, { occasion, at: options.now().getTime(), uses: 0 });
      for (const old of [...issued.keys()].slice(0, -MAX_KEPT)) issued.delete(old);
      return id;
    },
    /** Counts one use; a code of Slack's where it cannot be used. */
    use(id: string): Occasion | 'invalid_url' | 'used_url' | 'expired_url' {
      const known = issued.get(id);
      if (!known) return 'invalid_url';
      if (options.now().getTime() - known.at > LIVES_MS) return 'expired_url';
      if (known.uses >= USES) return 'used_url';
      known.uses += 1;
      return known.occasion;
    },
  };
}
