/** The kinds of target that Curfew can speak to: one line here for each. */
import type { Connector, ConnectorKind } from './connector.ts';
import { githubConnector } from './github/github-connector.ts';
import { postgresConnector } from './postgres/postgres-connector.ts';
import { webhookConnector } from './webhook/webhook-connector.ts';

/** Any kind, its own types known only to itself. */
export type AnyConnectorKind = ConnectorKind<unknown, unknown>;

export const connectorKinds: readonly AnyConnectorKind[] = [
  postgresConnector,
  githubConnector,
  webhookConnector,
];

export interface ConnectorEntry {
  readonly kind: AnyConnectorKind;
  /** Already narrowed by the kind's schema. */
  readonly config: unknown;
}

/** Makes a connector for each entry; none of them speaks to its target yet. One that cannot be made is a problem. */
export function createConnectors(
  entries: Readonly<Record<string, ConnectorEntry>>,
  domains: readonly string[],
): {
  readonly connectors: ReadonlyMap<string, Connector>;
  readonly problems: readonly { readonly path: readonly string[]; readonly message: string }[];
} {
  const connectors = new Map<string, Connector>();
  const problems: { path: string[]; message: string }[] = [];
  for (const [name, { kind, config }] of Object.entries(entries)) {
    try {
      connectors.set(name, kind.create(name, config, domains));
    } catch (error) {
      const why = error instanceof Error ? error.message : 'unknown error';
      problems.push({ path: ['connectors', name], message: `This connector cannot be made: ${why}` });
    }
  }
  return { connectors, problems };
}
