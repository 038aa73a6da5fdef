/** A target that answers at once, and remembers when it was seen without an edge. */
import { z } from 'zod';
import type { Connector } from '../src/connectors/connector.ts';
import { edgeName } from '../src/domain/holding.ts';

const permission = z.strictObject({ key: z.string() });
type Permission = z.infer<typeof permission>;

export const TARGET = 'noop-target';
export const CONNECTOR = 'noop';

/** @param heldAtFirst every edge is there until it is revoked; else none is until it is granted */
export function createNoopConnector(options: { heldAtFirst: boolean; concurrency: number }) {
  const changed = new Set<string>();
  const absentAt = new Map<string, number>();
  const holds = (name: string) => changed.has(name) !== options.heldAtFirst;
  const set = (name: string, held: boolean) => {
    if (held === options.heldAtFirst) changed.delete(name);
    else changed.add(name);
  };

  const connector: Connector<Permission> = {
    name: CONNECTOR,
    kind: 'noop',
    permission,
    limits: {
      sessionOutlivesRevokeS: 0,
      maxLateLandingS: 0,
      callTimeoutS: 10,
      concurrency: options.concurrency,
      endsSessions: false,
      nativeExpiry: false,
    },
    describe: ({ key }) => `holder of ${key}`,
    relation: ({ key }) => key,
    targetId: async () => TARGET,
    async resolveAccount({ email }) {
      const account = email.split('@')[0] ?? '';
      return { ok: true, account, accountId: account };
    },
    resolvePermission: async ({ key }) => ({ ok: true, permissionId: key }),
    grant: async (edge) => set(edgeName(edge), true),
    revoke: async (edge) => set(edgeName(edge), false),
    endSessions: async () => 0,
    async inspect(edge) {
      const name = edgeName(edge);
      const direct = holds(name);
      if (!direct) absentAt.set(name, Date.now());
      return { direct, inherited: [] };
    },
    list: async () => [],
    close: async () => {},
  };
  return {
    connector: connector as Connector,
    /** Edge to when it was last seen absent, wall clock. */
    absentAt,
  };
}
