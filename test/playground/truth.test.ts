/** What the playground says is so, against a real ledger in which things happen. */
import { sql } from 'drizzle-orm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createTruth } from '../../src/playground/truth.ts';
import { createHouse, type House } from '../support/house.ts';

let house: House;
let read: ReturnType<typeof createTruth>;
beforeEach(async () => {
  house = await createHouse();
  read = createTruth({
    db: house.ledger.db,
    roles: async () => [{ role: 'dba', members: ['ana'] }],
    overdueAfterS: 60,
    offsetMs: () => house.clocks.now().getTime() - house.clocks.real().getTime(),
    newcomer: 'ana@acme.test',
  });
});
afterEach(() => house.close());

const whats = (steps: readonly { readonly what: string }[]) => steps.map(({ what }) => what);

describe('the truth beside the chat', () => {
  it('says what the scheduler does next, soonest first, at each step of a life', async () => {
    expect((await read()).next).toEqual([]);
    const id = await house.ask();
    expect(whats((await read()).next)).toEqual([
      `reminds the owners of ana's request ${id}`,
      `lets ana's request ${id} lapse`,
    ]);
    await house.approve(id);
    expect(whats((await read()).next)).toEqual([
      expect.stringMatching(/^puts \S+ in \S+ on vault$/),
      `gives ana's prod-dba (${id}) up if it is not live by then`,
      `ends ana's prod-dba (${id})`,
    ]);
    await house.settle();
    const live = await read();
    expect(whats(live.next)).toEqual([
      expect.stringMatching(/^reads whether \S+ is still in \S+ on vault$/),
      `reminds ana that ${id} is about to end`,
      `ends ana's prod-dba (${id})`,
    ]);
    expect(live.grants).toMatchObject([{ id, who: 'ana', role: 'prod-dba', state: 'live', note: null }]);
    expect(live.next.at(-1)?.at).toBe(live.grants[0]?.endsAt);

    house.vault.state.down = true;
    house.clocks.pass(3600);
    await house.settle();
    const stuck = await read();
    expect(stuck.grants).toMatchObject([{ state: 'ending', note: expect.stringContaining('vault') }]);
    expect(whats(stuck.next)).toEqual([
      expect.stringMatching(/^tries again, time \d+: takes \S+ out of \S+ on vault$/),
      `calls security if ana's prod-dba (${id}) is not gone by then`,
    ]);
  });

  it('leads through the first minute in order, once', async () => {
    expect((await read()).hint).toBe(1);
    await house.ask('lea');
    expect((await read()).hint).toBe(1);
    const id = await house.ask('ana');
    expect((await read()).hint).toBe(2);
    await house.approve(id);
    expect((await read()).hint).toBe(3);
    await house.settle();
    house.clocks.pass(3600);
    await house.settle();
    expect((await read()).hint).toBeNull();
  });

  it('shows the newest events first, and that an event which was altered does not fit', async () => {
    await house.ask('ana');
    await house.settle();
    const { audit } = await read();
    expect(audit.verified).toBe(true);
    expect(audit.unsealed).toBe(0);
    expect(audit.events.map(({ seq }) => seq)).toEqual(
      audit.events.map(({ seq }) => seq).toSorted((a, b) => b - a),
    );
    await house.ask('lea');
    expect((await read()).audit.unsealed).toBeGreaterThan(0);
    await house.settle();
    await house.ledger.db.execute(sql`alter table audit_events disable trigger all`);
    await house.ledger.db.execute(
      sql`update audit_events set actor = 'nobody' where seq = (select max(seq) from audit_events)`,
    );
    expect((await read()).audit.verified).toBe(false);
  });
});
