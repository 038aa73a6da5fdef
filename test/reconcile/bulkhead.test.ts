/** One thing that fails or hangs holds up nothing else. */
import { expect, it, vi } from 'vitest';
import { createBatcher } from '../../src/batcher.ts';
import { assignmentOf, liveGrant } from '../support/acts.ts';
import { ledgerForFile } from '../support/empty-ledger.ts';
import { createGate } from '../support/gate.ts';
import { createHouse, testRole } from '../support/house.ts';
import { mortal } from '../support/mortal.ts';
import { createRecordingLog } from '../support/recording-log.ts';
import { createVault } from '../support/vault.ts';

const ledger = ledgerForFile();

it('grants and ends on one target while another does not answer at all', async () => {
  const hanging = createVault('hanging', { concurrency: 3 });
  const vault = createVault();
  const roles = [
    testRole(),
    testRole({ name: 'stuck', entitlements: [{ connector: 'hanging', permission: { key: 'x' } }] }),
  ];
  const connectors = [hanging.connector, vault.connector];
  const house = await createHouse({ ledger: ledger(), vault, connectors, roles });
  for (const who of ['ana', 'ben', 'eva']) await house.approve(await house.ask(who, 'stuck'));
  const gate = createGate();
  hanging.onBefore(() => gate.pass());
  hanging.calls.length = 0;
  await house.reconcile.sweep();
  await gate.arrived;

  const id = await house.ask('ana', 'prod-dba', 600);
  await house.approve(id);
  await house.reconcile.sweep();
  await vi.waitFor(async () => expect((await house.view(id)).grant?.state).toBe('live'));
  house.clocks.pass(600);
  await house.reconcile.sweep();
  await vi.waitFor(async () => expect((await house.view(id)).grant?.state).toBe('ended'));
  // No more calls hang than the connector may have at once, one of which is kept for ends.
  expect(hanging.calls.filter((call) => call === 'inspect')).toHaveLength(2);
  gate.open();
  await house.reconcile.drain();
});

it('survives a ledger that goes away in the middle, and carries on when it is back', async () => {
  const house = await createHouse({ ledger: ledger() });
  const body = mortal(ledger());
  const log = createRecordingLog();
  const { clocks, vault } = house;
  const cut = await createHouse({ ledger: body, clocks, vault, log: { ...log, child: () => cut.ctx.log } });
  const id = await liveGrant(house);
  clocks.pass(3600);
  body.die();
  // Nothing may reject unheard: that would end the process.
  await cut.settle();
  expect(log.entries.some(({ level }) => level === 'error')).toBe(true);
  await house.settle();
  expect((await house.view(id)).grant).toMatchObject({ state: 'ended' });
});

it('takes a step again that could not be recorded', async () => {
  const house = await createHouse({ ledger: ledger() });
  const body = mortal(ledger());
  const { clocks, vault } = house;
  const cut = await createHouse({ ledger: body, clocks, vault });
  const id = await house.ask();
  await house.approve(id);
  vault.onAfter(async () => body.die());
  await cut.settle();
  vault.onAfter(async () => {});
  expect(await assignmentOf(house)).toMatchObject({ state: 'granting' });
  clocks.pass(22);
  await house.settle();
  expect((await house.view(id)).grant).toMatchObject({ state: 'live' });
});

it('writes what comes in together at once, and keeps a bad item to itself', async () => {
  const batches: string[][] = [];
  const write = createBatcher<string>(async (batch) => {
    batches.push([...batch]);
    if (batch.includes('bad')) throw new Error('poison');
  }, 10);
  const outcomes = await Promise.allSettled(['a', 'bad', 'b'].map((item) => write(item)));
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(batches).toEqual([['a', 'bad', 'b'], ['a'], ['bad'], ['b']]);
  await write('later');
  expect(batches.at(-1)).toEqual(['later']);
});

it('writes at most so many at once, in the order in which they came', async () => {
  const batches: number[][] = [];
  const write = createBatcher<number>(async (batch) => void batches.push([...batch]), 2);
  await Promise.all([1, 2, 3, 4, 5].map((item) => write(item)));
  expect(batches).toEqual([[1, 2], [3, 4], [5]]);
});
