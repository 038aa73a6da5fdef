/** What somebody does who can write to the ledger, and has not the key of its audit log. */
import { sql } from 'drizzle-orm';
import type { Ledger } from '../../db/client.ts';
import { type AuditEvent, GENESIS_HASH, hashEvent } from '../../src/domain/audit-chain.ts';
import { createAuditKey } from '../../src/domain/audit-key.ts';
import { events, liveGrant } from './acts.ts';
import type { House } from './house.ts';
import { createHouse } from './house.ts';
import type { TestLedger } from './ledger.ts';

export const key = createAuditKey('the key of this ledger, long enough');
export const another = createAuditKey('another key, and long enough too');
export const at = new Date('2026-11-20T14:00:00.000Z');

/** As a superuser, with the triggers off. */
export const tamper = (ledger: Ledger, ...statements: string[]) =>
  ledger.tx(async (tx) => {
    await tx.execute(sql`set local session_replication_role = replica`);
    for (const statement of statements) await tx.execute(sql.raw(statement));
  });

export const insertEvent = ({
  seq,
  actor,
  action,
  details,
  prevHash,
  hash,
  ...event
}: Omit<AuditEvent, 'signature'>) =>
  `insert into audit_events (seq, at, actor, action, details, prev_hash, hash)
   values (${seq}, '${event.at.toISOString()}', '${actor}', '${action}', '${JSON.stringify(details)}', '${prevHash}', '${hash}')`;

/** The same events, one of them with another actor, chained anew. */
export function rewritten(log: readonly AuditEvent[]): string[] {
  let prevHash = GENESIS_HASH;
  return log.map((event) => {
    const content = { ...event, actor: event.seq === 2 ? 'somebody else' : event.actor, prevHash };
    prevHash = hashEvent(content);
    return insertEvent({ ...content, hash: prevHash });
  });
}

export function wellChained(log: readonly AuditEvent[], action = 'request.approved'): string {
  const last = log.at(-1);
  const content = {
    seq: (last?.seq ?? 0) + 1,
    at,
    actor: 'slack:U-omar omar@acme.test',
    action,
    details: { request: 'R-7K3M' },
    prevHash: last?.hash ?? GENESIS_HASH,
  };
  return insertEvent({ ...content, hash: hashEvent(content) });
}

/** One live grant, all of it sealed. */
export async function sealedGrant(
  ledger: TestLedger,
): Promise<{ house: House; ledger: Ledger; id: string; log: AuditEvent[] }> {
  const house = await createHouse({ ledger });
  const id = await liveGrant(house);
  return { house, ledger: house.ledger, id, log: await events(house) };
}
