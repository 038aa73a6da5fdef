/** One elevation's whole life over a real ledger, without a chat platform. */
import { describe, expect, it } from 'vitest';
import { readEvents } from '../../db/audit.ts';
import { verifyAudit } from '../../db/audit-verify.ts';
import { verifyRows } from '../../db/ledger-verify.ts';
import { createHouse } from '../support/house.ts';
import { createTestLedger } from '../support/ledger.ts';

describe.each(['postgres', 'embedded'] as const)('a life on %s', (kind) => {
  it('gives access after approval, takes it away at the end, and leaves a log that verifies', async () => {
    const ledger = await createTestLedger(kind);
    const house = await createHouse({ ledger });
    const id = await house.ask();
    await house.settle();
    expect(house.vault.holds('dba', 'ana')).toBe(false);

    expect(await house.approve(id)).toMatchObject({ ok: true, state: 'approved' });
    await house.settle();
    expect(house.vault.holds('dba', 'ana')).toBe(true);
    expect((await house.view(id)).grant).toMatchObject({ state: 'live' });

    house.clocks.pass(3599);
    await house.settle();
    expect(house.vault.holds('dba', 'ana')).toBe(true);
    house.clocks.pass(1);
    await house.settle();
    expect(house.vault.holds('dba', 'ana')).toBe(false);
    expect((await house.view(id)).grant).toMatchObject({ state: 'ended', endReason: 'window' });

    expect(await verifyAudit(house.ledger.db, null)).toMatchObject({ ok: true, unsealed: 0 });
    expect(await verifyRows(house.ledger.db)).toBeNull();
    const actions: string[] = [];
    for await (const event of readEvents(house.ledger.db)) actions.push(event.action);
    expect(actions).toEqual([
      'request.created',
      'vote.approved',
      'account.linked',
      'request.approved',
      'grant.attempted',
      'access.granted',
      'grant.live',
      'grant.ending',
      'revoke.attempted',
      'access.removed',
      'grant.ended',
    ]);
    await ledger.close();
  });
});
