/** By what a note is known again: its first line, which names incident and close. The rest may change meanwhile. */
import { createHash } from 'node:crypto';

export function noteName(text: string): string {
  return text.split('\n', 1)[0] ?? '';
}

/** For vendors that take a key of idempotency: equal for the same note on the same incident. */
export function noteKey(incident: string, text: string): string {
  const same = createHash('sha256')
    .update(JSON.stringify([incident, noteName(text)]))
    .digest('base64url');
  return `curfew-${same}`;
}
