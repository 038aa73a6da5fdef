/** Expected refusals: values, not errors. JSON all through. They become words in `src/chat/cards/refusals.ts`. */
export type Refusal =
  | { readonly code: 'unknown-person' }
  | { readonly code: 'guest' }
  | { readonly code: 'outsider' }
  | { readonly code: 'bot' }
  | { readonly code: 'deactivated' }
  /** Another platform's directory said that this person left. */
  | { readonly code: 'left-elsewhere' }
  | { readonly code: 'no-mail' }
  /** The directory's mail address is none that can be told from others for certain. */
  | { readonly code: 'unusable-mail'; readonly why: string }
  | { readonly code: 'foreign-domain'; readonly email: string }
  | { readonly code: 'identity-conflict' }
  /** The platform's directory did not answer. */
  | { readonly code: 'directory-unavailable' }
  /** Too much at once from everybody: nothing was looked at. */
  | { readonly code: 'busy' }
  /** Too much at once from this person. */
  | { readonly code: 'too-often'; readonly perMinute: number }
  | { readonly code: 'unknown-role'; readonly typed: string; readonly nearest: readonly string[] }
  | { readonly code: 'bad-duration'; readonly why: string }
  | { readonly code: 'bad-reason'; readonly why: string }
  /** No such request, or none that the speaker may know of: the two are not told apart. */
  | { readonly code: 'unknown-request'; readonly typed: string }
  /** Nothing of the speaker's own that the word could mean, or more than one thing. */
  | {
      readonly code: 'which-one';
      readonly what: 'done' | 'cancel' | 'extend';
      readonly ids: readonly string[];
    }
  | { readonly code: 'not-allowed'; readonly what: string }
  /** Policy said no; the message is the rule's. */
  | { readonly code: 'policy'; readonly rule: string; readonly message: string; readonly id: string | null }
  | { readonly code: 'already-voted' }
  | { readonly code: 'not-pending'; readonly id: string; readonly state: string }
  | { readonly code: 'already-over'; readonly id: string }
  | { readonly code: 'nobody-holds'; readonly who: string }
  | { readonly code: 'unsupported'; readonly what: string };
