import { z } from 'zod';
import type { Connector, ConnectorKind } from '../../src/connectors/connector.ts';

const config = z.strictObject({
  kind: z.literal('fake'),
  url: z.string().regex(/^fake:/, 'must begin with fake:'),
  secret: z.string().optional(),
  ends_sessions: z.boolean().default(false),
});
const permission = z.strictObject({
  group: z.string(),
  level: z.enum(['member', 'maintainer']).default('member'),
});

/** A kind that speaks to nothing; `closed` has the names of the connectors that were closed. */
export function fakeKind(): ConnectorKind<z.output<typeof config>, z.output<typeof permission>> & {
  readonly closed: string[];
} {
  const closed: string[] = [];
  const never = () => Promise.reject(new Error('spoke to a target'));
  return {
    kind: 'fake',
    config,
    closed,
    create: (name, { url }): Connector<z.output<typeof permission>> => {
      if (url.includes('broken')) throw new Error(`cannot use ${url}`);
      return {
        name,
        kind: 'fake',
        limits: {
          sessionOutlivesRevokeS: 0,
          maxLateLandingS: 0,
          callTimeoutS: 1,
          concurrency: 1,
          endsSessions: false,
          nativeExpiry: false,
        },
        permission,
        describe: ({ group, level }) => `${level} of ${group} on ${name}`,
        relation: ({ group }) => group,
        targetId: never,
        resolveAccount: never,
        resolvePermission: never,
        grant: never,
        revoke: never,
        endSessions: never,
        inspect: never,
        list: never,
        close: async () => {
          closed.push(name);
        },
      };
    },
  };
}
