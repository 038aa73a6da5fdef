/** What the inbox keeps of a webhook, read back. */
import { z } from 'zod';
import { INCIDENT_NATURES, type Sighting } from '../../domain/incident.ts';

const text = z.string().max(2_000);

const sighting = z.object({
  key: z.string().min(1).max(200),
  number: text.nullable(),
  url: text.nullable(),
  title: text,
  state: z.enum(['open', 'closed']),
  nature: z.enum(INCIDENT_NATURES).nullable().default(null),
  severity: text.nullable(),
  service: text.nullable(),
  acknowledgedBy: text.nullable(),
  channel: z.object({ platform: z.enum(['slack', 'teams']), id: text }).nullable(),
  mergedInto: z.string().min(1).max(200).nullable(),
  openedAt: z.coerce.date(),
  at: z.coerce.date(),
}) satisfies z.ZodType<Sighting>;

const reading = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('sighting'), sighting }),
  z.object({ kind: z.literal('nudge'), key: z.string().max(200).nullable() }),
]);

export type KeptReading = z.infer<typeof reading>;

/** Null: nothing that can be applied. */
export function readKept(kept: unknown): KeptReading | null {
  const read = reading.safeParse(kept);
  return read.success ? read.data : null;
}
