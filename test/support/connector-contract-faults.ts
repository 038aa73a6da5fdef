/** The part of the contract about time and about targets in trouble. */
import { beforeEach, describe, expect, test } from 'vitest';
import type { Connector, EdgeRef } from '../../src/connectors/connector.ts';
import { type ConnectorFixture, callContext } from './connector-fixture.ts';
import { absent, type ConnectorStage, present, SLACK_MS } from './connector-stage.ts';

export function faultContract<P>(stage: ConnectorStage<P>): void {
  let fixture: ConnectorFixture<P>;
  let connector: Connector<P>;
  let edge: EdgeRef<P>;
  let target: string;
  beforeEach(() => {
    ({ fixture, connector, edge, target } = stage.on());
  });
  const { call, failure, everyOperation } = stage;

  /** A read that begins after a call and has ended, or given up, while the call is stalled. */
  const underWay = () => connector.inspect(edge, call({ forMs: 300 })).catch(() => {});

  describe('time', () => {
    test('a stalled grant fails by its deadline with its outcome unknown, and the truth is read back', async () => {
      const release = await fixture.stall(edge);
      const begun = Date.now();
      const error = await failure(connector.grant(edge, call({ forMs: 1_000 })));
      expect(Date.now() - begun).toBeLessThan(1_000 + SLACK_MS);
      expect(error).toMatchObject({ kind: 'retryable', outcomeKnown: false });
      await waitUntil(begun + 1_000);
      await release();
      const landed = await fixture.holds(edge);
      if (fixture.landsLate === 'never') expect(landed).toBe(false);
      expect(await connector.inspect(edge, call())).toEqual(landed ? present : absent);
      await connector.revoke(edge, call());
      expect(await fixture.holds(edge)).toBe(false);
    });

    test('a stalled revoke fails by its deadline with its outcome unknown, and a later one works', async () => {
      await connector.grant(edge, call());
      const release = await fixture.stall(edge);
      const begun = Date.now();
      const error = await failure(connector.revoke(edge, call({ forMs: 1_000 })));
      expect(Date.now() - begun).toBeLessThan(1_000 + SLACK_MS);
      expect(error).toMatchObject({ kind: 'retryable', outcomeKnown: false });
      await waitUntil(begun + 1_000);
      await release();
      if (fixture.landsLate === 'never') expect(await fixture.holds(edge)).toBe(true);
      await connector.revoke(edge, call());
      expect(await fixture.holds(edge)).toBe(false);
    });

    test('an abort in mid-call ends the call at once', async () => {
      const release = await fixture.stall(edge);
      const abort = new AbortController();
      const pending = failure(connector.grant(edge, call({ forMs: 25_000, signal: abort.signal })));
      await underWay();
      const begun = Date.now();
      abort.abort();
      expect(await pending).toMatchObject({ kind: 'retryable' });
      expect(Date.now() - begun).toBeLessThan(SLACK_MS);
      await release();
      await connector.revoke(edge, call());
      expect(await fixture.holds(edge)).toBe(false);
    });

    test('a call that is aborted or overdue before it begins changes nothing, and says so', async () => {
      for (const dead of [
        () => call({ signal: AbortSignal.abort() }),
        () => call({ deadline: new Date(Date.now() - 1_000) }),
      ]) {
        for (const operation of Object.values(everyOperation(dead))) {
          expect(await failure(operation())).toMatchObject({ kind: 'retryable', outcomeKnown: true });
        }
      }
      expect(await fixture.holds(edge)).toBe(false);
    });

    test('closing ends what is in flight, and what comes after', async () => {
      const release = await fixture.stall(edge);
      const grant = () => failure(connector.grant(edge, call({ forMs: 25_000 })));
      const inFlight = grant();
      await underWay();
      const begun = Date.now();
      const justBegun = grant();
      await connector.close();
      for (const error of await Promise.all([inFlight, justBegun, grant()])) {
        expect(error).toMatchObject({ kind: 'retryable' });
      }
      expect(Date.now() - begun).toBeLessThan(SLACK_MS);
      await release();
    });
  });

  describe('a target in trouble', () => {
    test.each(['refuses', 'hangs'] as const)(
      'a target that %s is an error to retry, never "absent", and comes back to the same connector',
      async (how) => {
        await connector.grant(edge, call());
        await fixture.goDown(how);
        const begun = Date.now();
        const operations = Object.values(everyOperation(() => call({ forMs: 1_500 })));
        for (const error of await Promise.all(operations.map((each) => failure(each())))) {
          expect(error).toMatchObject({ kind: 'retryable' });
        }
        expect(Date.now() - begun).toBeLessThan(1_500 + SLACK_MS);
        await fixture.comeBack();
        expect(await connector.inspect(edge, call())).toEqual(present);
        await connector.revoke(edge, call());
        expect(await fixture.holds(edge)).toBe(false);
      },
    );

    test('a target other than the expected one is refused by every operation, which changes nothing', async () => {
      for (const operation of Object.values(everyOperation(() => callContext('another-target')))) {
        expect(await failure(operation())).toMatchObject({
          kind: 'terminal',
          code: 'target_replaced',
          outcomeKnown: true,
        });
      }
      expect(await fixture.holds(edge)).toBe(false);
    });

    test('a target replaced behind open connections is noticed by every operation, which changes nothing', async () => {
      await Promise.all(Array.from({ length: 4 }, () => connector.inspect(edge, call())));
      await fixture.replaceTarget();
      const refused = async (name: string, operation: () => Promise<unknown>) => {
        let error = await failure(operation());
        // A connection cut in mid-use may show first as a failure to retry.
        for (let again = 0; error.kind === 'retryable' && again < 10; again += 1) {
          error = await failure(operation());
        }
        expect({ name, kind: error.kind, code: error.code }).toEqual({
          name,
          kind: 'terminal',
          code: 'target_replaced',
        });
      };
      const operations = everyOperation(() => call());
      for (const [name, operation] of Object.entries(operations)) await refused(name, operation);
      expect(await fixture.holds(edge)).toBe(false);
      await fixture.makeHeld(edge);
      await refused('revoke', operations.revoke);
      expect(await fixture.holds(edge)).toBe(true);
      expect(await connector.targetId(callContext(null))).not.toBe(target);
    });

    test('a secret that the target refuses is an error for people, without the secret', async () => {
      const operations = everyOperation(() => call(), fixture.refused.connector);
      for (const operation of Object.values(operations)) {
        expect(await failure(operation())).toMatchObject({ kind: 'terminal', outcomeKnown: true });
      }
      expect(await fixture.holds(edge)).toBe(false);
    });
  });
}

/** The deadline has to be behind us before a late landing can be called late; bounded by its own distance. */
async function waitUntil(time: number): Promise<void> {
  const left = time - Date.now();
  if (left > 0) await new Promise((resolve) => setTimeout(resolve, left));
}
