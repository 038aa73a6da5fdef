/** A ledger whose connections break: whatever is asked of it is answered or refused, and it is there again at once. */
import { sql } from 'drizzle-orm';
import { expect, it } from 'vitest';
import { openPostgres } from '../../db/client.ts';
import { startTcpProxy } from '../../src/playground/tcp-proxy.ts';
import { createTestLedger } from '../support/ledger.ts';
import { PATIENCE_MS } from '../support/patience.ts';

/** Far beyond what an answer or a refusal takes; only a lost question waits so long. */
const LOST_AFTER_MS = PATIENCE_MS;
const BREAKS = 10;

it('answers or refuses whatever is asked while its connections break, loses nothing, and goes on', async () => {
  const direct = await createTestLedger();
  const url = new URL(direct.url);
  const proxy = await startTcpProxy(Number(url.port));
  url.port = String(proxy.port);
  const ledger = openPostgres(url.href, { max: 4 });
  const one = sql`select 1`;
  const transaction = () =>
    ledger.tx(async (tx) => {
      await tx.execute(one);
      await tx.execute(one);
    });
  let [open, answered, over] = [0, 0, false];
  /** Asks its next question the moment the last one is answered or refused, as a sweep does. */
  async function goOnAsking(ask: () => Promise<unknown>): Promise<void> {
    while (!over) {
      open += 1;
      await ask().then(
        () => {
          answered += 1;
        },
        () => {},
      );
      open -= 1;
    }
  }
  const askers = [1, 2, 3, 4].flatMap(() => [
    goOnAsking(() => ledger.db.execute(one)),
    goOnAsking(transaction),
  ]);

  for (let count = 0; count < BREAKS; count += 1) {
    const enough = answered + 20;
    await expect.poll(() => answered, { timeout: LOST_AFTER_MS, interval: 2 }).toBeGreaterThan(enough);
    proxy.refuse();
    await new Promise((resolve) => setImmediate(resolve));
    proxy.pass();
  }
  over = true;
  await expect.poll(() => open, { timeout: LOST_AFTER_MS }).toBe(0);
  await Promise.all(askers);
  await transaction();

  await ledger.close();
  await proxy.close();
  await direct.close();
});

it.each(['', '?sslmode=require'])(
  'refuses every time where nothing listens, with %j in its URL',
  async (query) => {
    const nowhere = await startTcpProxy(1);
    await nowhere.close();
    const ledger = openPostgres(`postgres://curfew:none@127.0.0.1:${nowhere.port}/ledger${query}`, {
      max: 1,
    });
    for (let count = 0; count < 4; count += 1) {
      await expect(ledger.db.execute(sql`select 1`)).rejects.toMatchObject({
        cause: { code: 'ECONNREFUSED' },
      });
      await expect(ledger.tx((tx) => tx.execute(sql`select 1`))).rejects.toThrow();
    }
    await ledger.close();
  },
);
