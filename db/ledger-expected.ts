/**
 * What audit events say of requests and grants, one event after the other. The last word on each part counts;
 * but what no event changes has to be the same in all of them, and a vote comes with its own event, or else
 * whoever changes a row by hand has it put right by Curfew's next event about it.
 */
import type { AuditEntry } from './audit.ts';
import { type LedgerRecord, RECORD_PARTS, type RecordPart } from './ledger-records.ts';

/** What events say of one request and of the grant under its id. */
export interface Expected {
  readonly parts: Partial<Record<RecordPart, Said>>;
  /** What one of them says that cannot follow from those before; null: all follow. */
  readonly problem: string | null;
}

interface Said {
  readonly digest: string;
  readonly event: string;
}

/** The action by which a request goes on with another incident. */
export const REQUEST_MOVED = 'request.moved';

/** With these events a vote comes, and with no others: a denial is its own event. */
const VOTING = ['vote.approved', 'request.denied'];

/** Takes in what one event says; `name`: how to speak of it. */
export function takeRecord(
  expected: Map<string, Expected>,
  { action, details }: Pick<AuditEntry, 'action' | 'details'>,
  name: string,
): void {
  const { request: id, record } = details as { request?: unknown; record?: LedgerRecord };
  if (typeof id !== 'string' || !record) return;
  const { asked, incident, request, votes, grant } = record;
  const own = { asked, incident, request, votes: votes?.join() };
  expected.set(id, follow(expected.get(id), own, { action, name }));
  if (!grant) return;
  const given = { given: grant.fixed, grant: grant.digest };
  expected.set(grant.id, follow(expected.get(grant.id), given, { action, name }));
}

function follow(
  known: Expected = { parts: {}, problem: null },
  said: Partial<Record<RecordPart, string | undefined>>,
  event: { readonly action: string; readonly name: string },
): Expected {
  const parts: Partial<Record<RecordPart, Said>> = { ...known.parts };
  let { problem } = known;
  for (const part of Object.keys(said) as RecordPart[]) {
    const digest = said[part];
    if (digest === undefined) continue;
    const before = parts[part];
    if (!follows(part, event.action, before?.digest, digest)) {
      problem ??= `something else than Curfew changed ${RECORD_PARTS[part]} between ${before?.event ?? 'its first'} and ${event.name}`;
    }
    parts[part] = { digest, event: event.name };
  }
  return { parts, problem };
}

/** Whether an event with this action may say so, after what was said last. */
function follows(part: RecordPart, action: string, before: string | undefined, now: string): boolean {
  if (part === 'votes') return votesFollow(action, before ?? '', now);
  if (before === undefined || before === now) return true;
  if (part === 'asked' || part === 'given') return false;
  return part !== 'incident' || action === REQUEST_MOVED;
}

function votesFollow(action: string, before: string, now: string): boolean {
  const earlier = before === '' ? [] : before.split(',');
  const votes = now === '' ? [] : now.split(',');
  const added = votes.length - earlier.length;
  return added >= 0 && added <= (VOTING.includes(action) ? 1 : 0) && now.startsWith(before);
}
