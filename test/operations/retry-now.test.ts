/** "Try now": at once, or, where a target has asked to be left alone, when that is over. */
import { expect, it } from 'vitest';
import { keepWaits } from '../../db/connector-waits.ts';
import { retryNow } from '../../src/operations/retry-now.ts';
import { liveGrant } from '../support/acts.ts';
import { ledgerForFile } from '../support/empty-ledger.ts';
import { createHouse } from '../support/house.ts';

const ledger = ledgerForFile();

it('says until when the target is left alone, and nothing of targets that have no part in it', async () => {
  const house = await createHouse({ ledger: ledger() });
  const grantId = await liveGrant(house);
  const speaker = await house.person('omar');
  const retry = () => retryNow(house.ctx, { deliveryKey: house.deliveryKey(), speaker, grantId });
  const until = new Date(house.clocks.real().getTime() + 600_000);
  await keepWaits(ledger().ledger.db, [{ connector: 'another', until }]);
  expect(await retry()).toEqual({ ok: true, id: grantId, waits: [] });
  await keepWaits(ledger().ledger.db, [{ connector: 'vault', until }]);
  expect(await retry()).toMatchObject({ waits: [{ connector: 'vault', until: until.toISOString() }] });
  house.clocks.pass(600);
  expect(await retry()).toMatchObject({ waits: [] });
});
