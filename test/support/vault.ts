/**
 * A target system in memory, with a connector that speaks to it: for tests of what Curfew does around a
 * target. Faults are switched on by the test; the real targets have tests of their own.
 */
import { z } from 'zod';
import { type Connector, ConnectorError, type ConnectorLimits } from '../../src/connectors/connector.ts';

const permission = z.strictObject({ key: z.string().min(1) });
type Permission = z.infer<typeof permission>;

export function createVault(name = 'vault', limits: Partial<ConnectorLimits> = {}) {
  const holders = new Set<string>();
  const inherited = new Map<string, string[]>();
  const sessions: { account: string; begun: Date }[] = [];
  const calls: string[] = [];
  const state = { down: false, targetId: `target-of-${name}`, failAfterEffect: false, ignoreGrants: false };
  /** Awaited before a call's effect: lets a test hold a call in the middle. */
  let before: (call: string) => Promise<void> = async () => {};
  let after: (call: string) => Promise<void> = async () => {};

  const edge = ({ key }: Permission, account: string) => `${key}:${account}`;
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
    edge,
    async targetId(call) {
      await enter('targetId', call.expectTarget);
      return state.targetId;
    },
    async resolveAccount({ email }, call) {
      await enter('resolveAccount', call.expectTarget);
      const account = email.split('@')[0] ?? '';
      return account === 'noaccount'
        ? { ok: false, reason: 'unknown', message: `There is no account ${account} on ${name}` }
        : { ok: true, account };
    },
    async grant({ permission: p, account }, call) {
      await enter('grant', call.expectTarget);
      if (!state.ignoreGrants) holders.add(edge(p, account));
      await leave('grant');
    },
    async revoke({ permission: p, account }, call) {
      await enter('revoke', call.expectTarget);
      holders.delete(edge(p, account));
      await leave('revoke');
    },
    async endSessions({ account }, begunBefore, call) {
      await enter('endSessions', call.expectTarget);
      const old = sessions.filter((session) => session.account === account && session.begun < begunBefore);
      for (const session of old) sessions.splice(sessions.indexOf(session), 1);
      await leave('endSessions');
      return old.length;
    },
    async inspect({ permission: p, account }, call) {
      await enter('inspect', call.expectTarget);
      return { direct: holders.has(edge(p, account)), inherited: inherited.get(edge(p, account)) ?? [] };
    },
    async list(p, call) {
      await enter('list', call.expectTarget);
      return [...holders]
        .filter((held) => held.startsWith(`${p.key}:`))
        .map((held) => ({ account: held.slice(p.key.length + 1), direct: true, inherited: [] }));
    },
    async close() {},
  };

  return {
    connector: connector as Connector,
    state,
    calls,
    sessions,
    inherited,
    holds: (key: string, account: string) => holders.has(`${key}:${account}`),
    /** Somebody else's hand in the target. */
    put: (key: string, account: string) => void holders.add(`${key}:${account}`),
    take: (key: string, account: string) => void holders.delete(`${key}:${account}`),
    onBefore(hook: (call: string) => Promise<void>) {
      before = hook;
    },
    onAfter(hook: (call: string) => Promise<void>) {
      after = hook;
    },
  };
}

export type Vault = ReturnType<typeof createVault>;
