/** A delivery is done once, however often and however fast it is repeated: on both databases. */
import { describe, expect, it } from 'vitest';
import { recordAudit } from '../../db/audit.ts';
import { forgetDeliveries, once } from '../../db/deliveries.ts';
import { auditInbox } from '../../db/schema-audit.ts';
import { ledgerForFile } from '../support/empty-ledger.ts';
import { createGate } from '../support/gate.ts';

const at = new Date('2026-11-20T14:00:00.000Z');

describe.each(['postgres', 'embedded'] as const)('a delivery on %s', (kind) => {
  const shared = ledgerForFile(kind);
  /** Leaves one audit event for each time it is really done. */
  const deliver = (key: string, answer: unknown, fail = false) =>
    shared().ledger.tx((tx) =>
      once(tx, key, at, async () => {
        await recordAudit(tx, at, [{ actor: 'a', action: 'b', details: {} }]);
        if (fail) throw new Error('the work failed');
        return answer;
      }),
    );
  const done = async () => (await shared().ledger.db.select().from(auditInbox)).length;

  it('has one effect and one answer when it comes five times at once', async () => {
    const answers = await Promise.all([1, 2, 3, 4, 5].map((n) => deliver('k', { n })));
    expect(await done()).toBe(1);
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(await deliver('k', 'later')).toEqual(answers[0]);
  });

  it('is done by whoever comes next when the first one failed', async () => {
    await expect(deliver('k', 1, true)).rejects.toThrow('the work failed');
    expect(await done()).toBe(0);
    expect(await deliver('k', 2)).toBe(2);
    expect(await done()).toBe(1);
  });

  it('does not hinder another one', async () => {
    expect(await Promise.all([deliver('k', 1), deliver('l', 2)])).toEqual([1, 2]);
    expect(await done()).toBe(2);
  });

  it('is forgotten when no platform repeats it any more', async () => {
    await deliver('k', 1);
    await forgetDeliveries(shared().ledger.db, at);
    expect(await deliver('k', 2)).toBe(1);
    await forgetDeliveries(shared().ledger.db, new Date(at.getTime() + 1));
    expect(await deliver('k', 2)).toBe(2);
  });
});

describe('a delivery repeated while the first one is at work', () => {
  const shared = ledgerForFile();
  it('waits for its answer', async () => {
    const gate = createGate();
    const first = shared().ledger.tx((tx) =>
      once(tx, 'k', at, async () => {
        await gate.pass();
        return 'the first';
      }),
    );
    await gate.arrived;
    const second = shared().ledger.tx((tx) => once(tx, 'k', at, async () => 'the second'));
    gate.open();
    expect([await first, await second]).toEqual(['the first', 'the first']);
  });
});
