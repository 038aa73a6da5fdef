/** The playground in a real browser: windows of different people, side by side. */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { type Browser, type BrowserContextOptions, chromium, type Locator, type Page } from 'playwright-core';
import { packageRoot } from '../../src/package-root.ts';
import type { Handle } from '../../src/playground/protocol.ts';
import { discard, newDirectory, startProgram } from '../playground/program.ts';
import { findChromium } from './chromium.ts';
import { PATIENCE_MS } from './patience.ts';

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const ARTIFACTS = path.join(packageRoot(), 'artifacts');

export async function openPlayground() {
  const program = startProgram({ directory: await newDirectory() });
  const url = await program.ready();
  const browser: Browser = await chromium.launch({ executablePath: findChromium() ?? '', args: FLAGS });
  const errors: string[] = [];

  /** A window of its own, as one person. */
  async function window(who: Handle, options: BrowserContextOptions = {}): Promise<Window> {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
    // Sooner than a test's own bound, so that a failure names the step.
    context.setDefaultTimeout(PATIENCE_MS);
    const page = await context.newPage();
    page.on('pageerror', (error) => errors.push(`${who}: ${error.message}`));
    await page.goto(`${url}/?as=${who}`);
    await page.getByText('What PostgreSQL says').first().waitFor({ state: 'attached' });
    return asWindow(page);
  }

  return {
    url,
    program,
    window,
    async close(): Promise<void> {
      await browser.close();
      await discard(program);
      if (errors.length > 0) throw new Error(`the page failed:\n${errors.join('\n')}`);
    },
  };
}

export interface Window {
  readonly page: Page;
  /** Goes to a channel, or to `Curfew`, the conversation with the bot. */
  go(place: string): Promise<void>;
  say(text: string): Promise<void>;
  /** The newest message that holds the words. */
  message(words: string | RegExp): Locator;
  /** Presses a button of the newest message that holds the words. */
  press(words: string | RegExp, button: string): Promise<void>;
  /** Presses a button or switch anywhere on the page. */
  tap(name: string): Promise<void>;
  /** Submits the open form, reads the answer in its place, and closes it. */
  submit(button: string, answer: string | RegExp): Promise<void>;
  /** The open form's field. */
  field(label: string | RegExp): Locator;
  /** Chooses the first option with these words in the open form's list. */
  choose(label: string, option: string): Promise<void>;
  /** Sees these words sooner or later. */
  sees(words: string | RegExp): Promise<void>;
  /** Whether the target says that this role has this member, sooner or later. */
  targetSays(role: string, member: string): Promise<void>;
  picture(name: string): Promise<void>;
}

function asWindow(page: Page): Window {
  const messages = page.getByRole('region', { name: /^Messages in / });
  const message = (words: string | RegExp) => messages.getByRole('article').filter({ hasText: words }).last();
  return {
    page,
    message,
    go: (place) =>
      page.getByRole('navigation', { name: 'Workspace' }).getByRole('button', { name: place }).click(),
    async say(text) {
      const composer = page.getByRole('textbox', { name: /^Message / });
      await composer.fill(text);
      await composer.press('Escape');
      await composer.press('Enter');
    },
    press: (words, button) => message(words).getByRole('button', { name: button, exact: true }).click(),
    async tap(name) {
      const either = page
        .getByRole('button', { name, exact: true })
        .or(page.getByRole('switch', { name, exact: true }));
      await either.first().click();
    },
    async submit(button, answer) {
      const dialog = page.getByRole('dialog');
      await dialog.getByRole('button', { name: button, exact: true }).click();
      await dialog.getByText(answer).first().waitFor();
      await page.keyboard.press('Escape');
      await dialog.waitFor({ state: 'detached' });
    },
    async choose(label, option) {
      const dialog = page.getByRole('dialog');
      await dialog.getByRole('combobox', { name: label }).click();
      await dialog.getByRole('option').filter({ hasText: option }).first().click();
    },
    field: (label) => page.getByRole('dialog').getByLabel(label),
    sees: (words) => page.getByText(words).last().waitFor(),
    async targetSays(role, member) {
      const row = page
        .getByRole('row')
        .filter({ has: page.getByRole('rowheader', { name: role, exact: true }) });
      await row.filter({ hasText: member }).waitFor();
    },
    async picture(name) {
      mkdirSync(ARTIFACTS, { recursive: true });
      await page.screenshot({ path: path.join(ARTIFACTS, `${name}.png`), animations: 'disabled' });
    },
  };
}
