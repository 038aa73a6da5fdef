/** A request's life in Microsoft's own playground for Teams, in three people's pages, as they see it. */
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openTeamsPlayground, type TeamsWindow } from '../support/teams-browser.ts';

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
let town: Awaited<ReturnType<typeof openTeamsPlayground>>;
let ana: TeamsWindow;
let omar: TeamsWindow;
let mia: TeamsWindow;

beforeAll(async () => {
  town = await openTeamsPlayground();
  [ana, omar, mia] = await Promise.all([town.window('ana'), town.window('omar'), town.window('mia')]);
});
afterAll(() => town?.close());

it('leads from help to the automatic end, and every card of three people says the same', async () => {
  await ana.say('help');
  await ana.card('What you can say').getByText('takes access away at once').waitFor();
  await ana.say('prod-dba 30m INC-1042 failing over the primary');
  await ana.sees(/Asked, as R-/);

  await omar.card('failing over the primary').getByRole('button', { name: 'Approve', exact: true }).waitFor();
  await omar.picture('teams-asked');
  await omar.go('access-approvals');
  await omar.press('failing over the primary', 'Decide');
  await omar.card('failing over the primary').getByRole('button', { name: 'Deny' }).waitFor();
  await omar.picture('teams-asked-in-channel');
  await omar.go('Personal Chat');
  await omar.press('failing over the primary', 'Approve');

  await town.targetSays('dba', ['ana']);
  await ana.card('Live until').getByRole('button', { name: "I'm done" }).waitFor();
  await ana.picture('teams-live');
  await omar.card('failing over the primary').getByText('Live until').waitFor();
  await omar.go('access-approvals');
  await omar.card('failing over the primary').getByText('Live until').waitFor();

  await town.wait('26m');
  await ana.card('Ends soon').getByRole('button', { name: 'Extend' }).waitFor();
  await ana.picture('teams-reminder');
  await town.wait('5m');
  await town.targetSays('dba', []);
  await ana.sees(/absence confirmed/);
  await ana.page.getByRole('button', { name: 'Ask again' }).waitFor();
  await ana.picture('teams-ended');
  await omar.card('failing over the primary').getByText('absence confirmed').waitFor();
  await omar.go('Personal Chat');
  await omar.card('failing over the primary').getByText('absence confirmed').waitFor();
});

it('takes a request by the form, says beside a field what is wrong with it, and tells her why not', async () => {
  await ana.say('elevate');
  const form = ana.card('Request access').filter({ hasText: 'For how long' });
  await form.getByRole('button', { name: 'Ask' }).click();
  await form.getByText('Please choose one of the roles.').waitFor();
  await ana.picture('teams-form-empty');
  await form.getByRole('combobox', { name: 'What for' }).pressSequentially('prod');
  await ana.page.getByRole('option', { name: 'Production database admin' }).click();
  await form.getByLabel('For how long').fill('99h');
  await form.getByLabel('Why').fill('look at the _orders_ table');
  await form.getByRole('button', { name: 'Ask' }).click();
  await form.getByText('⚠ At most 4 h for this role.').waitFor();
  await ana.picture('teams-form-faults');
  await form.getByLabel('For how long').fill('1h');
  await form.getByRole('button', { name: 'Ask' }).click();

  await omar.press('“look at the _orders_ table”', 'Deny');
  await omar.press('The requester reads it.', 'Back');
  await omar.press('“look at the _orders_ table”', 'Deny');
  const why = omar.card('The requester reads it.');
  await why.getByLabel('Why').fill('use the replica, replica.acme.test');
  await omar.picture('teams-deny');
  await why.getByRole('button', { name: 'Deny' }).click();
  await ana.sees('use the replica, replica.acme.test');
  await ana.picture('teams-denied');
  await town.targetSays('dba', []);
});

it('gives more time by a new vote, and takes it away when she is done', async () => {
  await ana.say('prod-dba 30m INC-2 long migration');
  await omar.press('long migration', 'Approve');
  await ana.press('Live until', 'Extend');
  const form = ana.card('Ask for more time');
  await form.getByLabel('How much more').fill('30m');
  await form.getByLabel('Why').fill('still migrating');
  await form.getByRole('button', { name: 'Ask' }).click();
  await omar.card('still migrating').getByRole('button', { name: 'Approve' }).first().waitFor();
  await omar.picture('teams-extension');
  await omar.press('still migrating', 'Approve');
  await ana.sees('Extended by Omar');
  await ana.say('mine');
  await ana.card('Your access').waitFor();
  await ana.picture('teams-mine');
  await ana.say('done');
  await town.targetSays('dba', []);
});

it('calls people where the target keeps it from being taken away, and says when it is', async () => {
  await mia.go('security-alerts');
  await ana.say('prod-dba 30m INC-3 target trouble');
  await omar.press('target trouble', 'Approve');
  await town.targetSays('dba', ['ana']);
  await town.admit(false);
  await town.wait('31m');
  await ana.sees(/NOT yet removed/);
  await town.wait('5m');
  await mia.sees(/NOT yet removed/);
  await mia.picture('teams-overdue');
  // While it is in the way, so that the card stands still; after that the next try succeeds, whoever began it.
  await mia.press('NOT yet removed', 'What I can do');
  await mia.press('NOT yet removed', 'Try now');
  await town.admit(true);
  await town.targetSays('dba', []);
  await omar.card('target trouble').getByText('absence confirmed').waitFor();
});

it('has no serious fault in its cards, and none that is too wide for a phone', async () => {
  for (const words of ['roles', 'pending', 'status R-XXXX', 'elevate', 'prod-dbx 99h']) await ana.say(words);
  await ana.sees(/Did you mean/);
  for (const [name, { page }] of Object.entries({ ana, omar, mia })) {
    await page.addScriptTag({ path: AXE });
    const found = await page.evaluate(() =>
      (globalThis as unknown as { axe: { run(where: object): Promise<AxeResults> } }).axe.run({
        include: [['.ac-adaptiveCard']],
      }),
    );
    const serious = found.violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
    expect
      .soft(serious.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${name} ${id}: ${html}`)))
      .toEqual([]);
    expect.soft(await tooWide(page), name).toEqual([]);
  }
  await ana.picture('teams-phone');
});

/** What of the cards does not fit where they are as wide as on a narrow phone. */
async function tooWide(page: TeamsWindow['page']): Promise<string[]> {
  await page.addStyleTag({ content: '.ac-preview-panel { width: 300px !important }' });
  return page.evaluate<string[]>(`
    [...document.querySelectorAll('.ac-adaptiveCard, .ac-adaptiveCard button *')]
      .filter((element) => element.scrollWidth > element.clientWidth + 1)
      // Its hash is one long word, to be copied whole.
      .filter(({ textContent }) => !textContent.startsWith('Head of the audit log'))
      .map(({ textContent }) => textContent)`);
}
