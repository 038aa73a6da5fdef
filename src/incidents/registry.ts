/** The kinds of incident source that Curfew can listen to: one line here for each. */
import { incidentIoSource } from './incident-io/incident-io-source.ts';
import { pagerdutySource } from './pagerduty/pagerduty-source.ts';
import { rootlySource } from './rootly/rootly-source.ts';
import type { IncidentSource, IncidentSourceKind } from './source.ts';
import { standardSource } from './standard/standard-source.ts';

/** Any kind, its own types known only to itself. */
export type AnyIncidentSourceKind = IncidentSourceKind<unknown>;

export const incidentSourceKinds: readonly AnyIncidentSourceKind[] = [
  pagerdutySource,
  incidentIoSource,
  rootlySource,
  standardSource,
];

export interface IncidentSourceEntry {
  readonly kind: AnyIncidentSourceKind;
  /** Already narrowed by the kind's schema. */
  readonly config: unknown;
}

/** Makes a source for each entry; none of them speaks to anybody yet. One that cannot be made is a problem. */
export function createIncidentSources(entries: Readonly<Record<string, IncidentSourceEntry>>): {
  readonly sources: ReadonlyMap<string, IncidentSource>;
  readonly problems: readonly { readonly path: readonly string[]; readonly message: string }[];
} {
  const sources = new Map<string, IncidentSource>();
  const problems: { path: string[]; message: string }[] = [];
  for (const [name, { kind, config }] of Object.entries(entries)) {
    try {
      sources.set(name, kind.create(name, config));
    } catch (error) {
      const why = error instanceof Error ? error.message : 'unknown error';
      problems.push({ path: ['incidents', name], message: `This source cannot be made: ${why}` });
    }
  }
  return { sources, problems };
}
