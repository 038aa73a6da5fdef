import { z } from 'zod';
import { commonConfig } from '../../src/incidents/common-config.ts';
import { type IncidentSourceKind, SourceError } from '../../src/incidents/source.ts';

const config = z.strictObject({
  kind: z.literal('pager'),
  ...commonConfig,
  webhook_secret: z.string(),
});

/** A kind that speaks to nobody; `closed` has the names of the sources that were closed. */
export function fakeSourceKind(): IncidentSourceKind<z.output<typeof config>> & {
  readonly closed: string[];
} {
  const closed: string[] = [];
  const never = () => Promise.reject(new SourceError('refused', 'spoke to a source'));
  return {
    kind: 'pager',
    config,
    closed,
    create: (name, { webhook_secret, grace, unconfirmed }) => {
      if (webhook_secret.includes('broken')) throw new Error(`cannot use ${webhook_secret}`);
      return {
        name,
        kind: 'pager',
        graceS: grace,
        unconfirmed,
        polls: false,
        verify: () => false,
        read: () => ({ kind: 'malformed' }),
        recognises: () => null,
        find: never,
        listOpen: never,
        note: never,
        close: async () => {
          closed.push(name);
        },
      };
    },
  };
}
