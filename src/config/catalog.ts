/** The catalog, and what stands in the way of asking for its roles. */
import { createHash } from 'node:crypto';
import type { Connector } from '../connectors/connector.ts';
import { canonicalJson } from '../domain/audit-chain.ts';
import { type Catalog, type EntitlementSpec, identityKey, type Role } from '../domain/catalog.ts';
import { durationInWords } from '../domain/duration.ts';
import { domainOf } from '../domain/mail-address.ts';
import { nearest } from '../domain/nearest.ts';
import { PLATFORMS } from '../domain/platform.ts';
import type { RoleEntry } from './document.ts';
import { explain, type Finding } from './explain.ts';
import type { Mapping } from './parts.ts';
import type { ConfigPath } from './problem.ts';

const USUAL_DURATION_S = 3_600;

export interface CatalogParts {
  readonly roles: ReadonlyMap<string, RoleEntry>;
  readonly admins: readonly string[];
  /** Empty only where they are not known, since the document is wrong elsewhere. */
  readonly domains: readonly string[];
  readonly channels: Catalog['channels'];
  readonly people: Readonly<Record<string, Mapping>>;
  readonly nonAsciiAddresses: boolean;
  /** Every name under `connectors:`; null for an entry that is itself wrong, and reported elsewhere. */
  readonly connectors: ReadonlyMap<string, Connector | null>;
  readonly incidents: {
    readonly manualTrusted: boolean;
    /** By name, what policy depends on; null for an entry that is itself wrong. Never a secret. */
    readonly sources: Readonly<Record<string, unknown>>;
  };
}

interface Use {
  readonly role: string;
  readonly path: ConfigPath;
  readonly spec: EntitlementSpec;
  readonly connector: Connector;
}

/** The findings are also in each `Role.problems`, so they are sentences about the role ("It has ..."). */
export function buildCatalog(parts: CatalogParts): { catalog: Catalog; findings: readonly Finding[] } {
  const read = [...parts.roles].map(([name, entry]) => ({ name, entry, ...readRole(name, entry, parts) }));
  const clashes = clashesOf(read.flatMap(({ uses }) => uses));
  const findings: Finding[] = [];
  const roles = new Map<string, Role>();
  for (const { name, entry, uses, found } of read) {
    const all = [...found, ...clashes.filter(({ path }) => path[1] === name)];
    findings.push(...all);
    roles.set(name, toRole(name, entry, uses, all));
  }
  const { admins, domains, channels, people, nonAsciiAddresses, incidents } = parts;
  const kinds = Object.fromEntries([...parts.connectors].map(([name, connector]) => [name, connector?.kind]));
  const content = {
    roles: Object.fromEntries(roles),
    admins,
    domains,
    channels,
    people,
    nonAsciiAddresses,
    connectors: kinds,
    incidents,
  };
  const version = `sha256:${createHash('sha256').update(canonicalJson(content)).digest('hex')}`;
  const mapped = mappedBy(people, findings);
  const { manualTrusted: manualIncidentsTrusted } = incidents;
  return {
    catalog: { version, roles, admins, domains, nonAsciiAddresses, channels, mapped, manualIncidentsTrusted },
    findings,
  };
}

/** An identity that two addresses claim belongs to neither. */
function mappedBy(people: CatalogParts['people'], findings: Finding[]): Map<string, string> {
  const mapped = new Map<string, string>();
  const twice = new Set<string>();
  for (const [email, mapping] of Object.entries(people)) {
    for (const platform of PLATFORMS) {
      const [workspace, userId] = mapping[platform]?.split('/') ?? [];
      if (workspace === undefined || userId === undefined) continue;
      const key = identityKey({ platform, workspace, userId });
      if (mapped.has(key)) {
        twice.add(key);
        const message = `${mapping[platform]} is named for ${mapped.get(key)} too, so it counts for neither.`;
        findings.push({ path: ['identity', 'people', email, platform], message });
      }
      mapped.set(key, email);
    }
  }
  for (const key of twice) mapped.delete(key);
  return mapped;
}

