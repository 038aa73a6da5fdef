/** What passes between a chat platform and the commands: who said what, and what to show them. */
import type { ActionVerb, Card, Form, FormId, Line, Option } from '../src/chat/card.ts';

/** Who speaks, as the platform authenticated them, and where. */
export interface Speaker {
  readonly platform: 'slack' | 'teams';
  readonly workspace: string;
  readonly userId: string;
}

/** One inbound delivery. `key` is unique for the delivery and equal for its repetitions. */
export type Inbound =
  | { readonly kind: 'words'; readonly key: string; readonly speaker: Speaker; readonly text: string }
  | {
      readonly kind: 'action';
      readonly key: string;
      readonly speaker: Speaker;
      readonly verb: ActionVerb;
      readonly id: string;
    }
  | {
      readonly kind: 'form';
      readonly key: string;
      readonly speaker: Speaker;
      readonly form: FormId;
      readonly about: string | null;
      readonly values: Readonly<Record<string, string>>;
    };

/** What the speaker, and nobody else, is shown. */
export type Reply =
  | { readonly kind: 'text'; readonly line: Line }
  | { readonly kind: 'card'; readonly card: Card }
  | { readonly kind: 'form'; readonly form: Form }
  /** A submitted form has a fault: shown beside the fields, the form stays open. */
  | { readonly kind: 'form-errors'; readonly errors: Readonly<Record<string, string>> }
  /** Nothing to say here: a card or a message says it. */
  | { readonly kind: 'none' };

/** Options for a role field, at most 100, best first. */
export type ListRoles = (speaker: Speaker, typed: string) => readonly Option[];

export type { Line };
