/**
 * A request's life:
 *
 *   pending ──approve──▶ approved      (an access request then has a grant under the same id,
 *      ├─────deny──────▶ denied         an extension moves the end of the grant it extends)
 *      ├─────cancel────▶ cancelled
 *      └─────time──────▶ expired
 *
 * A request that policy denies is born `denied`. Nothing leaves the four states at the right.
 */
export const REQUEST_STATES = ['pending', 'approved', 'denied', 'cancelled', 'expired'] as const;
export type RequestState = (typeof REQUEST_STATES)[number];

export type RequestKind = 'access' | 'extension';
export type Verdict = 'approve' | 'deny';

/** An entitlement as it was when the request was made: resolved, pinned, and not looked up again. */
export interface FrozenEntitlement {
  readonly connector: string;
  readonly permission: Readonly<Record<string, unknown>>;
  /** The target's id of what the permission's words meant when it was asked for. */
  readonly permissionId: string;
  /** `member of dba on prod-pg`. */
  readonly description: string;
  readonly targetId: string;
  /** See `edgeName`. */
  readonly edge: string;
  /** What the account was called when it was asked for. */
  readonly account: string;
  /** The target's id of the account. */
  readonly accountId: string;
  /** Longest a session can outlive the revoke, seconds; null: unbounded. */
  readonly sessionOutlivesRevokeS: number | null;
  /** True where Curfew ends the account's sessions after the revoke. */
  readonly endsSessions: boolean;
}
