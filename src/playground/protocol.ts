/**
 * What passes between the playground's server and its page. The server pushes a whole `Snapshot`, as one
 * person sees the workspace, whenever anything changes; the page is a function of it. What a person does
 * goes back as an `Act`.
 */

/** `ana` (on call), `omar` and `lea` (owners), `mia` (security), `sam` (a guest). */
export type Handle = 'ana' | 'omar' | 'lea' | 'mia' | 'sam';

/** Block Kit as the bot sent it; checked against Slack's limits before it gets here. */
export type Blocks = readonly Readonly<Record<string, unknown>>[];

export interface PersonView {
  readonly handle: Handle;
  /** Slack user id, as in `<@U…>`. */
  readonly id: string;
  readonly name: string;
  /** `on call`, `owner`, `security`, `guest`. */
  readonly part: string;
  /** What waits unread for them, over all conversations. */
  readonly unread: number;
}

export interface MessageView {
  readonly ts: string;
  /** `curfew`, or a handle. */
  readonly from: 'curfew' | Handle;
  readonly at: string;
  readonly text: string;
  readonly blocks: Blocks;
  readonly edited: boolean;
  /** Only the viewer sees it. */
  readonly ephemeral: boolean;
  /** Replies in its thread, oldest first. */
  readonly replies: readonly MessageView[];
}

export interface ConversationView {
  readonly id: string;
  readonly kind: 'channel' | 'dm';
  /** `access-approvals`, or `Curfew` for the conversation with the bot. */
  readonly name: string;
  readonly unread: number;
  readonly messages: readonly MessageView[];
}

/** A modal that is open before the viewer. */
export interface ModalView {
  readonly id: string;
  readonly title: string;
  readonly submit: string | null;
  readonly close: string | null;
  readonly blocks: Blocks;
  /** Faults by block id, after a submission. */
  readonly errors: Readonly<Record<string, string>>;
  readonly busy: boolean;
}

/** The newest incident, as PagerDuty has it. */
export interface IncidentView {
  readonly number: number;
  readonly title: string;
  readonly status: 'triggered' | 'acknowledged' | 'resolved';
  readonly acknowledgedBy: string | null;
  /** As Curfew's ledger has it; null: it has not heard of it. */
  readonly known: 'open' | 'closed' | null;
  /** The newest note that was left with it. */
  readonly note: string | null;
}

export interface TruthView {
  /** Ledger time, ISO; goes on by itself at the speed of real time from `asOf` (real, ISO). */
  readonly now: string;
  readonly asOf: string;
  readonly target: {
    readonly reachable: boolean;
    readonly roles: readonly { readonly role: string; readonly members: readonly string[] }[];
  };
  readonly grants: readonly {
    readonly id: string;
    readonly who: string;
    readonly role: string;
    readonly state: string;
    readonly endsAt: string;
    readonly note: string | null;
  }[];
  readonly incident: IncidentView | null;
  /** What the scheduler does next, soonest first; at most 8. */
  readonly next: readonly { readonly at: string; readonly what: string }[];
  readonly audit: {
    /** The newest 50, newest first. */
    readonly events: readonly {
      readonly seq: number;
      readonly at: string;
      readonly actor: string;
      readonly action: string;
      readonly hash: string;
    }[];
    readonly unsealed: number;
    readonly verified: boolean;
  };
}

export interface FaultsView {
  readonly targetDown: boolean;
  readonly targetSlow: boolean;
  readonly slackDown: boolean;
  readonly flakyNetwork: boolean;
  readonly webhooksLost: boolean;
}

export interface Snapshot {
  readonly version: number;
  readonly you: Handle;
  readonly people: readonly PersonView[];
  readonly conversations: readonly ConversationView[];
  /** The App Home as the bot published it; null before. */
  readonly home: Blocks | null;
  readonly modals: readonly ModalView[];
  readonly truth: TruthView;
  readonly faults: FaultsView;
  readonly bot: 'starting' | 'running' | 'down';
  /** The guided first minute: which hint is next for everybody; null when it is over. */
  readonly hint: 1 | 2 | 3 | null;
}

/** What can be done with the newest incident in PagerDuty. */
export type IncidentStep = 'open' | 'acknowledge' | 'resolve' | 'reopen';

export type Act =
  | { readonly do: 'say'; readonly conversation: string; readonly text: string }
  | {
      readonly do: 'click';
      readonly conversation: string | 'home';
      readonly ts: string | null;
      readonly blockId: string;
      readonly actionId: string;
    }
  | {
      readonly do: 'options';
      readonly view: string;
      readonly blockId: string;
      readonly actionId: string;
      readonly typed: string;
    }
  | {
      readonly do: 'submit';
      readonly view: string;
      readonly values: Readonly<Record<string, Readonly<Record<string, FieldValue>>>>;
    }
  | { readonly do: 'close-modal'; readonly view: string }
  | { readonly do: 'open-home' }
  | { readonly do: 'read'; readonly conversation: string }
  | { readonly do: 'advance'; readonly seconds: 300 | 3600 }
  | { readonly do: 'fault'; readonly fault: keyof FaultsView; readonly on: boolean }
  | { readonly do: 'incident'; readonly what: IncidentStep }
  | { readonly do: 'kill-bot' }
  | { readonly do: 'dismiss-hint' };

/** By block id, then action id: as in Slack's `view.state.values`. */
export type FieldValue =
  | { readonly type: 'plain_text_input'; readonly value: string | null }
  | { readonly type: 'external_select' | 'static_select'; readonly selected_option: Option | null };

export interface Option {
  readonly text: { readonly type: 'plain_text'; readonly text: string };
  readonly value: string;
  readonly description?: { readonly type: 'plain_text'; readonly text: string };
}

/** `POST /act?as=ana`: 200 with this, or 4xx with `{error}` in words for the person. */
export type ActAnswer =
  | { readonly ok: true; readonly options?: readonly Option[] }
  | { readonly ok: false; readonly error: string };

/** `GET /live?as=ana`: server-sent events, each `data:` a whole Snapshot. */
