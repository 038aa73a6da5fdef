/** What the ledger itself refuses, whatever the code above it does: on both databases. */
import { describe, expect, it } from 'vitest';
import { pinAccount } from '../../db/account-links.ts';
import { claimEntitlements, findAssignment } from '../../db/assignments.ts';
import { bindPrincipal } from '../../db/principals.ts';
import { insertRequest } from '../../db/requests.ts';
import { accountPins, assignments, claims, grants, requests, votes } from '../../db/schema.ts';
import { deliveries } from '../../db/schema-service.ts';
import { sqlState } from '../../db/sql-state.ts';
import { ledgerForFile } from '../support/empty-ledger.ts';
import { grantedRow, grantRow, personCount, principalRow, requestRow } from '../support/rows.ts';

const UNIQUE = '23505';
const FOREIGN = '23503';
const at = new Date('2026-11-20T14:00:00.000Z');

describe.each(['postgres', 'embedded'] as const)('the ledger on %s', (kind) => {
  const shared = ledgerForFile(kind);
  const db = () => shared().ledger.db;
  const refusal = (work: PromiseLike<unknown>) =>
    Promise.resolve(work).then(
      () => 'accepted',
      (error: unknown) => sqlState(error),
    );

  it('has one live vote for each approver and stage', async () => {
    const personId = await grantedRow(shared().ledger, 'R-1111');
    const vote = { requestId: 'R-1111', stage: 0, approverId: personId, verdict: 'approve', at } as const;
    await db().insert(votes).values(vote);
    expect(
      await refusal(
        db()
          .insert(votes)
          .values({ ...vote, verdict: 'deny' }),
      ),
    ).toBe(UNIQUE);
    await db()
      .insert(votes)
      .values({ ...vote, stage: 1 });
    await db()
      .insert(votes)
      .values({ ...vote, live: false });
  });

  it('has one assignment for each target and edge', async () => {
    const row = {
      targetId: 't',
      edge: 'e',
      connector: 'c',
      permission: {},
      permissionId: 'p',
      account: 'ana',
      accountId: 'a',
      generation: 1,
    };
    await db()
      .insert(assignments)
      .values({ ...row, state: 'absent' });
    expect(
      await refusal(
        db()
          .insert(assignments)
          .values({ ...row, connector: 'd', state: 'present' }),
      ),
    ).toBe(UNIQUE);
    await db()
      .insert(assignments)
      .values({ ...row, targetId: 'u', state: 'absent' });
  });

  it('has one grant for each request, and none without one', async () => {
    const personId = await grantedRow(shared().ledger, 'R-1111');
    expect(await refusal(db().insert(grants).values(grantRow('R-1111', personId)))).toBe(UNIQUE);
    expect(await refusal(db().insert(grants).values(grantRow('R-9999', personId)))).toBe(FOREIGN);
  });

  it('has one pending request for each subject and role', async () => {
    const { id } = await principalRow(shared().ledger);
    const insert = (row: ReturnType<typeof requestRow>) => insertRequest(db(), row);
    expect(await insert(requestRow('R-1111', id))).toBe('inserted');
    expect(await insert(requestRow('R-2222', id))).toBe('open-already');
    expect(await insert(requestRow('R-1111', id, { role: 'other' }))).toBe('id-taken');
    expect(await insert(requestRow('R-2222', id, { state: 'denied' }))).toBe('inserted');
    expect((await db().select().from(requests)).map((row) => row.id).sort()).toEqual(['R-1111', 'R-2222']);
  });

  it('has one row for each delivery', async () => {
    await db().insert(deliveries).values({ key: 'k', at, outcome: {} });
    expect(await refusal(db().insert(deliveries).values({ key: 'k', at, outcome: {} }))).toBe(UNIQUE);
  });

  it('has one claim of a grant on an assignment', async () => {
    await grantedRow(shared().ledger, 'R-1111');
    const edge = {
      targetId: 't',
      edge: 'e',
      connector: 'c',
      permission: {},
      permissionId: 'p',
      account: 'ana',
      accountId: 'a',
      description: '',
    };
    const frozen = { ...edge, sessionOutlivesRevokeS: 0, endsSessions: false };
    await shared().ledger.tx((tx) => claimEntitlements(tx, 'R-1111', [frozen], at));
    const assignment = await findAssignment(db(), 't', 'e');
    const again = { grantId: 'R-1111', assignmentId: assignment?.id ?? 0, generation: 9 };
    expect(await refusal(db().insert(claims).values(again))).toBe(UNIQUE);
  });

  it('binds a mail address to one person, and a person to one mail address, also when two come at once', async () => {
    const ana = {
      platform: 'slack',
      workspace: 'T1',
      userId: 'U1',
      email: 'ana@acme.test',
      name: 'Ana',
      timeZone: null,
    };
    const twice = await Promise.all(
      [1, 2].map(() => shared().ledger.tx((tx) => bindPrincipal(tx, ana, { now: at, platforms: [] }))),
    );
    expect(twice.map((binding) => binding.ok)).toEqual([true, true]);
    expect(await personCount(shared().ledger, ana.email)).toBe(1);
    const bind = (over: Partial<typeof ana>) =>
      bindPrincipal(db(), { ...ana, ...over }, { now: at, platforms: [] });
    expect(await bind({ userId: 'U2' })).toEqual({ ok: false, conflict: 'second' });
    expect(await bind({ email: 'other@acme.test' })).toEqual({ ok: false, conflict: 'changed' });
    const inTeams = await bind({ platform: 'teams', userId: 'A1' });
    expect(inTeams).toMatchObject({ ok: true, principal: { email: 'ana@acme.test', platform: 'teams' } });
    expect(await personCount(shared().ledger, ana.email)).toBe(1);
  });

  it('pins an account to the first who had it', async () => {
    const pin = (email: string) => pinAccount(db(), { targetId: 't', accountId: 'ana', email }, at);
    expect(await pin('ana@acme.test')).toEqual({ email: 'ana@acme.test', made: true });
    expect(await pin('eve@acme.test')).toEqual({ email: 'ana@acme.test', made: false });
    expect(await db().select().from(accountPins)).toHaveLength(1);
  });
});
