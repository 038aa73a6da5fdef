/** The note that a closed incident is left with: who held what, when, and why it ended. Pure. */
import type { Held } from '../../../db/incident-notes.ts';
import { endWords } from '../../chat/cards/end-words.ts';
import { dueSince } from '../../domain/grant.ts';
import { incidentName } from '../../domain/incident-name.ts';

const MOST = 10_000;
/** Room for the line that says how many more there are. */
const REST = 100;

export function noteText(
  incident: { readonly number: string | null; readonly key: string; readonly closedAt: Date | null },
  held: readonly Held[],
): string {
  const closed = incident.closedAt ? ` at ${moment(incident.closedAt)}` : '';
  const head = `Curfew: ${incidentName(incident)} was closed${closed}. Access that was given for it:`;
  const lines = [head];
  let length = head.length;
  for (const [index, one] of held.entries()) {
    const line = `- ${lineOf(one)}`;
    if (length + 1 + line.length > MOST - REST) {
      lines.push(`- and ${held.length - index} more, which Curfew's audit log names.`);
      break;
    }
    lines.push(line);
    length += 1 + line.length;
  }
  return lines.join('\n');
}

function lineOf({ grant, roleTitle, subject, email, approver }: Held): string {
  const who = `${grant.id}: ${subject} (${email}) held ${roleTitle}`;
  const approved = approver ? `, approved by ${approver}` : '';
  const why = grant.endReason
    ? endWords({ reason: grant.endReason, by: grant.endedBy, note: grant.endNote })
    : null;
  if (grant.liveAt === null) {
    return `${grant.id}: ${subject} (${email}) was to hold ${roleTitle} and never did${approved}${why ? `; ${why}` : ''}.`;
  }
  const from = ` from ${moment(grant.liveAt)}`;
  if (grant.endedAt) return `${who}${from} to ${moment(grant.endedAt)}${approved}; ended: ${why}.`;
  const now = grant.endingAt
    ? `ending since ${moment(dueSince(grant))} and not yet confirmed gone`
    : 'not ended yet';
  return `${who}${from}, ${now}${approved}${why ? `; ending: ${why}` : ''}.`;
}

/** `2026-11-20 14:04:03 UTC` */
function moment(at: Date): string {
  return `${at.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}
