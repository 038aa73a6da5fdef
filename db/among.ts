/** Many values in one parameter: a statement then has one text, however many values there are. */
import { type SQL, type SQLWrapper, sql } from 'drizzle-orm';
import type { PgColumn } from 'drizzle-orm/pg-core';
import { storableJson, storableText } from './storable.ts';

/** `column in (…)`; false for every row when there are no values. */
export function among(column: PgColumn, values: readonly string[] | readonly number[]): SQL {
  // Of no values the type is not known.
  return values.length === 0 ? sql`false` : sql`${column} = any(${arrayOf(values)})`;
}

/** The same for a query that locks or limits: it runs once, to its end, before any row is compared. */
export function amongFound(column: PgColumn, query: SQLWrapper): SQL {
  return sql`${column} = any(array${query})`;
}

/** A list of rows, for `jsonb_to_recordset`. */
export function rowsOf(rows: readonly object[]): SQL {
  return sql`${storableJson(rows)}::text::jsonb`;
}

/** For `any(…)`. Written out here: postgres.js knows how to write arrays only once a connection has asked for their types. */
export function arrayOf(values: readonly string[] | readonly number[]): SQL {
  const type = values.every((value) => typeof value === 'number') ? sql`int8[]` : sql`text[]`;
  const written = values.map((value) => `"${storableText(String(value)).replace(/["\\]/g, '\\$&')}"`);
  return sql`${`{${written.join(',')}}`}::text::${type}`;
}
