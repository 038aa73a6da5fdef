/** The audit log as it grows: each new event is checked against the one before it, once. */
import { readEvents } from '../../db/audit.ts';
import type { Tx } from '../../db/client.ts';
import { type AuditEvent, GENESIS_HASH, misfit } from '../domain/audit-chain.ts';

export interface AuditFollower {
  /** Reads what is new. */
  follow(db: Tx): Promise<void>;
  /** Newest first. */
  newest(): readonly AuditEvent[];
  /** Every event so far fits behind the one before it. */
  verified(): boolean;
}

const KEPT = 50;

export function createAuditFollower(): AuditFollower {
  let kept: AuditEvent[] = [];
  let previous = { seq: 0, hash: GENESIS_HASH };
  let verified = true;
  return {
    async follow(db) {
      for await (const event of readEvents(db, previous.seq)) {
        if (misfit(event, previous) !== null) verified = false;
        previous = { seq: event.seq, hash: event.hash };
        kept = [event, ...kept].slice(0, KEPT);
      }
    },
    newest: () => kept,
    verified: () => verified,
  };
}
