/**
 * What every connector promises, as a suite. A connector's test file gives a fixture that can look at the
 * target behind the connector's back, stall it, take it down and put another in its place:
 *
 *     connectorContract({ name: 'postgres on 18', setUp: () => postgresFixture(inject('pg18Url')) });
 *
 * `setUp` runs before each test and must give a target, or a part of one, where nobody holds anything.
 */
import { inspect as print } from 'node:util';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Connector, EdgeRef } from '../../src/connectors/connector.ts';
import { faultContract } from './connector-contract-faults.ts';
import { holdingContract } from './connector-contract-holding.ts';
import { renamingContract } from './connector-contract-renaming.ts';
import { type ConnectorFixture, callContext } from './connector-fixture.ts';
import { type ConnectorStage, connectorStage } from './connector-stage.ts';

export function connectorContract<P>(suite: { name: string; setUp(): Promise<ConnectorFixture<P>> }): void {
  describe(`the connector contract: ${suite.name}`, () => {
    const stage = connectorStage(() => suite.setUp());
    holdingContract(stage);
    faultContract(stage);
    namingContract(stage);
    renamingContract(stage);
  });
}

function namingContract<P>(stage: ConnectorStage<P>): void {
  let fixture: ConnectorFixture<P>;
  let connector: Connector<P>;
  let edge: EdgeRef<P>;
  let target: string;
  beforeEach(() => {
    ({ fixture, connector, edge, target } = stage.on());
  });
  const { call } = stage;

  describe('accounts', () => {
    test('a subject resolves by the rule, by the map, and whatever the case of the mail', async () => {
      for (const { email, ...found } of [fixture.subjects.ruled, fixture.subjects.mapped]) {
        for (const spelled of [email, email.toUpperCase()]) {
          const answer = await connector.resolveAccount({ email: spelled }, call());
          expect(answer).toEqual({ ok: true, ...found });
        }
      }
    });

    test('an unknown account is an answer with a reason', async () => {
      const answer = await connector.resolveAccount({ email: fixture.subjects.unknown }, call());
      expect(answer).toEqual({
        ok: false,
        reason: expect.stringMatching(/^(unknown|unmapped)$/),
        message: expect.stringMatching(/\w/),
      });
    });

    test('a disabled account is an answer with a reason', async () => {
      const { disabled } = fixture.subjects;
      if (!disabled) return expect(fixture.subjects).toHaveProperty('disabled', undefined);
      const answer = await connector.resolveAccount({ email: disabled }, call());
      expect(answer).toEqual({ ok: false, reason: 'disabled', message: expect.stringMatching(/\w/) });
    });
  });

  describe('names', () => {
    test('a permission means the same to every connector, and each permission and account something else', async () => {
      const { twin, other, hostileEdges } = fixture;
      expect(await twin.targetId(callContext(null))).toBe(target);
      const permissions = [edge, other, ...hostileEdges].map((each) => each.permission);
      const ids = new Map<string, string>();
      for (const permission of permissions) {
        const found = await connector.resolvePermission(permission, call());
        expect(found).toEqual({ ok: true, permissionId: expect.stringMatching(/\w/) });
        expect(await twin.resolvePermission(permission, call())).toEqual(found);
        if (found.ok) ids.set(JSON.stringify(permission), found.permissionId);
      }
      expect(ids.get(JSON.stringify(edge.permission))).toBe(edge.permissionId);
      expect(new Set(ids.values()).size).toBe(ids.size);
      expect(new Set(permissions.map(connector.relation)).size).toBe(ids.size);
      const accounts = [edge, other, ...hostileEdges].map(({ account, accountId }) => ({
        account,
        accountId,
      }));
      const named = new Set(accounts.map(({ account }) => account));
      expect(new Set(accounts.map(({ accountId }) => accountId)).size).toBe(named.size);
    });

    test('a permission is checked, and described without the account', () => {
      expect(connector.permission.parse(edge.permission)).toEqual(edge.permission);
      for (const bad of [null, undefined, {}, [], 'text', ...fixture.badPermissions]) {
        expect(connector.permission.safeParse(bad).success, print(bad)).toBe(false);
      }
      expect(connector.describe(edge.permission)).toContain(connector.name);
      expect(connector.describe(edge.permission)).not.toContain(edge.account);
    });

    test('limits are usable numbers', () => {
      const { limits } = connector;
      expect(limits.maxLateLandingS).toBeGreaterThanOrEqual(0);
      expect(limits.callTimeoutS).toBeGreaterThan(0);
      expect(limits.concurrency).toBeGreaterThanOrEqual(1);
      expect(limits.endsSessions).toBe(fixture.sessions !== undefined);
      expect(limits.sessionOutlivesRevokeS ?? 0).toBeGreaterThanOrEqual(0);
    });
  });

  describe('sessions', () => {
    test('where sessions can be ended, exactly those of the account begun before the moment are', async () => {
      const { sessions } = fixture;
      if (!sessions) return expect(connector.limits.endsSessions).toBe(false);
      const [old, neighbour] = [
        await sessions.open(edge.account),
        await sessions.open(fixture.other.account),
      ];
      const before = new Date((await sessions.now()).getTime() + 2);
      while ((await sessions.now()) <= before);
      const young = await sessions.open(edge.account);
      expect(await connector.endSessions(edge, before, call())).toBe(1);
      expect([await old.alive(), await young.alive(), await neighbour.alive()]).toEqual([false, true, true]);
      expect(await connector.endSessions(edge, before, call())).toBe(0);
      await Promise.all([old, young, neighbour].map((each) => each.close()));
    });
  });
}
