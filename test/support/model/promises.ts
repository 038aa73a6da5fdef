/** The promises of the design, looked at after every deed and once more when everything is over. */
import { eq, sql } from 'drizzle-orm';
import { expect } from 'vitest';
import { verifyAudit } from '../../../db/audit-verify.ts';
import { verifyRows } from '../../../db/ledger-verify.ts';
import { assignments, claims, grants, principals, requests } from '../../../db/schema.ts';
import { GRANT_STATES, type GrantState } from '../../../src/domain/grant.ts';
import type { Deed } from './deeds.ts';
import type { World } from './world.ts';

/** As the model's target names edges: nobody is renamed there. */
const edgeByNames = sql<string>`${assignments.permission} ->> 'key' || ':' || ${assignments.account}`;

export function createPromises(world: World) {
  const { ledger, target, desk } = world;
  const seen = new Map<string, { state: GrantState; reason: string | null }>();

  const read = async () => ({
    grants: await ledger.db.select().from(grants),
    claimed: await ledger.db
      .select({ claim: claims, edge: edgeByNames, grant: grants })
      .from(claims)
      .innerJoin(assignments, eq(assignments.id, claims.assignmentId))
      .innerJoin(grants, eq(grants.id, claims.grantId)),
  });

  /** After each deed. */
  async function hold(after: Deed): Promise<void> {
    const now = desk.clocks.now();
    const state = await read();
    // A sweep by itself, of which nobody died half-way.
    const swept =
      after.do === 'act' && after.sweep?.faults.every(({ dies }) => !dies) && after.sayings.length === 0;

    expect(target.stolen, 'Curfew takes away only what it gave').toEqual([]);
    for (const [edge, origin] of target.origins) {
      const claimants = state.claimed.filter((each) => each.edge === edge && each.grant.state !== 'ended');
      if (origin === 'curfew')
        expect([edge, claimants.length > 0], 'nobody holds what no grant explains').toEqual([edge, true]);
    }
    for (const { id, ...grant } of state.grants) {
      const before = seen.get(id);
      const rank = GRANT_STATES.indexOf(grant.state);
      if (before)
        expect(rank, `${id} does not go back`).toBeGreaterThanOrEqual(GRANT_STATES.indexOf(before.state));
      if (before?.reason) expect(grant.endReason, `${id} ended for one reason`).toBe(before.reason);
      seen.set(id, { state: grant.state, reason: grant.endReason });

      const own = state.claimed.filter((each) => each.grant.id === id);
      if (grant.state === 'live' && before?.state !== 'live') {
        // Somebody may have taken a part by hand since it was read back: the next reading finds that.
        const held = own.filter(({ edge }) => target.origins.has(edge) || target.missing.has(edge));
        expect(held.length, `${id} is live and all of it is there`).toBe(own.length);
      }
      if (grant.state === 'ended')
        expect(
          own.every(({ claim }) => claim.releasedAt !== null),
          `${id} ended when all was seen to be gone or shared`,
        ).toBe(true);
      if (swept && (grant.state === 'live' || grant.state === 'starting')) {
        expect(grant.endsAt > now, `${id} is not open after its end`).toBe(true);
        expect(grant.state === 'live' || grant.startBy > now, `${id} does not start for ever`).toBe(true);
      }
    }
    await decidedByOthers();
  }

  async function decidedByOthers(): Promise<void> {
    const decided = await ledger.db
      .select({ request: requests, by: principals, grant: grants.id })
      .from(requests)
      .leftJoin(principals, eq(principals.id, requests.decidedBy))
      .leftJoin(grants, eq(grants.id, requests.id));
    for (const { request, by, grant } of decided) {
      const { state, kind, requesterId, subjectId } = request;
      expect(grant !== null, `${request.id} has a grant exactly when it was approved`).toBe(
        state === 'approved' && kind === 'access',
      );
      if (state !== 'approved') continue;
      expect(['omar@acme.test', 'lea@acme.test']).toContain(by?.email);
      expect([requesterId, subjectId], 'nobody decides on their own access').not.toContain(by?.id);
    }
  }

  /** When the target is up again and time enough has passed for everything to end. */
  async function allIsOver(): Promise<void> {
    const others = [...target.origins].filter(([, origin]) => origin === 'other').map(([edge]) => edge);
    target.heal();
    await world.sweep({ replicas: [0], faults: [] });
    for (const seconds of [9 * 3600, 120, 120, 700, 700, 700]) {
      target.pass(seconds);
      await world.sweep({ replicas: [0, 1, 2], faults: [] });
    }
    const state = await read();
    expect(state.grants.filter((grant) => grant.state !== 'ended')).toEqual([]);
    const left = [...target.origins];
    expect(
      left.filter(([, origin]) => origin === 'curfew'),
      'what Curfew gave is gone',
    ).toEqual([]);
    const kept = left.filter(([, origin]) => origin === 'other').map(([edge]) => edge);
    expect(kept.sort(), 'what others gave is still there').toEqual(others.sort());
    const rows = await ledger.db.select().from(assignments);
    expect(rows.filter((row) => row.state !== 'absent' || row.dueAt !== null)).toEqual([]);
    const pending = await ledger.db.select().from(requests).where(eq(requests.state, 'pending'));
    expect(pending).toEqual([]);
    expect(await verifyAudit(ledger.db, null)).toMatchObject({ ok: true, unsealed: 0 });
    expect(await verifyRows(ledger.db), 'every row is as its events left it').toBeNull();
  }

  return { hold, allIsOver };
}
