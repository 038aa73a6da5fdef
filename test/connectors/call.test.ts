/** One call to a connector, by a process whose clock is not the ledger's. */
import { expect, it } from 'vitest';
import { callConnector } from '../../src/connectors/call.ts';
import { ConnectorError } from '../../src/connectors/connector.ts';
import { createGate } from '../support/gate.ts';
import { createVault } from '../support/vault.ts';

it('gives a call its whole time by this machine, which need not agree with the ledger about what time it is', async () => {
  const { connector } = createVault('vault', { callTimeoutS: 10 });
  const plan = { expectTarget: null, idempotencyKey: 'k', generation: 1, endsAt: null };
  const before = Date.now();
  const deadline = await callConnector(connector, plan, async (context) => context.deadline.getTime());
  expect(deadline - before).toBeGreaterThanOrEqual(10_000);
  expect(deadline - Date.now()).toBeLessThanOrEqual(10_000);
});

const plan = { expectTarget: null, idempotencyKey: 'k', generation: 1, endsAt: null };

it('answers "busy" at once where too many wait, and lets an end through all the same', async () => {
  const { connector } = createVault('vault', { callTimeoutS: 10, concurrency: 2 });
  const gate = createGate();
  const reads = Array.from({ length: 102 }, () => callConnector(connector, plan, () => gate.pass()));
  const outcomes = Promise.allSettled(reads);
  await gate.arrived;
  const refused = await callConnector(connector, plan, async () => {}).catch((error: unknown) => error);
  expect(refused).toMatchObject({ kind: 'retryable', code: 'busy', outcomeKnown: true });
  expect(await callConnector(connector, { ...plan, urgency: 'end' }, async () => 'ended')).toBe('ended');
  gate.open();
  expect((await outcomes).filter(({ status }) => status === 'rejected')).toHaveLength(1);
});

it('says that nothing was done where the time was over before the turn came', async () => {
  const { connector } = createVault('vault', { concurrency: 1 });
  const gate = createGate();
  const first = callConnector(connector, plan, () => gate.pass());
  await gate.arrived;
  let called = false;
  const late = callConnector(connector, { ...plan, withinS: 0.02 }, async () => {
    called = true;
  });
  await expect(late).rejects.toMatchObject({ code: 'busy', outcomeKnown: true });
  gate.open();
  await first;
  expect(called).toBe(false);
});

it('makes no call, for nobody, while the target wants to be left alone; and none further in one under way', async () => {
  const { connector } = createVault('vault');
  let now = new Date('2026-11-20T14:00:00Z');
  const timed = { ...plan, realNow: () => now };
  const gate = createGate();
  const underWay = callConnector(connector, timed, async (context) => {
    await gate.pass();
    context.assertMayCall?.();
  });
  await gate.arrived;
  const limited = new ConnectorError('retryable', 'rate_limited', 'Wait.', {
    outcomeKnown: true,
    retryAfterS: 120,
  });
  const limit = callConnector(connector, timed, () => Promise.reject(limited));
  await expect(limit).rejects.toMatchObject({ code: 'rate_limited' });
  gate.open();
  const told = { kind: 'retryable', code: 'told_to_wait', outcomeKnown: true, retryAfterS: 120 };
  await expect(underWay).rejects.toMatchObject(told);
  for (const urgency of ['end', 'grant', 'read'] as const) {
    const call = callConnector(connector, { ...timed, urgency }, async () => {});
    await expect(call).rejects.toMatchObject({ ...told, message: expect.stringContaining('14:02:00 UTC') });
  }
  now = new Date('2026-11-20T14:01:59.999Z');
  await expect(callConnector(connector, timed, async () => {})).rejects.toMatchObject({ retryAfterS: 1 });
  now = new Date('2026-11-20T14:02:00Z');
  expect(await callConnector(connector, timed, async () => 'answered')).toBe('answered');
});
