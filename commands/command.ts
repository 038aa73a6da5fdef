/** What passes between a chat platform and the commands: who said what, and what to show them. */
import type { SpeakingPrincipal } from '../db/principals.ts';
import type { ActionVerb, Card, Form, FormId, Line, Option } from '../src/chat/card.ts';
import { refusalLine } from '../src/chat/cards/refusals.ts';
import type { Platform } from '../src/domain/platform.ts';
import type { Refusal } from '../src/domain/refusal.ts';
import type { OperationContext } from '../src/operations/context.ts';
import type { Utterance } from './grammar.ts';

/** Who speaks, as the platform authenticated them, and where. */
export interface Speaker {
  readonly platform: Platform;
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
  | {
      readonly kind: 'form-errors';
      readonly errors: Readonly<Record<string, string>>;
      /** What the form offered to choose from, for platforms that send it anew. */
      readonly incidents?: readonly Option[];
    }
  /** Nothing to say here: a card or a message says it. */
  | { readonly kind: 'none' };

/** Options for a role field, at most 100, best first. */
export type ListRoles = (speaker: Speaker, typed: string) => readonly Option[];

/** Who speaks, identified; and the delivery, so that a repetition has no second effect. */
export interface Caller {
  readonly principal: SpeakingPrincipal;
  readonly deliveryKey: string;
}

export type Said<K extends Utterance['kind']> = Extract<Utterance, { kind: K }>;

/** One verb: what can be said, and what then happens. Help is made from `usage` and `does`. */
export interface Command<K extends Utterance['kind']> {
  readonly usage: string;
  readonly does: string;
  /**
   * An answer that needs neither the ledger nor to know who speaks, such as a form; null: `run` answers.
   * A form opens only within 3 s, so it waits for nothing.
   */
  readonly open?: (ctx: OperationContext, said: Said<K>, platform: Platform) => Reply | null;
  readonly run: (ctx: OperationContext, caller: Caller, said: Said<K>) => Promise<Reply>;
}

export const text = (...line: Line): Reply => ({ kind: 'text', line });
export const refuse = (refusal: Refusal): Reply => ({ kind: 'text', line: refusalLine(refusal) });
export const NOTHING: Reply = { kind: 'none' };
