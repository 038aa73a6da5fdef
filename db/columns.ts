/** Column types that several tables share. */
import { customType, timestamp } from 'drizzle-orm/pg-core';
import { storableJson, storableText } from './storable.ts';

/** A moment, to the millisecond: as fine as the clocks that are compared with it. */
export const at = (name: string) => timestamp(name, { withTimezone: true, precision: 3, mode: 'date' });

/** Text, compared with what is asked for in the form in which it is kept. */
export const text = customType<{ data: string; driverData: string }>({
  dataType: () => 'text',
  toDriver: storableText,
});

export const jsonb = customType<{ data: unknown; driverData: unknown }>({
  dataType: () => 'jsonb',
  toDriver: storableJson,
  // One driver hands it over as it came, the other one read.
  fromDriver(kept) {
    if (typeof kept !== 'string') return kept;
    try {
      return JSON.parse(kept);
    } catch {
      return kept;
    }
  },
});
