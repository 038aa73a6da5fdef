/** Column types that several tables share. */
import { timestamp } from 'drizzle-orm/pg-core';

/** A moment, to the millisecond: as fine as the clocks that are compared with it. */
export const at = (name: string) => timestamp(name, { withTimezone: true, precision: 3, mode: 'date' });
