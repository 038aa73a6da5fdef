/** What zod found, in words for the person who wrote the file. */
import type { z } from 'zod';
import { nearest } from '../domain/nearest.ts';
import type { ConfigPath } from './problem.ts';

type Issue = z.core.$ZodIssue;
type JsonSchema = Readonly<Record<string, unknown>>;

export interface Finding {
  readonly path: ConfigPath;
  readonly message: string;
}

/**
 * One finding for each thing to correct. Issues have to be made with `reportInput`, to tell what is missing
 * from what is wrong; `schema` is the JSON Schema of the document and tells which keys there could be.
 */
export function explain(issues: readonly Issue[], schema: JsonSchema): Finding[] {
  return issues.flatMap((issue): Finding[] => {
    const path = issue.path.map((step) => (typeof step === 'number' ? step : String(step)));
    switch (issue.code) {
      case 'unrecognized_keys':
        return issue.keys.map((key) => ({ path: [...path, key], message: unknownKey(key, path, schema) }));
      case 'invalid_key':
        return issue.issues.map(({ message }) => ({ path, message }));
      case 'invalid_union': {
        // The form that it comes closest to is the one that was meant.
        const [closest] = [...issue.errors].sort((a, b) => a.length - b.length);
        const inner = closest?.map((error) => ({ ...error, path: [...issue.path, ...error.path] }));
        return inner ? explain(inner, schema) : [{ path, message: 'This fits none of its forms.' }];
      }
      default:
        return [{ path, message: sentence(issue) }];
    }
  });
}

function sentence(issue: Issue): string {
  const isOurs = !/^(Invalid|Too (big|small)|Unrecognized)/.test(issue.message);
  switch (issue.code) {
    case 'invalid_type':
      if (issue.input === undefined) return 'This is missing.';
      if (isOurs) return issue.message;
      return `This must be ${TYPES[issue.expected] ?? issue.expected}, not ${typeOf(issue.input)}.`;
    case 'invalid_value':
      if (issue.input === undefined) return 'This is missing.';
      return isOurs ? issue.message : `This must be ${issue.values.map(String).join(' or ')}.`;
    case 'too_big':
      return isOurs ? issue.message : `This may have at most ${amount(issue.maximum, issue.origin)}.`;
    case 'too_small':
      return isOurs ? issue.message : `This needs at least ${amount(issue.minimum, issue.origin)}.`;
    case 'invalid_format':
      return isOurs ? issue.message : `This is not a well-formed ${issue.format}.`;
    default:
      return issue.message;
  }
}

const TYPES: Readonly<Record<string, string>> = {
  string: 'text',
  object: 'a map',
  record: 'a map',
  array: 'a list',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
};

function typeOf(value: unknown): string {
  if (value === null) return 'nothing';
  if (Array.isArray(value)) return TYPES.array ?? '';
  return TYPES[typeof value] ?? typeof value;
}

function amount(count: number | bigint, origin: string): string {
  const many = Number(count) !== 1;
  if (origin === 'string') return `${count} ${many ? 'characters' : 'character'}`;
  return origin === 'array' || origin === 'object' ? `${count} ${many ? 'entries' : 'entry'}` : `${count}`;
}

function unknownKey(key: string, path: ConfigPath, schema: JsonSchema): string {
  const known = knownKeys(path, [schema]);
  const [like] = nearest(key, known, 1);
  if (like) return `There is no such key; did you mean ${like}?`;
  return known.length > 0
    ? `There is no such key here, only ${known.join(', ')}.`
    : 'There is no such key here.';
}

/** The keys that a map at `path` can have, over all alternatives. */
function knownKeys(path: ConfigPath, schemas: readonly JsonSchema[]): string[] {
  const all = schemas.flatMap((schema) => [schema, ...list(schema.anyOf), ...list(schema.oneOf)]);
  const [step, ...rest] = path;
  if (step === undefined) {
    return [...new Set(all.flatMap(({ properties }) => Object.keys(asSchema(properties) ?? {})))];
  }
  const next = all.flatMap(({ properties, additionalProperties, items }): JsonSchema[] => {
    const inner = typeof step === 'number' ? items : (asSchema(properties)?.[step] ?? additionalProperties);
    return some(asSchema(inner));
  });
  return knownKeys(rest, next);
}

function list(value: unknown): JsonSchema[] {
  return Array.isArray(value) ? value.flatMap((item): JsonSchema[] => some(asSchema(item))) : [];
}

function some(schema: JsonSchema | undefined): JsonSchema[] {
  return schema ? [schema] : [];
}

function asSchema(value: unknown): JsonSchema | undefined {
  return typeof value === 'object' && value !== null ? (value as JsonSchema) : undefined;
}
