/** `incidents:` in `curfew.yaml`: sources by names of the operator's choice, and `manual` beside them. */
import { z } from 'zod';
import { MANUAL_SOURCE } from '../domain/incident-name.ts';
import type { AnyIncidentSourceKind, IncidentSourceEntry } from '../incidents/registry.ts';
import { jsonSchemaOf, kindEntry, kindEntryJsonSchema } from './kind-entry.ts';

const manual = z.strictObject({
  trusted: z
    .boolean()
    .default(false)
    .describe('Whether an incident opened by hand satisfies a role that requires one.'),
});

export interface IncidentsPart {
  readonly manualTrusted: boolean;
  readonly sources: Readonly<Record<string, IncidentSourceEntry>>;
}

/** @param name what entries may be called. */
export function incidentsSchema(kinds: readonly AnyIncidentSourceKind[], name: z.ZodType<string>) {
  const entry = kindEntry(kinds);
  return z
    .record(z.string(), z.unknown())
    .default({})
    .meta({
      description: 'Where incidents come from, by names of your choice: POST /webhooks/<name> is each one’s.',
      properties: { [MANUAL_SOURCE]: jsonSchemaOf(manual) },
      additionalProperties: kindEntryJsonSchema(kinds),
      propertyNames: jsonSchemaOf(name),
    })
    .transform((entries, context): IncidentsPart => {
      const sources: [string, IncidentSourceEntry][] = [];
      let manualTrusted = false;
      const keep = <T>(key: string, schema: z.ZodType<T>, value: unknown, then: (data: T) => void) => {
        const parsed = schema.safeParse(value, { reportInput: true });
        if (parsed.success) then(parsed.data);
        for (const issue of parsed.error?.issues ?? [])
          context.issues.push({ ...issue, path: [key, ...issue.path] } as z.core.$ZodRawIssue);
      };
      for (const [key, value] of Object.entries(entries)) {
        if (key === MANUAL_SOURCE) {
          keep(key, manual, value, ({ trusted }) => {
            manualTrusted = trusted;
          });
          continue;
        }
        keep(key, name, key, () => {});
        keep(key, entry, value, (source) => sources.push([key, source]));
      }
      return { manualTrusted, sources: Object.fromEntries(sources) };
    });
}

/** Every source's name, well formed or not. */
export function incidentSourceNames(incidents: Readonly<Record<string, unknown>>): string[] {
  return Object.keys(incidents).filter((key) => key !== MANUAL_SOURCE);
}

const policyFields = z.object({
  severities: z.record(z.string(), z.string()),
  grace: z.number(),
  unconfirmed: z.string(),
});

/** What policy depends on of a source: its kind and what every source has, never a secret. Null for none. */
export function policyOf(entry: IncidentSourceEntry | undefined) {
  return entry ? { kind: entry.kind.kind, ...policyFields.safeParse(entry.config).data } : null;
}
