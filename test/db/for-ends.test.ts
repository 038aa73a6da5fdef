/** Whatever else the ledger is asked, what takes access away has its way to it. */
import { sql } from 'drizzle-orm';
import { expect, inject, it } from 'vitest';
import { openPostgres, type Tx } from '../../db/client.ts';
import { createDatabase } from '../../src/playground/postgres-server.ts';
import { liveGrant } from '../support/acts.ts';
import { createGate } from '../support/gate.ts';
import { createHouse } from '../support/house.ts';
import { createTestLedger } from '../support/ledger.ts';

const one = (tx: Tx) => tx.select({ n: sql<number>`1` }).from(sql`(select 1) as one`);

it('gives ends connections on PostgreSQL that no flood of requests can use up', async () => {
  const database = await createDatabase(inject('pg18Url'));
  const ledger = openPostgres(database.url, { max: 2 });
  const gate = createGate();
  const flood = Array.from({ length: 50 }, () => ledger.tx(() => gate.pass()));
  await gate.arrived;
  expect(await ledger.forEnds.tx(one)).toEqual([{ n: 1 }]);
  expect(await one(ledger.forEnds.db)).toEqual([{ n: 1 }]);
  gate.open();
  await Promise.all(flood);
  await ledger.close();
  await database.drop();
});

it('lets ends go first on the embedded ledger, after what is under way', async () => {
  const { ledger, close } = await createTestLedger('embedded');
  const gate = createGate();
  const order: string[] = [];
  const underWay = ledger.tx(() => gate.pass());
  await gate.arrived;
  const all = [
    ...Array.from({ length: 20 }, (_, n) => ledger.tx(async () => void order.push(`request ${n}`))),
    one(ledger.db).then(() => order.push('reading')),
    ledger.forEnds.tx(async () => void order.push('end')),
    one(ledger.forEnds.db).then(() => order.push('look for ends')),
  ];
  gate.open();
  await Promise.all([underWay, ...all]);
  expect(order.slice(0, 3)).toEqual(['end', 'look for ends', 'request 0']);
  expect(order.at(-1)).toBe('reading');
  await close();
});

it('goes on after something on the embedded ledger failed', async () => {
  const { ledger, close } = await createTestLedger('embedded');
  await expect(ledger.db.execute(sql`select nothing from nowhere`)).rejects.toThrow();
  await expect(ledger.tx(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(await one(ledger.db)).toEqual([{ n: 1 }]);
  await close();
});

it.each(['postgres', 'embedded'] as const)(
  'takes access away while requests fill the %s ledger’s queue',
  async (kind) => {
    const testLedger = await createTestLedger(kind);
    const house = await createHouse({ ledger: testLedger });
    const id = await liveGrant(house);
    house.clocks.pass(3600);
    let goesOn = true;
    let done = 0;
    // Each of them asks again as soon as it is answered: the queue is never shorter than this.
    const flood = Array.from({ length: 100 }, async () => {
      while (goesOn) {
        await testLedger.ledger.tx(one);
        done += 1;
      }
    });
    const before = done;
    await house.reconcile.sweep();
    await untilEnded(house, id);
    goesOn = false;
    await Promise.all(flood);
    expect(done).toBeGreaterThan(before);
    expect(house.vault.holds('dba', 'ana')).toBe(false);
    await house.close();
    await testLedger.close();
  },
);

async function untilEnded(house: Awaited<ReturnType<typeof createHouse>>, id: string): Promise<void> {
  while ((await house.view(id)).grant?.state !== 'ended') await new Promise((r) => setImmediate(r));
}
