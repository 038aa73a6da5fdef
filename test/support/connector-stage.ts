/** Where the contract's tests stand: a fresh fixture for each test, and what they all ask of it. */
import { inspect as print } from 'node:util';
import { afterEach, beforeEach, expect } from 'vitest';
import {
  type AccountRef,
  type CallContext,
  type Connector,
  ConnectorError,
  type EdgeRef,
  type PermissionRef,
} from '../../src/connectors/connector.ts';
import { type ConnectorFixture, callContext } from './connector-fixture.ts';

/** How much later than its deadline a call may reject on a busy machine. */
export const SLACK_MS = 2_000;
export const absent = { direct: false, inherited: [] };
export const present = { direct: true, inherited: [] };

/** The permission of one edge with the account of another. */
export function edgeOf<P>({ permission, permissionId }: PermissionRef<P>, who: AccountRef): EdgeRef<P> {
  const { account, accountId } = who;
  return { permission, permissionId, account, accountId };
}

export interface Stage<P> {
  fixture: ConnectorFixture<P>;
  connector: Connector<P>;
  edge: EdgeRef<P>;
  /** The target's id at the test's beginning. */
  target: string;
}

export type ConnectorStage<P> = ReturnType<typeof connectorStage<P>>;

/** Registers the hooks; `on` hands each test's stage to the suites, in their own `beforeEach`. */
export function connectorStage<P>(setUp: () => Promise<ConnectorFixture<P>>) {
  let stage: Stage<P>;
  beforeEach(async () => {
    const fixture = await setUp();
    const { connector, edge } = fixture;
    try {
      stage = { fixture, connector, edge, target: await connector.targetId(callContext(null)) };
    } catch (error) {
      await fixture.tearDown();
      throw error;
    }
  });
  afterEach(() => stage?.fixture.tearDown());

  return {
    on: (): Stage<P> => stage,

    call: (options?: Parameters<typeof callContext>[1]): CallContext => callContext(stage.target, options),

    /** The error of a call that must fail; it is a ConnectorError and gives no secret away. */
    async failure(promise: Promise<unknown>): Promise<ConnectorError> {
      const error = await promise.then(
        (value) => expect.fail(`should have failed, but gave ${print(value)}`),
        (reason: unknown) => reason,
      );
      expect(error).toBeInstanceOf(ConnectorError);
      const shown = print(error, { depth: 10, showHidden: true }) + JSON.stringify(error);
      const { secrets, refused } = stage.fixture;
      for (const secret of [...secrets, refused.secret]) expect(shown).not.toContain(secret);
      return error as ConnectorError;
    },

    /** Every operation that speaks to the target, for promises that hold for all of them. */
    everyOperation(make: () => CallContext, on: Connector<P> = stage.connector) {
      const { edge, fixture } = stage;
      const subject = { email: fixture.subjects.ruled.email };
      return {
        targetId: () => on.targetId(make()),
        resolveAccount: () => on.resolveAccount(subject, make()),
        resolvePermission: () => on.resolvePermission(edge.permission, make()),
        grant: () => on.grant(edge, make()),
        revoke: () => on.revoke(edge, make()),
        inspect: () => on.inspect(edge, make()),
        list: () => on.list(edge, make()),
        ...(fixture.sessions && { endSessions: () => on.endSessions(edge, new Date(), make()) }),
      };
    },
  };
}
