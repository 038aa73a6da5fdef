/** One call to a connector, by a process whose clock is not the ledger's. */
import { expect, it } from 'vitest';
import { callConnector } from '../../src/connectors/call.ts';
import { createVault } from '../support/vault.ts';

it('gives a call its whole time by this machine, which need not agree with the ledger about what time it is', async () => {
  const { connector } = createVault('vault', { callTimeoutS: 10 });
  const plan = { expectTarget: null, idempotencyKey: 'k', generation: 1, endsAt: null };
  const before = Date.now();
  const deadline = await callConnector(connector, plan, async (context) => context.deadline.getTime());
  expect(deadline - before).toBeGreaterThanOrEqual(10_000);
  expect(deadline - Date.now()).toBeLessThanOrEqual(10_000);
});
