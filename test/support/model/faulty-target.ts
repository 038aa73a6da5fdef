/**
 * One vault that several processes speak to, each through a connector that can fail: calls that time out,
 * calls whose process dies, effects that land late. Keeps count of who gave what.
 */
import { type Connector, ConnectorError } from '../../../src/connectors/connector.ts';
import type { ManualClocks } from '../clocks.ts';
import { createVault } from '../vault.ts';
import type { Fault } from './deeds.ts';

/** Whose an edge is. `unclear`: somebody gave it where Curfew could not but take it for its own. */
export type Origin = 'curfew' | 'other' | 'unclear';

export function createFaultyTarget(clocks: ManualClocks, options: { endsSessions: boolean }) {
  const vault = createVault('vault', options);
  const origins = new Map<string, Origin>();
  /** What Curfew took away without having given it. */
  const stolen: string[] = [];
  /** What somebody took away by hand, until it is given again. */
  const missing = new Set<string>();
  const late: { at: number; land: () => void }[] = [];
  let faults: Fault[] = [];

  function given(edge: string, origin: Origin): void {
    origins.set(edge, origin);
    missing.delete(edge);
  }

  function revoked(edge: string): void {
    if (origins.get(edge) === 'other') stolen.push(edge);
    origins.delete(edge);
  }

  function effect(call: Fault['call'], key: string, account: string): void {
    const edge = `${key}:${account}`;
    if (call === 'grant') {
      if (!vault.holds(key, account)) given(edge, 'curfew');
      vault.put(key, account);
    }
    if (call === 'revoke') {
      revoked(edge);
      vault.take(key, account);
    }
  }

  /** The target as one process sees it; `die` ends that process. */
  function connectorOf(die: () => void): Connector {
    const faulty =
      <A extends [{ permission: unknown; account: string }, ...unknown[]], R>(
        name: Fault['call'],
        call: (...args: A) => Promise<R>,
      ) =>
      async (...args: A): Promise<R> => {
        const { permission, account } = args[0];
        const { key } = permission as { key: string };
        const fault = faults.find((each) => each.call === name);
        if (!fault || vault.state.down) {
          const isNew = name === 'grant' && !vault.holds(key, account) && !vault.state.down;
          const result = await call(...args);
          if (isNew) given(`${key}:${account}`, 'curfew');
          if (name === 'revoke') revoked(`${key}:${account}`);
          return result;
        }
        faults = faults.filter((each) => each !== fault);
        const { landsAfterS, dies } = fault;
        if (landsAfterS === 0) effect(name, key, account);
        else if (landsAfterS !== null) {
          const at = clocks.real().getTime() + landsAfterS * 1000;
          late.push({ at, land: () => effect(name, key, account) });
        }
        if (dies) die();
        throw new ConnectorError('retryable', 'timeout', 'no answer', { outcomeKnown: false });
      };
    const { connector } = vault;
    return {
      ...connector,
      grant: faulty('grant', connector.grant),
      revoke: faulty('revoke', connector.revoke),
      inspect: faulty('inspect', connector.inspect),
      endSessions: faulty('endSessions', connector.endSessions),
    };
  }

  return {
    vault,
    origins,
    stolen,
    missing,
    connectorOf,
    /** What goes wrong from here on; nothing else does. */
    expectFaults(next: readonly Fault[]): void {
      faults = [...next];
    },
    heal(): void {
      faults = [];
      vault.state.down = false;
    },
    /** Time passes, and what was still under way lands. */
    pass(seconds: number): void {
      clocks.pass(seconds);
      const now = clocks.real().getTime();
      const landing = late.filter(({ at }) => at <= now).sort((a, b) => a.at - b.at);
      for (const each of landing) {
        late.splice(late.indexOf(each), 1);
        each.land();
      }
    },
    give(key: string, account: string, origin: Origin): void {
      if (vault.holds(key, account)) return;
      given(`${key}:${account}`, origin);
      vault.put(key, account);
    },
    take(key: string, account: string): void {
      if (vault.holds(key, account)) missing.add(`${key}:${account}`);
      origins.delete(`${key}:${account}`);
      vault.take(key, account);
    },
  };
}
