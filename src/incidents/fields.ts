/**
 * Parts of what vendors say of an incident. What decides about access must be well-formed; the rest is left
 * out where it is not, since an ending must not be lost over a crooked title.
 */
import { z } from 'zod';
import type { Sighting } from '../domain/incident.ts';
import { cleanText } from '../domain/text.ts';

/** A source whose clock runs further ahead than this would have the last word for that long. */
const MAX_AHEAD_MS = 5 * 60_000;

export type Severities = Readonly<Record<string, string>>;

/** A vendor's id that can stand in a path as it is. */
export const plainKey = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,199}$/);

/** A word of a vendor that is kept and compared, such as the id or type of an event. */
export const vendorWord = z.string().regex(/^[^\s\p{Cc}\p{Cs}]{1,200}$/u);

export const moment = z.iso.datetime({ offset: true }).transform((text) => new Date(text));

/** One clean line of at most `max` characters, or null. */
export function said(max: number) {
  return z
    .string()
    .transform((typed) => [...cleanText(typed)].slice(0, max).join('').trim() || null)
    .nullish()
    .catch(null);
}

export const link = z
  .url({ protocol: /^https?$/ })
  .regex(/^[!-~]+$/)
  .max(500)
  .nullish()
  .catch(null);

/** By the configuration's name, where it has one. */
export function severityName(vendors: string | null | undefined, severities: Severities): string | null {
  if (!vendors) return null;
  return Object.hasOwn(severities, vendors) ? (severities[vendors] ?? null) : vendors;
}

export function slackChannel(id: string | null | undefined): Sighting['channel'] {
  return id ? { platform: 'slack', id } : null;
}

/** What the vendor says of the time; further ahead of ours than some minutes, it counts as now. */
export function notAhead(at: Date, receivedAt: Date): Date {
  return at.getTime() - receivedAt.getTime() > MAX_AHEAD_MS ? receivedAt : at;
}

/** Undefined where it is no JSON. */
export function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
