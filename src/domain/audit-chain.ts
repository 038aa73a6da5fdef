/**
 * The hash chain of the audit log: each event's hash covers its own content and the hash before it, so
 * that nothing can be altered, removed or put in between without every later hash changing.
 */
import { createHash } from 'node:crypto';
import { type AuditVerifier, signerOf } from './audit-key.ts';

export interface AuditEvent {
  readonly seq: number;
  readonly at: Date;
  readonly actor: string;
  readonly action: string;
  readonly details: Readonly<Record<string, unknown>>;
  readonly prevHash: string;
  readonly hash: string;
  /** Of the head that this event is, where it is the last of a batch that was sealed with a key. */
  readonly signature: string | null;
}

/** The last event of a chain, or of a part of one. */
export interface Head {
  readonly seq: number;
  readonly hash: string;
}

/** A head as it is kept; `signature` null: it bears none. */
export interface SignedHead extends Head {
  readonly signature: string | null;
}

/** What stands before the first event. */
export const GENESIS_HASH = '0'.repeat(64);

/** JSON with keys in code point order and no spaces: one text for one value. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item ?? null)).join(',')}]`;
  if (value !== null && typeof value === 'object') {
    const entries = Object.entries(value)
      .filter(([, item]) => item !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item)}`).join(',')}}`;
  }
  return JSON.stringify(value ?? null);
}

/** SHA-256 of the event's canonical content, 64 hex digits. */
export function hashEvent(event: Omit<AuditEvent, 'hash' | 'signature'>): string {
  const content = canonicalJson([
    event.seq,
    event.at.toISOString(),
    event.actor,
    event.action,
    event.details,
    event.prevHash,
  ]);
  return createHash('sha256').update(content).digest('hex');
}

/** Why an event does not fit behind the one before it, or null when it does. */
export function misfit(event: Omit<AuditEvent, 'signature'>, previous: Head): string | null {
  if (event.seq !== previous.seq + 1) return `event ${previous.seq + 1} is missing`;
  if (event.prevHash !== previous.hash) return `event ${event.seq} does not follow event ${previous.seq}`;
  if (event.hash !== hashEvent(event)) return `event ${event.seq} was altered`;
  return null;
}

/** A head, `SEQ:HASH`, with the signature that it bears behind it: `SEQ:HASH:SIGNATURE`. */
export function formatHead(head: SignedHead): string {
  const plain = headText(head);
  return head.signature === null ? plain : `${plain}:${head.signature}`;
}

/**
 * The head as it may be passed on: with a key, a signature that does not fit it is left out. Nothing is ever
 * signed here. Only the sealer signs, for it alone knows that what it signs is what was written.
 */
export function vouchedHead(head: SignedHead, key: AuditVerifier | null): SignedHead {
  const { signature } = head;
  const fits = signature === null || key === null || key.verifies(headText(head), signature);
  return fits ? head : { ...head, signature: null };
}

/** What a signature of a head covers. */
export function headText({ seq, hash }: Head): string {
  return `${seq}:${hash}`;
}

/** Reads what `formatHead` wrote; null: not a head. `signature` null: it bears none. */
export function parseHead(text: string): SignedHead | null {
  const match = /^(\d{1,15}):([0-9a-f]{64})(?::([^:\s]+))?$/.exec(text.trim());
  if (!match?.[1] || !match[2]) return null;
  const signature = match[3] ?? null;
  if (signature !== null && signerOf(signature) === null) return null;
  return { seq: Number(match[1]), hash: match[2], signature };
}

/** What a writer's MAC covers: an event before it has its place in the chain. */
export function inboxText(event: Pick<AuditEvent, 'at' | 'actor' | 'action' | 'details'>): string {
  // As JSON has it, and so as the database gives it back: dates are text, what is undefined is not there.
  const details: unknown = JSON.parse(JSON.stringify(event.details));
  return canonicalJson([event.at.toISOString(), event.actor, event.action, details]);
}
