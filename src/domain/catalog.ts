/** The catalog: what can be asked for, by whom, and who decides. Made from `curfew.yaml`, never changed in place. */

import type { Channel } from './platform.ts';

export const RISKS = ['low', 'medium', 'high', 'critical'] as const;
export type Risk = (typeof RISKS)[number];

/** One permission in one target, as the catalog names it. */
export interface EntitlementSpec {
  /** A name under `connectors:`. */
  readonly connector: string;
  /** Already narrowed by the connector's own schema. */
  readonly permission: Readonly<Record<string, unknown>>;
}

export interface Role {
  /** `[a-z0-9][a-z0-9-]*`. */
  readonly name: string;
  readonly title: string;
  /** Mail addresses, lower case, at least one, else the role cannot be requested. */
  readonly owners: readonly string[];
  readonly risk: Risk;
  readonly environment: string;
  readonly sensitivity: string;
  /** `YYYY-MM-DD`; past its end (UTC) the role cannot be requested. Null: never set, counts as past. */
  readonly recertifyBy: string | null;
  readonly maxDurationS: number;
  readonly defaultDurationS: number;
  /** Mail addresses, lower case; null: every full member. */
  readonly requesters: readonly string[] | null;
  /** Where the card goes; null: the catalog's approvals channel. */
  readonly channel: Channel | null;
  /** True where a request must name an open incident. */
  readonly requiresIncident: boolean;
  readonly entitlements: readonly EntitlementSpec[];
  /**
   * What stands in the way of any request for this role (unknown connector, no owner ...), in people's
   * words; empty when it can be requested. `curfew check` shows the same sentences.
   */
  readonly problems: readonly string[];
}

export interface Catalog {
  /** Content hash of everything that policy depends on: `sha256:` and 64 hex digits. */
  readonly version: string;
  readonly roles: ReadonlyMap<string, Role>;
  /** Mail addresses, lower case. */
  readonly admins: readonly string[];
  /** Mail domains whose addresses may be bound to principals, lower case and punycode. */
  readonly domains: readonly string[];
  /** Whether mail addresses may have characters beyond ASCII before the @. */
  readonly nonAsciiAddresses: boolean;
  readonly channels: { readonly approvals: Channel; readonly alerts: Channel };
  /**
   * People whom the configuration names itself, guests and members of other workspaces too: by `identityKey`,
   * the mail address that they act under, lower case.
   */
  readonly mapped: ReadonlyMap<string, string>;
  /** Whether an incident that an admin opened by hand satisfies a role that requires one. */
  readonly manualIncidentsTrusted: boolean;
}

/** One identity on one platform, as a key. */
export function identityKey(who: { platform: string; workspace: string; userId: string }): string {
  return `${who.platform}:${who.workspace}/${who.userId}`;
}

interface MappedIdentity {
  readonly platform: string;
  readonly workspace: string;
  readonly userId: string;
}

/** Whom the configuration names on one platform. */
export function mappedOn({ mapped }: Pick<Catalog, 'mapped'>, platform: string): readonly MappedIdentity[] {
  return [...mapped.keys()].flatMap(toIdentity).filter((each) => each.platform === platform);
}

/**
 * The address that somebody acts under by the configuration, which may name them by any workspace that is theirs;
 * null: it does not name them.
 */
export function mappedAddress(
  { mapped }: Pick<Catalog, 'mapped'>,
  { alsoOf = [], ...who }: MappedIdentity & { readonly alsoOf?: readonly string[] | undefined },
): string | null {
  for (const workspace of [who.workspace, ...alsoOf]) {
    const address = mapped.get(identityKey({ ...who, workspace }));
    if (address !== undefined) return address;
  }
  return null;
}

/** Who acts under this address by the configuration. */
export function mappedTo({ mapped }: Pick<Catalog, 'mapped'>, email: string): readonly MappedIdentity[] {
  return [...mapped].flatMap(([key, owner]) => (owner === email ? toIdentity(key) : []));
}

function toIdentity(key: string): MappedIdentity[] {
  const [, platform, workspace, userId] = /^([^:]+):([^/]+)\/(.+)$/.exec(key) ?? [];
  return platform && workspace && userId ? [{ platform, workspace, userId }] : [];
}
