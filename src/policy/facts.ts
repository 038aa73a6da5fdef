/** What the rules see. Gathered before, by an operation; a fact that could not be read is in `unknown`. */
import type { Role } from '../domain/catalog.ts';
import type { IncidentNature } from '../domain/incident.ts';

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

/** The incident that the request names. */
export interface IncidentFacts {
  readonly open: boolean;
  readonly severity: string | null;
  readonly service: string | null;
  /** Null: its source has not said what it is. */
  readonly nature: IncidentNature | null;
  readonly acknowledgedBy: string | null;
  readonly source: string;
  /** As people say it. */
  readonly number: string;
  /** How long after its close what was given for it goes on, seconds. */
  readonly graceS: number;
  /** False for one that an admin opened by hand, unless the configuration trusts those. */
  readonly trusted: boolean;
}

/** Who is here, by the word of the directories at this moment; whoever is in no list was not asked about. */
export interface StandingFacts {
  /** Mail addresses, lower case. */
  readonly present: readonly string[];
  /** Of whom no directory said in time whether they are. */
  readonly unread: readonly string[];
}

interface AskingFacts {
  /** Ledger time. */
  readonly now: Date;
  readonly policyVersion: string;
  readonly frozen: boolean;
  readonly role: Role;
  readonly requester: Party;
  readonly subject: Party;
  /** Null: nobody was asked, since the ledger alone denies. */
  readonly standing: StandingFacts | null;
  readonly durationS: number;
  readonly incident: IncidentFacts | null;
  /** What of the subject's stands in the way: an open request, or an unended grant of the same role. */
  readonly open: { readonly id: string; readonly what: 'pending' | 'held' } | null;
}

/** Facts about asking for a role. */
export interface AccessFacts extends AskingFacts {
  readonly kind: 'access';
  readonly reference: string | null;
  /** Why the incident that the reference names does not count, a sentence; null: nothing stands against it. */
  readonly incidentProblem: string | null;
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
