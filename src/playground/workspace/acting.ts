/** What the things that people do here have in common. */
import type { ActAnswer } from '../protocol.ts';
import type { Conversations } from './conversations.ts';
import type { Deliver, Delivery } from './deliver.ts';
import type { Manifest } from './manifest.ts';
import type { People } from './people.ts';
import type { Occasion } from './response-urls.ts';
import type { Triggers } from './triggers.ts';
import type { Views } from './views.ts';

export interface Acting {
  readonly people: People;
  readonly conversations: Conversations;
  readonly views: Views;
  readonly triggers: Triggers;
  readonly manifest: Manifest;
  readonly deliver: Deliver;
  readonly responseUrl: (occasion: Occasion) => string;
  readonly now: () => Date;
  readonly changed: () => void;
  readonly note: (violation: string) => void;
}

/** What somebody gets to see, and what passed between Slack and the bot for it. */
export interface Performed {
  readonly answer: ActAnswer;
  readonly delivery: Delivery | null;
}

export const DONE: ActAnswer = { ok: true };

export function refused(error: string, delivery: Delivery | null = null): Performed {
  return { answer: { ok: false, error }, delivery };
}

/** Where the manifest has requests sent. */
export const pathOf = (url: string) => new URL(url).pathname;

/** What is said beside a button or a form that the bot did not take. */
export function troubleWords({ problem }: Delivery): string {
  return problem === 'operation_timeout'
    ? 'Curfew did not answer within three seconds (operation_timeout). Try again?'
    : `We had some trouble connecting (${problem}). Try again?`;
}
