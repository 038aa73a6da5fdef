/**
 * The part of the contract about names that change hands. People rename accounts, roles and teams while a
 * grant is live, and others take the old names: every call goes by what was meant, or says that it cannot.
 */
import { beforeEach, describe, expect, test } from 'vitest';
import type { Connector, EdgeRef } from '../../src/connectors/connector.ts';
import type { ConnectorFixture } from './connector-fixture.ts';
import { absent, type ConnectorStage, present } from './connector-stage.ts';

export function renamingContract<P>(stage: ConnectorStage<P>): void {
  let fixture: ConnectorFixture<P>;
  let connector: Connector<P>;
  let edge: EdgeRef<P>;
  beforeEach(() => {
    ({ fixture, connector, edge } = stage.on());
  });
  const { call } = stage;

  /** Renames one end; gives today's names, and the way back. */
  async function renameOne(end: 'account' | 'permission') {
    const { rename } = fixture;
    if (end === 'account') {
      const account = await rename.account(edge.account);
      return { today: { ...edge, account }, back: () => rename.accountBack(account, edge.account) };
    }
    const permission = await rename.permission(edge.permission);
    const back = () => rename.permissionBack(permission, edge.permission);
    return { today: { ...edge, permission }, back };
  }
  const newcomer = (end: 'account' | 'permission') =>
    end === 'account'
      ? fixture.rename.newAccount(edge.account)
      : fixture.rename.newPermission(edge.permission);

  describe.each(['account', 'permission'] as const)('an %s renamed in the window', (end) => {
    test('is still held, and shown by its name of today', async () => {
      await connector.grant(edge, call());
      const { today } = await renameOne(end);
      expect(await fixture.holds(today)).toBe(true);
      const renamed =
        end === 'account'
          ? { account: today.account }
          : { description: connector.describe(today.permission) };
      expect(await connector.inspect(edge, call())).toEqual({ ...present, renamed });
      const holders = await connector.list(edge, call());
      expect(holders).toContainEqual({ account: today.account, accountId: edge.accountId, ...present });
    });

    test('is revoked, and renamed back it holds nothing', async () => {
      await connector.grant(edge, call());
      const { today, back } = await renameOne(end);
      await connector.revoke(edge, call());
      expect(await fixture.holds(today)).toBe(false);
      expect(await connector.inspect(edge, call())).toMatchObject(absent);
      await back();
      expect(await fixture.holds(edge)).toBe(false);
      expect(await connector.inspect(edge, call())).toEqual(absent);
    });

    test('is given what was asked for before', async () => {
      const { today } = await renameOne(end);
      await connector.grant(edge, call());
      expect(await fixture.holds(today)).toBe(true);
      await connector.revoke(edge, call());
      expect(await fixture.holds(today)).toBe(false);
    });

    test('means the same under its new name', async () => {
      const { today } = await renameOne(end);
      if (end === 'account') return;
      const { permissionId } = edge;
      expect(await connector.resolvePermission(today.permission, call())).toEqual({ ok: true, permissionId });
    });

    test('has its sessions ended under the new name', async () => {
      const { sessions } = fixture;
      if (!sessions) return expect(connector.limits.endsSessions).toBe(false);
      const { today } = await renameOne(end);
      const session = await sessions.open(today.account);
      const before = new Date((await sessions.now()).getTime() + 2);
      expect(await connector.endSessions(edge, before, call())).toBe(1);
      expect(await session.alive()).toBe(false);
      await session.close();
    });
  });

  describe.each(['account', 'permission'] as const)('the name of an %s that somebody else has now', (end) => {
    test('gives the newcomer nothing, and takes nothing from it', async () => {
      const { today } = await renameOne(end);
      await newcomer(end);
      await connector.grant(edge, call());
      expect(await fixture.holds(today)).toBe(true);
      expect(await fixture.holds(edge)).toBe(false);
      await fixture.makeHeld(edge);
      await connector.revoke(edge, call());
      expect(await fixture.holds(today)).toBe(false);
      expect(await fixture.holds(edge)).toBe(true);
      expect(await connector.inspect(edge, call())).toMatchObject(absent);
    });

    test('is another edge', async () => {
      await renameOne(end);
      await newcomer(end);
      if (end === 'permission') {
        const found = await connector.resolvePermission(edge.permission, call());
        expect(found.ok && found.permissionId).toEqual(expect.any(String));
        return expect(found).not.toMatchObject({ permissionId: edge.permissionId });
      }
      const { email } = fixture.subjects.ruled;
      const found = await connector.resolveAccount({ email }, call());
      expect(found).toMatchObject({ ok: true, account: edge.account });
      expect(found).not.toMatchObject({ accountId: edge.accountId });
    });

    test('leaves the newcomer alone where what was meant is gone', async () => {
      const { rename } = fixture;
      const drop = end === 'account' ? rename.dropAccount : rename.dropPermission;
      if (!drop) return expect(drop).toBeUndefined();
      await connector.grant(edge, call());
      if (end === 'account') await rename.dropAccount?.(edge.account);
      else await rename.dropPermission?.(edge.permission);
      await newcomer(end);
      await fixture.makeHeld(edge);
      const goneOrUnsure = await connector.inspect(edge, call()).catch((error: unknown) => error);
      if (goneOrUnsure instanceof Error) expect(goneOrUnsure).toMatchObject({ kind: 'terminal' });
      else expect(goneOrUnsure).toEqual({ ...absent, gone: end });
      await expect(connector.grant(edge, call())).rejects.toMatchObject({
        kind: 'terminal',
        outcomeKnown: true,
      });
      await connector.revoke(edge, call()).catch((error: unknown) => {
        expect(error).toMatchObject({ kind: 'terminal', outcomeKnown: true });
      });
      expect(await fixture.holds(edge)).toBe(true);
    });
  });
}
