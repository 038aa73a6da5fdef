/** One elevation's whole life in Slack: asked in one line, approved with one click, gone by itself. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createTown, type Town } from '../support/town.ts';
import { visibleText } from '../support/visible-text.ts';

let town: Town;
beforeEach(async () => {
  town = await createTown();
});
afterEach(async () => {
  await town.close();
});

it('is asked for in one line, approved with one click, live, and gone when its time is over', async () => {
  const { slack, vault } = town;
  const said = await slack.command('ana', 'prod-dba 1h INC-1042 failing over the primary');
  expect(visibleText(said.answer as never)).toMatch(/Asked, as R-/);

  const card = await slack.waitForMessage('access-approvals', (m) => visibleText(m).includes('ana asks'));
  expect(visibleText(card)).toContain('failing over the primary');
  await slack.waitForDm('omar', (m) => visibleText(m).includes('failing over the primary'));
  await slack.waitForDm('lea', (m) => visibleText(m).includes('failing over the primary'));
  await slack.waitForDm('ana', (m) => visibleText(m).includes('failing over the primary'));
  expect(vault.holds('dba', 'ana')).toBe(false);

  await slack.click('omar', card, 'approve');
  await slack.waitForDm('ana', (m) => visibleText(m).includes('Live until'));
  expect(vault.holds('dba', 'ana')).toBe(true);
  await slack.waitForMessage('access-approvals', (m) => visibleText(m).includes('Live until'));

  town.pass(55 * 60);
  await slack.waitForDm('ana', (m) => /ends soon|Ends at|ends at|soon/i.test(visibleText(m)));
  expect(vault.holds('dba', 'ana')).toBe(true);

  town.pass(5 * 60);
  await slack.waitForMessage('access-approvals', (m) => /Ended/.test(visibleText(m)));
  expect(vault.holds('dba', 'ana')).toBe(false);
  await slack.waitForDm('ana', (m) => /Ended|ended|gone/i.test(visibleText(m)));
});
