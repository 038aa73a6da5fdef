/** Rows for tests that speak to the ledger directly. */
import { eq } from 'drizzle-orm';
import type { Ledger } from '../../db/client.ts';
import { bindPrincipal, type SpeakingPrincipal } from '../../db/principals.ts';
import { grants, principals, requests } from '../../db/schema.ts';

const at = new Date('2026-11-20T14:00:00.000Z');
const later = new Date('2026-11-20T22:00:00.000Z');

export async function principalRow(ledger: Ledger, name = 'ana'): Promise<SpeakingPrincipal> {
  const identity = {
    platform: 'slack',
    workspace: 'T1',
    userId: `U-${name}`,
    email: `${name}@acme.test`,
    name,
  };
  const bound = await bindPrincipal(
    ledger.db,
    { ...identity, timeZone: null },
    { now: at, platforms: ['slack'] },
  );
  if (!bound.ok) throw new Error(`${name} cannot be bound`);
  return bound.principal;
}

export function requestRow(id: string, personId: number, over: Partial<typeof requests.$inferInsert> = {}) {
  const decision = {
    outcome: 'approval',
    rule: 'r',
    message: '',
    stages: [],
    policyVersion: 'v',
    facts: {},
  } as const;
  const role = { role: 'prod-dba', roleTitle: 'DBA', risk: 'high', environment: 'production' };
  const rest = {
    durationS: 3600,
    reason: 'why',
    entitlements: [],
    decision,
    createdAt: at,
    expiresAt: later,
  };
  const parties = { platform: 'slack', requesterId: personId, subjectId: personId };
  return { id, kind: 'access' as const, state: 'pending' as const, ...parties, ...role, ...rest, ...over };
}

export function grantRow(id: string, subjectId: number) {
  const times = { approvedAt: at, startBy: at, endsAt: later, durationS: 3600 };
  return { id, subjectId, role: 'prod-dba', state: 'starting' as const, ...times };
}

/** A person with an approved request and its grant. */
export async function grantedRow(ledger: Ledger, id: string): Promise<number> {
  const { id: personId } = await principalRow(ledger);
  await ledger.db.insert(requests).values(requestRow(id, personId, { state: 'approved' }));
  await ledger.db.insert(grants).values(grantRow(id, personId));
  return personId;
}

export async function personCount(ledger: Ledger, email: string): Promise<number> {
  return (await ledger.db.select().from(principals).where(eq(principals.email, email))).length;
}
