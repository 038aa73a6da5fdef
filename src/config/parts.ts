/** The well-formed parts of a document that is wrong elsewhere, so that all of it can be looked at once. */
import type { z } from 'zod';
import type { ConnectorEntry } from '../connectors/registry.ts';
import type { Catalog } from '../domain/catalog.ts';
import type { Platform } from '../domain/platform.ts';
import { isSecretKey, passwordsIn } from '../observability/redact.ts';
import { type DocumentSchema, type RoleEntry, roleSchema } from './document.ts';
import { type IncidentsPart, incidentSourceNames } from './incidents.ts';
import type { ConfigPath } from './problem.ts';

/** `WORKSPACE/USER` on each platform. */
export type Mapping = Readonly<Partial<Record<Platform, string | undefined>>>;

export interface DocumentParts {
  readonly identity?:
    | {
        readonly domains?: readonly string[] | undefined;
        readonly people?: Readonly<Record<string, Mapping>> | undefined;
        readonly non_ascii_addresses?: boolean | undefined;
      }
    | undefined;
  readonly admins: readonly string[];
  readonly channels: Catalog['channels'];
  readonly connectors: Readonly<Record<string, ConnectorEntry>>;
  readonly incidents: IncidentsPart;
  readonly roles: Readonly<Record<string, RoleEntry>>;
}

export function partsOf(data: unknown, { shape }: DocumentSchema): DocumentParts {
  const raw = asRecord(data);
  return {
    identity: shape.identity.safeParse(raw.identity).data,
    admins: shape.admins.safeParse(raw.admins).data ?? [],
    channels: shape.channels.safeParse(raw.channels).data ?? { approvals: '', alerts: '' },
    connectors: wellFormed(raw.connectors, shape.connectors.valueType),
    incidents: shape.incidents.safeParse(raw.incidents).data ?? { manualTrusted: false, sources: {} },
    roles: wellFormed(raw.roles, roleSchema),
  };
}

/** Every name under `connectors:`, well formed or not. */
export function connectorNames(data: unknown): string[] {
  return Object.keys(asRecord(asRecord(data).connectors));
}

/** Every name of a source under `incidents:`, well formed or not. */
export function sourceNames(data: unknown): string[] {
  return incidentSourceNames(asRecord(asRecord(data).incidents));
}

/** The sections whose entries hold secrets. */
const SECRETIVE = ['connectors', 'incidents'] as const;

/** Whether a variable at `path` is to be taken for a secret, whatever its key is called. */
export function isSecretive(path: ConfigPath): boolean {
  return SECRETIVE.some((section) => path[0] === section);
}

/** Secrets of connectors and sources, by their keys or as passwords in URLs. */
export function secretFields(data: unknown): string[] {
  const walk = (value: unknown, isSecret: boolean): string[] => {
    if (typeof value === 'string') return [...(isSecret ? [value] : []), ...passwordsIn(value)];
    return Object.entries(asRecord(value)).flatMap(([key, item]) => walk(item, isSecret || isSecretKey(key)));
  };
  return SECRETIVE.flatMap((section) => walk(asRecord(data)[section], false));
}

function wellFormed<T>(value: unknown, schema: z.ZodType<T>): Record<string, T> {
  const entries = Object.entries(asRecord(value)).flatMap(([name, item]): [string, T][] => {
    const parsed = schema.safeParse(item);
    return parsed.success ? [[name, parsed.data]] : [];
  });
  return Object.fromEntries(entries);
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
