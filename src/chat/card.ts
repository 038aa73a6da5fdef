/**
 * The card model: what a message, a form or the home page says, with no chat platform in sight.
 *
 * A `string` anywhere in here is plain text that a person or a target may have written: renderers escape
 * it. Mentions, links and dates exist only as spans of their own, so that nothing typed can become one.
 */

/** A person on a chat platform; renderers mention them where it is their own platform, else show the name. */
export interface PersonRef {
  readonly platform: string;
  readonly userId: string;
  readonly name: string;
}

export type Span =
  | string
  | { readonly bold: string }
  | { readonly code: string }
  | { readonly person: PersonRef }
  /** Shown in the reader's own time zone. `style`: `time` 15:04 (with the day when it is not today), `date`, `relative-day`. */
  | { readonly at: Date; readonly style: 'time' | 'datetime' | 'date' }
  | { readonly link: string; readonly text: string };

export type Line = readonly Span[];

/** Colour and symbol repeat what the words say, no more. */
export type Tone = 'waiting' | 'working' | 'good' | 'ended' | 'refused' | 'alarm';

export const TONE_SYMBOL: Readonly<Record<Tone, string>> = {
  waiting: '🟡',
  working: '🔵',
  good: '🟢',
  ended: '⚪',
  refused: '⛔',
  alarm: '🚨',
};

export type CardElement =
  | { readonly kind: 'line'; readonly line: Line }
  /** Somebody's own words, shown as a quotation. */
  | { readonly kind: 'quote'; readonly text: string }
  /** Short label-value pairs; at most 10. */
  | { readonly kind: 'facts'; readonly facts: readonly { readonly label: string; readonly value: Line }[] }
  /** Buttons that stand in the middle of a longer view, such as one line of the home page. */
  | { readonly kind: 'actions'; readonly actions: readonly Action[] }
  | { readonly kind: 'divider' };

/** What a button asks for. `verb` is one of dispatch's actions; `id` is opaque and gives no authority. */
export interface Action {
  readonly verb: ActionVerb;
  /** A request's or an assignment's id, such as `R-7K3M`. */
  readonly id: string;
  readonly label: string;
  readonly style?: 'primary' | 'danger';
  /** Ask "are you sure" first. */
  readonly confirm?: { readonly title: string; readonly text: string; readonly yes: string };
}

export const ACTION_VERBS = [
  'approve',
  'approve-less',
  'deny',
  'cancel',
  'done',
  'extend',
  'revoke',
  'retry',
  'ask-again',
  'new-request',
] as const;
export type ActionVerb = (typeof ACTION_VERBS)[number];

export interface Card {
  /** One line, plain; at most 150 characters. */
  readonly title: string;
  readonly tone: Tone;
  /** What a notification shows; plain. */
  readonly summary: string;
  readonly body: readonly CardElement[];
  readonly actions: readonly Action[];
  /** Small, last. */
  readonly footer: Line;
  /**
   * Set where others read the card too: the buttons are for these people, and a platform that can show
   * everybody a view of their own shows them to nobody else. `about` is the request; it gives no authority.
   */
  readonly reserved?: { readonly about: string; readonly people: readonly PersonRef[] };
}

export const FORM_IDS = ['request', 'approve-less', 'deny', 'extend', 'revoke'] as const;
export type FormId = (typeof FORM_IDS)[number];

export type Field = {
  /** `role`, `duration`, `incident`, `reference`, `reason`. */
  readonly id: string;
  readonly label: string;
  readonly hint?: string;
  readonly value?: string;
  /** What is wrong with what was understood, shown beside the field. */
  readonly error?: string;
  readonly optional?: boolean;
} & (
  | {
      readonly kind: 'text';
      readonly multiline?: boolean;
      readonly maxLength: number;
      readonly placeholder?: string;
    }
  /** A role, found by typing; options are asked for as people type. */
  | { readonly kind: 'role'; readonly valueLabel?: string }
  /** One of a few, all of them known when the form opens. */
  | { readonly kind: 'choice'; readonly options: readonly Option[]; readonly placeholder: string }
);

export interface Form {
  readonly id: FormId;
  /** At most 24 characters. */
  readonly title: string;
  readonly submit: string;
  /** Lines above the fields. */
  readonly intro: readonly Line[];
  readonly fields: readonly Field[];
  /** The request that the form is about; null for a new one. Gives no authority. */
  readonly about: string | null;
}

/** The home page: sections one after another. */
export interface Home {
  readonly sections: readonly {
    readonly title: string;
    readonly empty: string;
    readonly cards: readonly Card[];
  }[];
  readonly actions: readonly Action[];
}

export interface Option {
  readonly label: string;
  readonly value: string;
  readonly description?: string;
}
