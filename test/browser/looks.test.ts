/** The playground for everybody: by keyboard, with a screen reader, in the dark, on a phone. */
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openPlayground, type Window } from '../support/browser.ts';

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
let town: Awaited<ReturnType<typeof openPlayground>>;

beforeAll(async () => {
  town = await openPlayground();
  const ana = await town.window('ana');
  await ana.say('/elevate prod-dba 30m INC-1042 a life to look at');
  const omar = await town.window('omar');
  await omar.go('access-approvals');
  await omar.press('a life to look at', 'Approve');
  await ana.targetSays('dba', 'ana');
  // Each of the panel's colours is seen by somebody.
  await ana.tap('Open sev1');
  await ana.sees('Curfew knows it as open.');
});
afterAll(() => town?.close());

/** Serious faults that axe finds on the page as it is now. */
async function faults({ page }: Window): Promise<string[]> {
  await page.addScriptTag({ path: AXE });
  const results = await page.evaluate(() =>
    (globalThis as unknown as { axe: { run(): Promise<AxeResults> } }).axe.run(),
  );
  return results.violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
}

const SCREENS = [
  { name: 'desk', options: {} },
  { name: 'desk in the dark', options: { colorScheme: 'dark' } },
  { name: 'phone', options: { viewport: { width: 390, height: 844 } } },
  { name: 'phone in the dark', options: { viewport: { width: 390, height: 844 }, colorScheme: 'dark' } },
] as const;

it.each(SCREENS)('has no serious fault on a $name', async ({ name, options }) => {
  const omar = await town.window('omar', { ...options, reducedMotion: 'reduce', bypassCSP: true });
  if (name.startsWith('phone')) {
    await omar.page.getByRole('button', { name: /truth/i }).click();
    await omar.sees('What PagerDuty says');
    expect(await faults(omar)).toEqual([]);
    await omar.page.getByRole('switch', { name: /webhooks/ }).scrollIntoViewIfNeeded();
    await omar.picture(`${name.replaceAll(' ', '-')}-truth`);
    await omar.page.getByRole('button', { name: /chat/i }).click();
  }
  if (name.startsWith('desk')) {
    await omar.go('access-approvals');
    await omar.sees(/Live until/);
  }
  expect(await faults(omar)).toEqual([]);
  await omar.picture(name.replaceAll(' ', '-'));
});

it('has no serious fault in a form, and shows what is wrong beside the field', async () => {
  const ana = await town.window('ana', { reducedMotion: 'reduce', bypassCSP: true });
  await ana.say('/elevate prod-dbx 99h');
  await ana.page
    .getByRole('dialog')
    .getByText(/Did you mean/)
    .waitFor();
  expect(await faults(ana)).toEqual([]);
  await ana.picture('form');
});

it('can be used by keyboard alone: asking, from the composer to the answer', async () => {
  const mia = await town.window('mia');
  await mia.page.getByRole('textbox', { name: /^Message / }).focus();
  await mia.page.keyboard.type('/elevate staging-reports 30m numbers for the board');
  await mia.page.keyboard.press('Escape');
  await mia.page.keyboard.press('Enter');
  await mia.sees(/Asked, as/);
});
