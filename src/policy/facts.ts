/** What the rules see. Gathered before, by an operation; a fact that could not be read is in `unknown`. */
import type { Role } from '../domain/catalog.ts';

export interface Party {
  /** Lower case. */
  readonly email: string;
  readonly name: string;
}

/** What is known of one entitlement of the role, for this subject. */
export interface EntitlementFacts {
  readonly connector: string;
  readonly description: string;
  readonly account: string | null;
  /** Why there is no usable account; null when there is. */
  readonly accountProblem: string | null;
  /** The account is pinned to somebody else. */
  readonly pinnedToAnother: boolean;
  /** The target shows the access already, and no grant of ours explains it. */
  readonly heldOutside: boolean;
  /** How it is held, where it is. */
  readonly heldThrough: readonly string[];
}

interface AskingFacts {
  /** Ledger time. */
  readonly now: Date;
  readonly policyVersion: string;
  readonly frozen: boolean;
  readonly role: Role;
  readonly requester: Party;
  readonly subject: Party;
  readonly durationS: number;
  /** What of the subject's stands in the way: an open request, or an unended grant of the same role. */
  readonly open: { readonly id: string; readonly what: 'pending' | 'held' } | null;
}

/** Facts about asking for a role. */
export interface AccessFacts extends AskingFacts {
  readonly kind: 'access';
  readonly reference: string | null;
  readonly entitlements: readonly EntitlementFacts[];
  /** What could not be read, in people's words. Anything here denies. */
  readonly unknown: readonly string[];
}

/** Facts about asking for more time. */
export interface ExtensionFacts extends AskingFacts {
  readonly kind: 'extension';
  readonly grant: {
    readonly id: string;
    readonly live: boolean;
    readonly endsAt: Date;
    readonly durationS: number;
  };
}

export type Facts = AccessFacts | ExtensionFacts;
