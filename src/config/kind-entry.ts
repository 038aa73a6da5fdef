/** An entry that names its kind and is checked against that kind's schema; and schemas as editors read them. */
import { z } from 'zod';

interface Kind {
  readonly kind: string;
  readonly config: z.ZodType;
}

/** One entry; its output says which kind it is of. */
export function kindEntry<K extends Kind>(kinds: readonly K[]) {
  return z
    .unknown()
    .meta(kindEntryJsonSchema(kinds))
    .transform((value, context): { readonly kind: K; readonly config: unknown } => {
      const named = z.looseObject({ kind: z.enum(kinds.map(({ kind }) => kind)) });
      const first = named.safeParse(value, { reportInput: true });
      const kind = kinds.find((candidate) => candidate.kind === first.data?.kind);
      const parsed = kind?.config.safeParse(value, { reportInput: true });
      if (kind && parsed?.success) return { kind, config: parsed.data };
      for (const issue of (parsed ?? first).error?.issues ?? [])
        context.issues.push(issue as z.core.$ZodRawIssue);
      return z.NEVER;
    });
}

export function kindEntryJsonSchema(kinds: readonly Kind[]) {
  return { anyOf: kinds.map(({ config }) => jsonSchemaOf(config, allowVariable)) };
}

export function jsonSchemaOf(schema: z.ZodType, override?: JsonSchemaOverride): Record<string, unknown> {
  const options = { io: 'input', unrepresentable: 'any', ...(override && { override }) } as const;
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, options);
  return rest;
}

type JsonSchemaOverride = NonNullable<z.core.ToJSONSchemaParams['override']>;

/** Editors see the file before `${NAME}` is replaced, and JSON Schema knows no patterns without case. */
const allowVariable: JsonSchemaOverride = ({ zodSchema, jsonSchema }) => {
  const { def } = zodSchema._zod;
  if (def.type !== 'string') return;
  delete jsonSchema.format;
  const checks = (def.checks ?? []) as readonly { _zod: { def: { pattern?: RegExp } } }[];
  if (checks.some((check) => check._zod.def.pattern?.ignoreCase)) delete jsonSchema.pattern;
  if (jsonSchema.pattern) jsonSchema.pattern = `(?:${jsonSchema.pattern})|\\$\\{`;
};
