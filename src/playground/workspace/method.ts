/** What a method of the Web API is, and what it may touch. */
import type { Conversations } from './conversations.ts';
import type { Json } from './json.ts';
import type { People } from './people.ts';
import type { Triggers } from './triggers.ts';
import type { Views } from './views.ts';

export interface ApiContext {
  readonly people: People;
  readonly conversations: Conversations;
  readonly views: Views;
  readonly triggers: Triggers;
  readonly scopes: readonly string[];
  readonly changed: () => void;
  /** What Slack refused, for whoever builds the bot. */
  readonly note: (violation: string) => void;
}

export interface Method {
  /** Null: none. */
  readonly needs: (args: Json) => string | null;
  /** What stands beside `ok: true`; throws SlackError. */
  readonly run: (args: Json, ctx: ApiContext) => Json;
}
