/**
 * A target system in memory, with a connector that speaks to it: for tests of what Curfew does around a
 * target. Faults are switched on by the test; the real targets have tests of their own.
 */
import { z } from 'zod';
import {
  type Connector,
  ConnectorError,
  type ConnectorLimits,
  type EdgeRef,
} from '../../src/connectors/connector.ts';

const permission = z.strictObject({ key: z.string().min(1) });
type Permission = z.infer<typeof permission>;

export function createVault(name = 'vault', limits: Partial<ConnectorLimits> = {}) {
  /** Edges by ids. What nobody renamed has its name for an id. */
  const holders = new Set<string>();
  const names = { account: new Map<string, string>(), permission: new Map<string, string>() };
  const inherited = new Map<string, string[]>();
  const sessions: { account: string; begun: Date }[] = [];
  const calls: string[] = [];
  const state = { down: false, targetId: `target-of-${name}`, failAfterEffect: false, ignoreGrants: false };
  /** Awaited before a call's effect: lets a test hold a call in the middle. */
  let before: (call: string) => Promise<void> = async () => {};
  let after: (call: string) => Promise<void> = async () => {};

  type Kind = keyof typeof names;
  const edge = (key: string, account: string) => `${key}:${account}`;
  const idsOf = ({ permissionId, accountId }: EdgeRef<Permission>) => edge(permissionId, accountId);
  /** Undefined: gone. */
  const nameOf = (kind: Kind, id: string) => (names[kind].has(id) ? names[kind].get(id) : id) || undefined;
  /** The id that bears this name today. */
  function idOf(kind: Kind, name: string): string {
    for (const [id, present] of names[kind]) if (present === name) return id;
    if (!names[kind].has(name)) return name;
    // Somebody else bore that name before.
    const id = `${name}, the next`;
    names[kind].set(id, name);
    return id;
  }
  function rename(kind: Kind, from: string, to: string): void {
    const id = idOf(kind, from);
    names[kind].set(id, to);
  }
  async function enter(call: string, expectTarget: string | null): Promise<void> {
    calls.push(call);
    await before(call);
    if (state.down)
      throw new ConnectorError('retryable', 'unreachable', `${name} does not answer.`, {
        outcomeKnown: true,
      });
    if (expectTarget !== null && expectTarget !== state.targetId) {
      throw new ConnectorError('terminal', 'target_replaced', `${name} is another system now.`, {
        outcomeKnown: true,
      });
    }
  }
  async function leave(call: string): Promise<void> {
    await after(call);
    if (state.failAfterEffect)
      throw new ConnectorError('retryable', 'timeout', `${name} did not answer in time.`, {
        outcomeKnown: false,
      });
  }

  const connector: Connector<Permission> = {
    name,
    kind: 'vault',
    permission,
    limits: {
      sessionOutlivesRevokeS: 0,
      maxLateLandingS: 5,
      callTimeoutS: 10,
      concurrency: 8,
      endsSessions: false,
      nativeExpiry: false,
      ...limits,
    },
    describe: ({ key }) => `holder of ${key} on ${name}`,
    relation: ({ key }) => key,
    async targetId(call) {
      await enter('targetId', call.expectTarget);
      return state.targetId;
    },
    async resolveAccount({ email }, call) {
      await enter('resolveAccount', call.expectTarget);
      const account = email.split('@')[0] ?? '';
      return account === 'noaccount'
        ? { ok: false, reason: 'unknown', message: `There is no account ${account} on ${name}` }
        : { ok: true, account, accountId: idOf('account', account) };
    },
    async resolvePermission({ key }, call) {
      await enter('resolvePermission', call.expectTarget);
      return { ok: true, permissionId: idOf('permission', key) };
    },
    async grant(wanted, call) {
      await enter('grant', call.expectTarget);
      if (!nameOf('account', wanted.accountId) || !nameOf('permission', wanted.permissionId)) {
        const words = `${name}: ${wanted.account} or ${wanted.permission.key} is gone.`;
        throw new ConnectorError('terminal', 'gone', words, { outcomeKnown: true });
      }
      if (!state.ignoreGrants) holders.add(idsOf(wanted));
      await leave('grant');
    },
    async revoke(wanted, call) {
      await enter('revoke', call.expectTarget);
      holders.delete(idsOf(wanted));
      await leave('revoke');
    },
    async endSessions({ account }, begunBefore, call) {
      await enter('endSessions', call.expectTarget);
      const old = sessions.filter((session) => session.account === account && session.begun < begunBefore);
      for (const session of old) sessions.splice(sessions.indexOf(session), 1);
      await leave('endSessions');
      return old.length;
    },
    async inspect(wanted, call) {
      await enter('inspect', call.expectTarget);
      const ids = idsOf(wanted);
      const holding = { direct: holders.has(ids), inherited: inherited.get(ids) ?? [] };
      const account = nameOf('account', wanted.accountId);
      const key = nameOf('permission', wanted.permissionId);
      if (!account || !key) return { ...holding, gone: account ? 'permission' : 'account' };
      const renamed = {
        ...(account !== wanted.account && { account }),
        ...(key !== wanted.permission.key && { description: `holder of ${key} on ${name}` }),
      };
      return Object.keys(renamed).length > 0 ? { ...holding, renamed } : holding;
    },
    async list({ permissionId }, call) {
      await enter('list', call.expectTarget);
      return [...holders]
        .filter((held) => held.startsWith(`${permissionId}:`))
        .map((held) => held.slice(permissionId.length + 1))
        .map((accountId) => ({
          account: nameOf('account', accountId) ?? accountId,
          accountId,
          direct: true,
          inherited: [],
        }));
    },
    async close() {},
  };

  return {
    connector: connector as Connector,
    state,
    calls,
    sessions,
    inherited,
    holds: (key: string, account: string) =>
      holders.has(edge(idOf('permission', key), idOf('account', account))),
    /** Somebody else's hand in the target. */
    put: (key: string, account: string) =>
      void holders.add(edge(idOf('permission', key), idOf('account', account))),
    take: (key: string, account: string) =>
      void holders.delete(edge(idOf('permission', key), idOf('account', account))),
    rename,
    /** What bears the name now is gone for good, and with it what it held; the name is free. */
    drop(kind: Kind, named: string) {
      const id = idOf(kind, named);
      for (const held of holders) {
        const own = kind === 'account' ? held.endsWith(`:${id}`) : held.startsWith(`${id}:`);
        if (own) holders.delete(held);
      }
      names[kind].set(id, '');
    },
    onBefore(hook: (call: string) => Promise<void>) {
      before = hook;
    },
    /** Answers until it was asked once more who holds what, such as at a vote, and no call after that. */
    goDownAfterNextReading(): void {
      let wasRead = false;
      before = async (call) => {
        if (wasRead) {
          state.down = true;
          before = async () => {};
        }
        wasRead ||= call === 'inspect';
      };
    },
    onAfter(hook: (call: string) => Promise<void>) {
      after = hook;
    },
  };
}

export type Vault = ReturnType<typeof createVault>;
