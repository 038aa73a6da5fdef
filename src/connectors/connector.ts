/**
 * The contract between Curfew and a target system.
 *
 * A connector only ever does what it is told, once, within a deadline, and says truthfully what it saw.
 * Retrying, leasing, ordering and deciding are the reconciler's work. Two rules carry the rest:
 *  - "already there" and "not there" are successes; a read that failed is an error, never "absent";
 *  - every call checks that it speaks to the target it was meant for (`CallContext.expectTarget`) and
 *    throws a terminal `target_replaced` when it does not.
 *
 * A name is no identity: people rename accounts, roles and teams, and others take the old names. So both ends
 * of an edge are looked up once, when somebody asks, and from then on every call goes by the target's own
 * ids. Names are for people.
 */
import type { z } from 'zod';
import type { Holding } from '../domain/holding.ts';
import type { Urgency } from './turns.ts';

export type { Holding };

/** What one call may use and must respect. Times here are real time, not ledger time. */
export interface CallContext {
  /** Aborted at the deadline. */
  readonly signal: AbortSignal;
  /** After this moment, by this machine's clock, the target itself must refuse to act (statement_timeout, `not_after`, ...). */
  readonly deadline: Date;
  /** The target this call is meant for, as `targetId` once gave it; null only for first contact. */
  readonly expectTarget: string | null;
  /** Same key for retries of the same step of the same generation; at most 255 characters. */
  readonly idempotencyKey: string;
  /** Rises with every change of the assignment's inputs. */
  readonly generation: number;
  /** When the access is to end, for targets with a native expiry; null where not applicable. */
  readonly endsAt: Date | null;
  /** How soon it is wanted, for connectors with a line of their own. Absent: before everything else. */
  readonly urgency?: Urgency;
  /** Throws where the target has told another call to wait. Asked before each request of a call. */
  readonly assertMayCall?: () => void;
}

/** A permission of the catalog, and the id of what it meant in the target when somebody asked for it. */
export interface PermissionRef<P> {
  readonly permission: P;
  readonly permissionId: string;
}

/** An account: the id that the target never gives to another one, and the name that it had. */
export interface AccountRef {
  readonly account: string;
  readonly accountId: string;
}

/** One edge in one target: this account holding this permission. Calls go by the ids alone. */
export interface EdgeRef<P> extends PermissionRef<P>, AccountRef {}

export interface Holder extends Holding, AccountRef {}

/** Whom the access is for, as the chat platform's directory knows them. */
export interface Subject {
  /** Lower case. */
  readonly email: string;
}

export type AccountResolution =
  | ({ readonly ok: true } & AccountRef)
  | {
      readonly ok: false;
      readonly reason: 'unmapped' | 'unknown' | 'disabled' | 'ambiguous';
      readonly message: string;
    };

export type PermissionResolution =
  | { readonly ok: true; readonly permissionId: string }
  /** It is not there, or Curfew may not give it: a sentence that says so, and what mends it. */
  | { readonly ok: false; readonly message: string };

export interface ConnectorLimits {
  /** The longest a session can outlive the revoke, seconds; 0: none can; null: unbounded. Cards say it. */
  readonly sessionOutlivesRevokeS: number | null;
  /** After a call's deadline, how long its effect may still land, seconds. */
  readonly maxLateLandingS: number;
  /** How long one call may take, seconds. */
  readonly callTimeoutS: number;
  /** Calls in flight at once from one process. */
  readonly concurrency: number;
  /** True where `endSessions` has to run after a revoke. */
  readonly endsSessions: boolean;
  /** True where the target can end the access itself by `CallContext.endsAt`. */
  readonly nativeExpiry: boolean;
}

export interface Connector<P = unknown> {
  /** The name in `curfew.yaml`, such as `prod-pg`. */
  readonly name: string;
  /** The kind in `curfew.yaml`, such as `postgres`. */
  readonly kind: string;
  readonly limits: ConnectorLimits;
  /** Checks and narrows a permission of the configuration. Pure. */
  readonly permission: z.ZodType<P>;
  /** In people's words, without the account: `member of dba on prod-pg`. Pure. */
  describe(permission: P): string;
  /**
   * What the permission is a level of, by the words of the configuration: two levels of one relation (member,
   * maintainer) share one. Only one of them can stand in a catalog. Pure.
   */
  relation(permission: P): string;
  /** Identity of the target really spoken to, such as PostgreSQL's `system_identifier`. */
  targetId(call: CallContext): Promise<string>;
  /** Which account the subject has there. Unknown or unusable accounts are values, failed reads throw. */
  resolveAccount(subject: Subject, call: CallContext): Promise<AccountResolution>;
  /** What the permission's words mean there today, and that Curfew may give it. Failed reads throw. */
  resolvePermission(permission: P, call: CallContext): Promise<PermissionResolution>;
  /** An end that is gone is a terminal `gone`: whoever has its name now gets nothing. */
  grant(edge: EdgeRef<P>, call: CallContext): Promise<void>;
  revoke(edge: EdgeRef<P>, call: CallContext): Promise<void>;
  /** Ends the account's sessions begun before `before` (target's time). Returns how many it ended. */
  endSessions(edge: EdgeRef<P>, before: Date, call: CallContext): Promise<number>;
  inspect(edge: EdgeRef<P>, call: CallContext): Promise<Holding>;
  /** Every holder of the permission, direct and inherited. */
  list(permission: PermissionRef<P>, call: CallContext): Promise<readonly Holder[]>;
  /** Frees sockets and timers; calls in flight fail. */
  close(): Promise<void>;
}

/** What is believed of a target that asks for more: nothing that has to be taken away waits for longer. Seconds. */
export const LONGEST_WAIT_S = 3_600;

export type ConnectorErrorKind = 'retryable' | 'terminal';

/**
 * The only error a connector throws. `retryable`: the same call may work later. `terminal`: not without
 * somebody's help (a revocation is retried all the same, for ever). `outcomeKnown` is true only when the
 * call certainly had no effect or its effect is certainly complete; a time-out leaves it false.
 */
export class ConnectorError extends Error {
  override readonly name = 'ConnectorError';
  readonly kind: ConnectorErrorKind;
  readonly outcomeKnown: boolean;
  /** A stable word for metrics and tests, such as `target_replaced`, `timeout`, `permission_denied`. */
  readonly code: string;
  /** What the target wants us to wait before any further call, seconds from now, an hour at most; 0 where it did not say. */
  readonly retryAfterS: number;

  constructor(
    kind: ConnectorErrorKind,
    code: string,
    message: string,
    options: { outcomeKnown: boolean; retryAfterS?: number; cause?: unknown },
  ) {
    super(message, { cause: options.cause });
    this.kind = kind;
    this.code = code;
    this.outcomeKnown = options.outcomeKnown;
    this.retryAfterS = Math.min(options.retryAfterS ?? 0, LONGEST_WAIT_S);
  }
}

/** What a connector's file exports: its configuration's schema and how to make one. */
export interface ConnectorKind<C, P> {
  readonly kind: string;
  /** The schema of its entry under `connectors:` in `curfew.yaml`, `kind` included. */
  readonly config: z.ZodType<C>;
  /** `domains`: the mail domains of the people whom Curfew knows. */
  create(name: string, config: C, domains: readonly string[]): Connector<P>;
}
