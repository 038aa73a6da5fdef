/** What a newcomer sees in the first minute, and what people do after it, in a real browser. */

import type { Route } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openPlayground, type Window } from '../support/browser.ts';

let town: Awaited<ReturnType<typeof openPlayground>>;
let ana: Window;
let omar: Window;
let lea: Window;

beforeAll(async () => {
  town = await openPlayground();
  ana = await town.window('ana');
  omar = await town.window('omar');
  lea = await town.window('lea');
  for (const owner of [omar, lea]) await owner.go('access-approvals');
});
afterAll(() => town?.close());

/** Ana asks and Omar approves; the id of the request. */
async function grant(duration: string, reason: string): Promise<void> {
  await ana.say(`/elevate prod-dba ${duration} INC-1042 ${reason}`);
  await omar.press(reason, 'Approve');
  await ana.targetSays('dba', 'ana');
}

async function gone(): Promise<void> {
  await ana.targetSays('dba', 'nobody');
}

it('leads from the first /elevate to the automatic end, and then gets out of the way', async () => {
  await ana.targetSays('dba', 'nobody');
  await ana.tap('Type it for me');
  await ana.page.keyboard.press('Enter');
  await omar.sees('Now Omar decides.');
  await omar.picture('asked');
  await omar.press('failing over the primary', 'Approve');
  await ana.targetSays('dba', 'ana');
  await ana.go('Curfew');
  await ana.sees(/Live until/);
  await ana.picture('live');
  await ana.tap('Move it by 5 minutes');
  await gone();
  await omar.sees(/absence confirmed/);
  await ana.page.getByRole('region', { name: 'Your first minute' }).waitFor({ state: 'detached' });
});

it('lets an owner approve for less', async () => {
  await ana.say('/elevate prod-dba 2h INC-2 rebuilding the index');
  await omar.press('rebuilding the index', 'Approve for less');
  await omar.field('For how long').fill('15m');
  await omar.submit('Approve', /Approved .* for 15 min/);
  await ana.targetSays('dba', 'ana');
  await ana.say('/elevate done');
  await gone();
});

it('asks an owner who denies for a reason, and shows it to who asked', async () => {
  await ana.say('/elevate prod-dba 1h INC-3 just looking');
  await omar.press('just looking', 'Deny');
  const dialog = omar.page.getByRole('dialog');
  await dialog.getByRole('button', { name: 'Deny' }).click();
  await dialog
    .getByText(/Please complete this required field|Say why/)
    .first()
    .waitFor();
  await omar.field('Why').fill('use the replica');
  await omar.submit('Deny', /Denied/);
  await ana.sees(/use the replica/);
  await ana.targetSays('dba', 'nobody');
});

it('gives more time by a new vote, and takes it away when she is done', async () => {
  await grant('30m', 'long migration');
  await ana.press(/Live until/, 'Extend');
  await ana.field('How much more').fill('30m');
  await ana.field('Why').fill('still migrating');
  await ana.submit('Ask', /Asked, as/);
  await omar.press('still migrating', 'Approve');
  await omar.sees(/Approved .* for 30 min/);
  await ana.tap('+1 h');
  await gone();
  await grant('30m', 'one more look');
  await ana.press(/Live until/, "I'm done");
  await gone();
});

it('lets one of two owners decide who press at the same moment, and tells the other', async () => {
  await ana.say('/elevate prod-dba 30m INC-4 racing owners');
  await lea.message('racing owners').waitFor();
  await omar.message('racing owners').waitFor();
  // Neither press leaves its window before the other was made: the card cannot change under either.
  const pressed: Route[] = [];
  for (const { page } of [omar, lea]) {
    await page.route('**/act?*', async (route) => {
      if (!route.request().postData()?.includes('click')) return route.continue();
      pressed.push(route);
      if (pressed.length === 2) await Promise.all(pressed.map((each) => each.continue()));
    });
  }
  await Promise.all([omar.press('racing owners', 'Approve'), lea.press('racing owners', 'Approve')]);
  await ana.targetSays('dba', 'ana');
  for (const { page } of [omar, lea]) await page.unroute('**/act?*');
  // Whose press came second reads who decided, and only they.
  const lost = [omar.message('approved already, by Lea'), lea.message('approved already, by Omar')];
  await Promise.any(lost.map((words) => words.waitFor()));
  expect((await Promise.all(lost.map((words) => words.count()))).sort()).toEqual([0, 1]);
  await ana.say('/elevate done');
  await gone();
});

it('keeps trying while the target is down at the end, calls people, and takes it away when it is back', async () => {
  await grant('30m', 'target trouble');
  await ana.tap('PostgreSQL down');
  await ana.tap('+1 h');
  await omar.sees(/NOT yet removed/);
  const mia = await town.window('mia');
  await mia.go('security-alerts');
  await mia.tap('+5 min');
  await mia.sees(/NOT yet removed/);
  await ana.tap('PostgreSQL down');
  await gone();
  await omar
    .message('target trouble')
    .getByText(/absence confirmed/)
    .waitFor();
});

it('loses nothing when the bot is killed in the middle', async () => {
  await grant('30m', 'killed in the middle');
  await ana.tap('Kill and restart the bot');
  await ana.sees('Curfew runs');
  await ana.tap('+1 h');
  await gone();
});

it('gives a guest nothing but a sentence', async () => {
  const sam = await town.window('sam');
  await sam.say('/elevate prod-dba 1h INC-5 let me in');
  await sam.sees(/Guests cannot use Curfew/);
});
