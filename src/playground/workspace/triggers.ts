/** What an app may do because somebody just did something: open one form within three seconds. */
import { triggerId } from './ids.ts';
import type { Person } from './people.ts';

/** https://docs.slack.dev/interactivity/handling-user-interaction#modal_responses */
const LIVES_MS = 3000;
const MAX_KEPT = 1000;

interface Trigger {
  readonly person: Person;
  /** The form from which it came: another one goes on top of that. */
  readonly view: string | null;
  readonly at: number;
  readonly used: boolean;
}

/** @param livesMs as long as in Slack, unless said otherwise */
export function createTriggers(options: { now: () => Date; livesMs?: number | undefined }) {
  const { livesMs = LIVES_MS } = options;
  const triggers = new Map<string, Trigger>();
  return {
    issue(person: Person, view: string | null = null): string {
      const id = triggerId();
      triggers.set(id, { person, view, at: options.now().getTime(), used: false });
      for (const old of [...triggers.keys()].slice(0, -MAX_KEPT)) triggers.delete(old);
      return id;
    },
    /** Uses it up; a code of Slack's where it cannot be used. */
    exchange(id: string): Trigger | 'invalid_trigger_id' | 'expired_trigger_id' | 'exchanged_trigger_id' {
      const trigger = triggers.get(id);
      if (!trigger) return 'invalid_trigger_id';
      if (trigger.used) return 'exchanged_trigger_id';
      if (options.now().getTime() - trigger.at > livesMs) return 'expired_trigger_id';
      triggers.set(id, { ...trigger, used: true });
      return trigger;
    },
  };
}

export type Triggers = ReturnType<typeof createTriggers>;
