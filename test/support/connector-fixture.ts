/** What a connector's test file must bring, so that `connectorContract` can put its connector to the test. */
import type { AccountRef, CallContext, Connector, EdgeRef } from '../../src/connectors/connector.ts';

export interface ConnectorFixture<P> {
  readonly connector: Connector<P>;
  /** A second connector, under another name, that speaks to the same target. */
  readonly twin: Connector<P>;
  /** Both ends exist in the target; nobody holds it. */
  readonly edge: EdgeRef<P>;
  /** Further ends that exist, held by nobody. */
  readonly other: EdgeRef<P>;
  /** Names and ids that are well-formed and that the target does not know. */
  readonly missing: EdgeRef<P>;
  /** What the permission's schema must refuse. */
  readonly badPermissions: readonly unknown[];
  /** Edges with quotes, semicolons, other alphabets: as nasty as the target admits. They exist, unheld. */
  readonly hostileEdges: readonly EdgeRef<P>[];
  readonly subjects: {
    /** Resolved by the configured rule, not by the map. */
    readonly ruled: { readonly email: string } & AccountRef;
    readonly mapped: { readonly email: string } & AccountRef;
    /** A mail whose account the target does not know. */
    readonly unknown: string;
    /** A mail whose account may not be used; undefined where the target has no such notion. */
    readonly disabled: string | undefined;
  };
  /** Strings that no error may contain: passwords, tokens, signing keys. */
  readonly secrets: readonly string[];
  /** A connector whose secret the target does not accept. */
  readonly refused: { readonly connector: Connector<P>; readonly secret: string };
  /** Can a stalled call land after its deadline? `never`: the target itself refuses then. */
  readonly landsLate: 'never' | 'possible';

  /** What other people do with names while Curfew is not looking. */
  readonly rename: Renaming<P>;

  /**
   * The truth, read from the target without the connector: does what bears these names today hold it
   * directly? Ids are not looked at.
   */
  holds(edge: EdgeRef<P>): Promise<boolean>;
  /** Somebody else gives it, directly, behind Curfew's back. */
  makeHeld(edge: EdgeRef<P>): Promise<void>;
  /** Lets the account hold it in another way, and returns a word by which `inherited` must name that way. */
  readonly makeInherited: ((edge: EdgeRef<P>) => Promise<string>) | undefined;
  /**
   * From now on the target takes a grant or revoke of this edge but does not act on it. The function that
   * comes back lets it go on, and resolves once the target has finished with all it had taken.
   */
  stall(edge: EdgeRef<P>): Promise<() => Promise<void>>;
  /** `refuses`: connections fail at once. `hangs`: they are taken and nothing is ever answered. */
  goDown(how: 'refuses' | 'hangs'): Promise<void>;
  comeBack(): Promise<void>;
  /** Another target with the same names, nothing held, answers at the same address from now on, also for
   * connections that are already pooled. `holds` and `makeHeld` look at the new one. */
  replaceTarget(): Promise<void>;
  /** Sessions that the connector can end; undefined where `limits.endsSessions` is false. */
  readonly sessions: SessionHooks | undefined;
  /** Closes the connectors and frees everything. */
  tearDown(): Promise<void>;
}

/** Everything is meant by today's name. */
export interface Renaming<P> {
  /** Returns the new name. */
  account(who: string): Promise<string>;
  permission(what: P): Promise<P>;
  /** Back to the name that it had at first. */
  accountBack(from: string, to: string): Promise<void>;
  permissionBack(from: P, to: P): Promise<void>;
  /** Another one, with an id of its own, under a name that is nobody's now. */
  newAccount(name: string): Promise<void>;
  newPermission(what: P): Promise<void>;
  /** Gone for good; the name is free. Undefined where the target has no such thing or no such act. */
  readonly dropAccount: ((name: string) => Promise<void>) | undefined;
  readonly dropPermission: ((what: P) => Promise<void>) | undefined;
}

export interface SessionHooks {
  open(account: string): Promise<{ alive(): Promise<boolean>; close(): Promise<void> }>;
  /** The target's clock. */
  now(): Promise<Date>;
}

let calls = 0;

/** A call as the reconciler would make it. `forMs` is the time until its deadline. */
export function callContext(
  expectTarget: string | null,
  options: { forMs?: number; signal?: AbortSignal; deadline?: Date } = {},
): CallContext {
  const forMs = options.forMs ?? 10_000;
  calls += 1;
  return {
    signal: options.signal ?? AbortSignal.timeout(forMs),
    deadline: options.deadline ?? new Date(Date.now() + forMs),
    expectTarget,
    idempotencyKey: `test-${process.pid}-${calls}`,
    generation: calls,
    endsAt: new Date(Date.now() + 3_600_000),
  };
}