function readRole(name: string, entry: RoleEntry, parts: CatalogParts): { uses: Use[]; found: Finding[] } {
  const uses: Use[] = [];
  const found: Finding[] = [];
  const add = (path: ConfigPath, message: string) => found.push({ path: ['roles', name, ...path], message });

  if (entry.owners.length === 0) add(['owners'], 'It has no owner, so nobody could approve it.');
  for (const [index, owner] of entry.owners.entries()) {
    if (parts.domains.length === 0 || parts.domains.includes(domainOf(owner))) continue;
    add(['owners', index], `Its owner ${owner} is not of ${parts.domains.join(' or ')} (identity.domains).`);
  }
  const { default_duration: suggested, max_duration: longest } = entry;
  if (suggested !== undefined && suggested > longest) {
    const [a, b] = [durationInWords(suggested), durationInWords(longest)];
    add(['default_duration'], `Its default_duration (${a}) is longer than its max_duration (${b}).`);
  }
  const { manualTrusted, sources } = parts.incidents;
  if (entry.requires === 'incident' && !manualTrusted && Object.keys(sources).length === 0) {
    add(['requires'], 'It needs an incident, and no source of incidents is configured.');
  }
  for (const [index, { connector: connectorName, permission }] of entry.entitlements.entries()) {
    const connector = parts.connectors.get(connectorName);
    if (connector === null) continue;
    if (connector === undefined) {
      const [like] = nearest(connectorName, parts.connectors.keys(), 1);
      const hint = like ? `; did you mean ${like}?` : '.';
      add(['entitlements', index, 'connector'], `Its connector ${connectorName} is not configured${hint}`);
      continue;
    }
    const path = ['roles', name, 'entitlements', index, 'permission'];
    const parsed = connector.permission.safeParse(permission, { reportInput: true });
    if (parsed.success) {
      const spec = { connector: connectorName, permission: parsed.data as EntitlementSpec['permission'] };
      uses.push({ role: name, path, spec, connector });
      continue;
    }
    for (const finding of explain(parsed.error.issues, {})) {
      const field = finding.path.join('.');
      const message = `Its permission on ${connectorName} is refused${field && `, ${field}`}: ${finding.message}`;
      found.push({ path: [...path, ...finding.path], message });
    }
  }
  return { uses, found };
}

/**
 * Two levels of one relation (member and maintainer) are one edge in the target: granting one would change
 * the other, so a catalog may use only one of them. The same entitlement twice in a role is a slip.
 */
function clashesOf(uses: readonly Use[]): Finding[] {
  const edges = new Map<string, Use[]>();
  for (const use of uses) {
    const key = JSON.stringify([use.spec.connector, use.connector.relation(use.spec.permission)]);
    edges.set(key, [...(edges.get(key) ?? []), use]);
  }
  const findings: Finding[] = [];
  for (const group of edges.values()) {
    const firstOf = new Map<string, Use>();
    const inRole = new Set<string>();
    for (const use of group) {
      const level = canonicalJson(use.spec.permission);
      if (!firstOf.has(level)) firstOf.set(level, use);
      const twice = JSON.stringify([use.role, level]);
      if (inRole.has(twice)) findings.push({ path: use.path, message: `It gives ${words(use)} twice.` });
      inRole.add(twice);
    }
    if (firstOf.size < 2) continue;
    for (const use of group) {
      const level = canonicalJson(use.spec.permission);
      const other = [...firstOf].find(([otherLevel]) => otherLevel !== level)?.[1] ?? use;
      const message = `It gives ${words(use)}, and role ${other.role} gives ${words(other)}: two levels of one membership cannot stand side by side.`;
      findings.push({ path: use.path, message });
    }
  }
  return findings;
}

function words({ connector, spec }: Use): string {
  return connector.describe(spec.permission);
}

function toRole(name: string, entry: RoleEntry, uses: readonly Use[], found: readonly Finding[]): Role {
  const maxDurationS = entry.max_duration;
  return {
    name,
    title: entry.title,
    owners: unique(entry.owners),
    risk: entry.risk,
    environment: entry.environment,
    sensitivity: entry.sensitivity,
    recertifyBy: entry.recertify_by ?? null,
    maxDurationS,
    defaultDurationS: Math.min(entry.default_duration ?? USUAL_DURATION_S, maxDurationS),
    requesters: entry.requesters ? unique(entry.requesters) : null,
    channel: entry.channel ?? null,
    requiresIncident: entry.requires === 'incident',
    entitlements: uses.map(({ spec }) => spec),
    problems: found.map(({ message }) => message),
  };
}

export function unique(values: readonly string[]): string[] {
  return [...new Set(values)];
}
