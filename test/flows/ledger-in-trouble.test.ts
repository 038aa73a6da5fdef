/** A ledger that is slow or gone: people are told what is known, and nothing is half done. */
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openPostgres } from '../../db/client.ts';
import { startTcpProxy, type TcpProxy } from '../../src/playground/tcp-proxy.ts';
import { createTestLedger, type TestLedger } from '../support/ledger.ts';
import { createTown, type Town } from '../support/town.ts';
import { answerText, createTalk, roleOf, type Talk } from '../support/town-talk.ts';
import { visibleText } from '../support/visible-text.ts';

let direct: TestLedger;
let proxy: TcpProxy;
let town: Town;
let talk: Talk;
beforeAll(async () => {
  direct = await createTestLedger();
  const url = new URL(direct.url);
  proxy = await startTcpProxy(Number(url.port));
  url.port = String(proxy.port);
  const ledger = openPostgres(url.href, { max: 6 });
  const through: TestLedger = { ledger, url: url.href, close: () => ledger.close() };
  town = await createTown({
    ledger: through,
    asInUse: true,
    roles: ['slow', 'form', 'click', 'down'].map((key) => roleOf(key)),
  });
  talk = createTalk(town);
});
afterAll(async () => {
  await talk.close();
  await town.ledger.close();
  await proxy.close();
  await direct.close();
});

/** While the work runs, nothing that somebody says can be recorded; it ends when `release` is called. */
async function whileLocked(work: (release: () => void) => Promise<void>): Promise<void> {
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  let locked = () => {};
  const isLocked = new Promise<void>((resolve) => {
    locked = resolve;
  });
  const lock = direct.ledger.tx(async (tx) => {
    await tx.execute(sql`lock table deliveries in access exclusive mode`);
    locked();
    await released;
  });
  await isLocked;
  try {
    await work(release);
  } finally {
    release();
    await lock;
  }
}

const CHECKING = 'Not recorded yet, checking. The outcome follows.';

it('says that it is checking, and the outcome follows, by the way that each can be told', async () => {
  await talk.says('ana', 'form 1h');
  const form = talk.form('ana');
  const click = await talk.asks('lea', 'click');
  const card = await talk.card(click, '#access-approvals', /Approve/);
  await whileLocked(async (release) => {
    const said = town.slack.command('ana', 'slow 1h INC-90 while it is slow');
    const submitted = town.slack.submit('ana', form, { reason: 'in the form' });
    const pressed = talk.presses('omar', card, 'approve');
    expect(answerText(await said)).toBe(CHECKING);
    expect(answerText(await submitted)).toBe(CHECKING);
    expect(await pressed).toBe(CHECKING);

    // What only opens a form, or lists roles, waits for nothing.
    expect(await talk.says('mia', '')).toBe('');
    expect(visibleText(talk.form('mia'))).toContain('For how long');
    expect(await talk.says('mia', 'slow 1h')).toBe('');
    expect(visibleText(talk.form('mia'))).toContain('⚠ Say why');
    expect(await town.slack.options('mia', 'sl')).toEqual([{ label: 'Role slow', value: 'slow' }]);
    expect(visibleText(await talk.opens('lea', card, 'deny'))).toContain(`This denies ${click}.`);
    expect(await talk.says('mia', 'help')).toContain('/elevate mine');
    release();

    const told = await town.slack.waitForEphemeral('ana', /Asked, as R-/);
    expect(visibleText(told)).toMatch(/^Asked, as R-\w+\. To decide: omar, lea\.$/);
    await town.slack.waitForEphemeral('omar', new RegExp(`Approved ${click} for 1 h`));
    await talk.line('ana', /Asked, as R-/);
  });
  await talk.onRecord('request.created', /ana@acme.test/, 'while it is slow');
  await talk.onRecord('request.created', /ana@acme.test/, 'in the form');
  await talk.card(click, '#access-approvals', /Live until/);
});

it('says that it may not be recorded when the ledger is gone, still opens forms, and does it when asked again', async () => {
  proxy.refuse();
  const delivery = await town.slack.command('lea', 'down 1h INC-91 while it is gone');
  expect(answerText(delivery)).toMatch(
    /^Something went wrong inside Curfew, and this may not be recorded\. .* error number [0-9a-f]{8}\.$/,
  );
  expect(await talk.says('lea', '')).toBe('');
  expect(await town.slack.options('lea', 'down')).toHaveLength(1);
  const { id } = town.slack.person('lea');
  const gone = await town.slack.event('user_change', {
    user: { id, team_id: town.slack.workspace, deleted: true },
  });
  expect(gone.status).toBe(503);

  proxy.pass();
  const again = await town.slack.until(async () => {
    const text = answerText(await delivery.again());
    return text.startsWith('Asked, as') && text;
  }, 'the ledger to be back');
  expect(again).toMatch(/Asked, as R-/);
  expect((await talk.log()).filter(({ details }) => details.reason === 'while it is gone')).toHaveLength(1);
  // Slack sends again what was not taken.
  expect((await gone.again()).status).toBe(200);
  await talk.onRecord('principal.offboarded', /slack:directory/, 'lea@acme.test');
});
