/** What an incident is called, and the source of those that an admin opens by hand. */
import { upperAscii } from './text.ts';

/** Reserved under `incidents:` for incidents that nobody but an admin knows of. */
export const MANUAL_SOURCE = 'manual';

/** As people say it: its number, else its source's own id. */
export function incidentName(incident: { readonly number: string | null; readonly key: string }): string {
  return incident.number ?? incident.key;
}

/** The key of an incident opened by hand: written like a ticket, so that everybody can name it. Null: not so. */
export function manualKey(typed: string): string | null {
  const key = upperAscii(typed.trim());
  return /^[A-Z][A-Z0-9]{1,19}-[0-9]{1,12}$/.test(key) ? key : null;
}
