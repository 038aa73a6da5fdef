/** Role names of PostgreSQL: which strings are one, and how to say one in SQL. */
import { z } from 'zod';

/**
 * 1 to 63 bytes of UTF-8. The server cuts longer names off without an error, and so would act on another
 * role; it takes no NUL. A lone surrogate would be sent as U+FFFD, again another name.
 */
export function isRoleName(text: string): boolean {
  const bytes = Buffer.from(text);
  return bytes.length >= 1 && bytes.length <= 63 && !text.includes('\0') && bytes.toString() === text;
}

export const roleName = z.string().refine(isRoleName, 'must be a role name of 1 to 63 bytes');

/** As `quote_ident` does it: between double quotes nothing is special but the double quote. */
export function quoteRoleName(name: string): string {
  if (!isRoleName(name)) throw new TypeError('not a role name');
  return `"${name.replaceAll('"', '""')}"`;
}
