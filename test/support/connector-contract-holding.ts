/** The part of the contract about granting, revoking and telling what is held. */
import { beforeEach, describe, expect, test } from 'vitest';
import type { AccountRef, Connector, EdgeRef } from '../../src/connectors/connector.ts';
import type { ConnectorFixture } from './connector-fixture.ts';
import { absent, type ConnectorStage, edgeOf, present } from './connector-stage.ts';

const who = ({ account, accountId }: AccountRef) => ({ account, accountId });

export function holdingContract<P>(stage: ConnectorStage<P>): void {
  let fixture: ConnectorFixture<P>;
  let connector: Connector<P>;
  let edge: EdgeRef<P>;
  beforeEach(() => {
    ({ fixture, connector, edge } = stage.on());
  });
  const { call, failure } = stage;

  describe('grant and revoke', () => {
    test('what is granted is held, in the target and in every read', async () => {
      expect(await connector.inspect(edge, call())).toEqual(absent);
      await connector.grant(edge, call());
      expect(await fixture.holds(edge)).toBe(true);
      expect(await connector.inspect(edge, call())).toEqual(present);
      expect(await connector.list(edge, call())).toContainEqual({ ...who(edge), ...present });
    });

    test('what is revoked is gone, in the target and in every read', async () => {
      await connector.grant(edge, call());
      await connector.revoke(edge, call());
      expect(await fixture.holds(edge)).toBe(false);
      expect(await connector.inspect(edge, call())).toEqual(absent);
      const accounts = (await connector.list(edge, call())).map((holder) => holder.account);
      expect(accounts).not.toContain(edge.account);
    });

    test('granting twice is a success, and one revoke takes it away', async () => {
      await connector.grant(edge, call());
      await connector.grant(edge, call());
      expect(await fixture.holds(edge)).toBe(true);
      await connector.revoke(edge, call());
      expect(await fixture.holds(edge)).toBe(false);
    });

    test('revoking twice is a success', async () => {
      await connector.grant(edge, call());
      await connector.revoke(edge, call());
      await connector.revoke(edge, call());
      expect(await fixture.holds(edge)).toBe(false);
    });

    test('revoking what was never granted is a success', async () => {
      await connector.revoke(edge, call());
      expect(await connector.inspect(edge, call())).toEqual(absent);
    });

    test('neither touches other accounts nor other permissions', async () => {
      const neighbours = [edgeOf(edge, fixture.other), edgeOf(fixture.other, edge)];
      await connector.grant(edge, call());
      for (const each of neighbours) expect(await fixture.holds(each)).toBe(false);
      for (const each of neighbours) await connector.grant(each, call());
      await connector.revoke(edge, call());
      for (const each of neighbours) expect(await fixture.holds(each)).toBe(true);
    });

    test('granted by two connectors at once, it is held; revoked by two at once, it is gone', async () => {
      const settle = async (verb: 'grant' | 'revoke') => {
        const both = [connector, fixture.twin].map((each) => each[verb](edge, call()));
        for (const one of await Promise.allSettled(both)) {
          if (one.status === 'rejected')
            expect(one.reason).toMatchObject({ kind: 'retryable', outcomeKnown: true });
        }
        await connector[verb](edge, call());
      };
      await settle('grant');
      expect(await fixture.holds(edge)).toBe(true);
      await settle('revoke');
      expect(await fixture.holds(edge)).toBe(false);
    });

    test('every hostile name is a name and nothing else', async () => {
      for (const hostile of fixture.hostileEdges) {
        await connector.grant(hostile, call());
        expect(await fixture.holds(hostile)).toBe(true);
        expect(await connector.inspect(hostile, call())).toEqual(present);
        const holders = await connector.list(hostile, call());
        expect(holders).toContainEqual({ ...who(hostile), ...present });
        await connector.revoke(hostile, call());
        expect(await fixture.holds(hostile)).toBe(false);
        expect(await connector.inspect(hostile, call())).toEqual(absent);
      }
    });

    test('an unknown account or permission cannot be granted, and trying again would not help', async () => {
      for (const unknown of [edgeOf(edge, fixture.missing), edgeOf(fixture.missing, edge)]) {
        expect(await failure(connector.grant(unknown, call()))).toMatchObject({
          kind: 'terminal',
          outcomeKnown: true,
        });
      }
    });

    test('an account that is gone from the target holds nothing, and revoking from it succeeds', async () => {
      const gone = edgeOf(edge, fixture.missing);
      expect(await connector.inspect(gone, call())).toEqual({ ...absent, gone: 'account' });
      await connector.revoke(gone, call());
    });
  });

  describe('reading', () => {
    test('what somebody else gave shows as direct, and a grant on top of it does not fail', async () => {
      await fixture.makeHeld(edge);
      expect(await connector.inspect(edge, call())).toEqual(present);
      await connector.grant(edge, call());
      expect(await connector.inspect(edge, call())).toEqual(present);
      expect(await connector.list(edge, call())).toContainEqual({ ...who(edge), ...present });
    });

    test('what is held in another way is told apart from a direct holding, and outlives the revoke', async () => {
      const { makeInherited } = fixture;
      if (!makeInherited) return expect(fixture).toHaveProperty('makeInherited', undefined);
      const word = await makeInherited(edge);
      const indirect = { direct: false, inherited: [expect.stringContaining(word)] };
      expect(await connector.inspect(edge, call())).toEqual(indirect);
      await connector.grant(edge, call());
      expect(await connector.inspect(edge, call())).toEqual({ ...indirect, direct: true });
      await connector.revoke(edge, call());
      expect(await connector.inspect(edge, call())).toEqual(indirect);
      const holders = await connector.list(edge, call());
      expect(holders).toContainEqual({ ...who(edge), ...indirect });
    });

    test('the list says of each holder what inspect says', async () => {
      await connector.grant(edge, call());
      await fixture.makeHeld(edgeOf(edge, fixture.other));
      const holders = await connector.list(edge, call());
      expect(holders.filter((each) => each.direct).length).toBeGreaterThanOrEqual(2);
      expect(new Set(holders.map((each) => each.account)).size).toBe(holders.length);
      for (const { account, accountId, ...holding } of holders) {
        const seen = await connector.inspect(edgeOf(edge, { account, accountId }), call());
        expect(seen).toEqual(holding);
      }
    });
  });
}
