/** What Curfew needs of a chat platform to speak first. Each platform implements it in its own folder. */
import type { Platform } from '../domain/platform.ts';
import type { Card, Line } from './card.ts';

/** What the platform's directory says of a person. Mail is as the platform has it: see `domain/mail-address.ts`. */
export interface Profile {
  readonly platform: string;
  /** The person's own workspace or tenant. */
  readonly workspace: string;
  /** Others of the same organisation that they belong to: platforms name now one, now another of them. */
  readonly alsoOf?: readonly string[];
  readonly userId: string;
  readonly email: string | null;
  readonly name: string;
  /** IANA zone, such as `Europe/Berlin`; null when unknown. */
  readonly timeZone: string | null;
  /** `full`: a member of the home workspace. Everyone else may not ask, hold or decide. */
  readonly standing: 'full' | 'guest' | 'outsider' | 'bot' | 'deactivated';
}

/** What somebody is who is no full member any more. */
export type LeftAs = Exclude<Profile['standing'], 'full'>;

/** Where a message stands: enough to change it later. */
export interface MessageRef {
  readonly conversation: string;
  readonly message: string;
}

export interface Conversation {
  readonly id: string;
  readonly name: string;
  /** Shared with another organisation: no approvals there. */
  readonly shared: boolean;
}

/** Why a platform lets the app do nothing at all. */
export interface AppRefusal {
  readonly code: string;
  readonly message: string;
}

export interface ChatPort {
  readonly platform: Platform;
  /** Asks the platform whether it lets the app in. Throws `app-refused` where it does not. */
  probe?(): Promise<void>;
  /**
   * Null: no such person. A failed read throws. What is remembered serves for names; what decides who may do
   * something is read `fresh`.
   */
  profile(userId: string, options?: { fresh?: boolean }): Promise<Profile | null>;
  profileByEmail(email: string, options?: { fresh?: boolean }): Promise<Profile | null>;
  /** A channel by name (`#dba`) or id; null: not found or the bot cannot see it. */
  conversation(nameOrId: string): Promise<Conversation | null>;
  /** The conversation with one person. Throws `unreachable` where they have to do something first. */
  direct(userId: string): Promise<string>;
  /** `marker` is kept in the message, so that `find` can tell Curfew's own copy after an unknown outcome. */
  /** `thread`: a reply to that message. */
  post(conversation: string, card: Card, options: { marker: string; thread?: string }): Promise<MessageRef>;
  update(ref: MessageRef, card: Card, options: { marker: string }): Promise<void>;
  /** One line, in a card's thread (its timeline) or by itself. */
  say(conversation: string, line: Line, options: { marker: string; thread?: string }): Promise<MessageRef>;
  /**
   * Looks through recent history, or `thread`'s replies, for the message that carries the marker. Null also
   * where the platform lets nobody read history: then a message is rather said twice than not at all.
   */
  find(
    conversation: string,
    marker: string,
    options: { since: Date; thread?: string },
  ): Promise<MessageRef | null>;
}

export type ChatErrorKind = 'retry' | 'gone' | 'closed' | 'app-refused' | 'refused' | 'unreachable';

/**
 * The only error a port throws. `retry`: try again, not before `retryAfterS` real seconds. `gone`: the
 * message or person is no more. `closed`: nothing can be written at this place for now, until somebody opens
 * it (a channel is archived, not found, or the bot not in it), or the platform says no for a reason that nobody
 * foresaw. `app-refused`: the platform lets the app do nothing anywhere, so everything waits. `refused`: the
 * platform finds fault with the message itself, and will never take it.
 * `unreachable`: this person cannot be written to until they do something (install the bot, unblock it):
 * `message` says what. `outcomeKnown` false: it may have been posted all the same.
 */
export class ChatError extends Error {
  override readonly name = 'ChatError';
  readonly kind: ChatErrorKind;
  readonly code: string;
  readonly retryAfterS: number;
  readonly outcomeKnown: boolean;

  constructor(
    kind: ChatErrorKind,
    code: string,
    message: string,
    options: { retryAfterS?: number; outcomeKnown: boolean; cause?: unknown },
  ) {
    super(message, { cause: options.cause });
    this.kind = kind;
    this.code = code;
    this.retryAfterS = options.retryAfterS ?? 0;
    this.outcomeKnown = options.outcomeKnown;
  }
}
