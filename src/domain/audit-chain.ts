/**
 * The hash chain of the audit log: each event's hash covers its own content and the hash before it, so
 * that nothing can be altered, removed or put in between without every later hash changing.
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

export interface AuditEvent {
  readonly seq: number;
  readonly at: Date;
  readonly actor: string;
  readonly action: string;
  readonly details: Readonly<Record<string, unknown>>;
  readonly prevHash: string;
  readonly hash: string;
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
export function hashEvent(event: Omit<AuditEvent, 'hash'>): string {
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
export function misfit(event: AuditEvent, previous: { seq: number; hash: string }): string | null {
  if (event.seq !== previous.seq + 1) return `event ${previous.seq + 1} is missing`;
  if (event.prevHash !== previous.hash) return `event ${event.seq} does not follow event ${previous.seq}`;
  if (event.hash !== hashEvent(event)) return `event ${event.seq} was altered`;
  return null;
}

/** A head, `SEQ:HASH`, with an HMAC behind it where a key is given: `SEQ:HASH:MAC`. */
export function formatHead(head: { seq: number; hash: string }, key: string | null): string {
  const plain = `${head.seq}:${head.hash}`;
  return key === null ? plain : `${plain}:${createHmac('sha256', key).update(plain).digest('hex')}`;
}

/** Reads what `formatHead` wrote. Null: not a head, or its signature does not fit the key. */
export function parseHead(text: string, key: string | null): { seq: number; hash: string } | null {
  const match = /^(\d{1,15}):([0-9a-f]{64})(?::([0-9a-f]{64}))?$/.exec(text.trim());
  if (!match?.[1] || !match[2]) return null;
  if (match[3] !== undefined && key !== null) {
    const expected = createHmac('sha256', key).update(`${match[1]}:${match[2]}`).digest();
    if (!timingSafeEqual(expected, Buffer.from(match[3], 'hex'))) return null;
  }
  return { seq: Number(match[1]), hash: match[2] };
}
