/** The Teams playground as people start it, each person's Teams a page in a real browser. */

import { mkdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { type Browser, type BrowserContextOptions, chromium, type Locator, type Page } from 'playwright-core';
import postgres from 'postgres';
import { expect, vi } from 'vitest';
import { packageRoot } from '../../src/package-root.ts';
import type { Speaker } from '../../src/playground/teams/places.ts';
import { descendantsOf, discard, newDirectory, type Program, startProgram } from '../playground/program.ts';
import { findChromium } from './chromium.ts';
import { PATIENCE_MS } from './patience.ts';

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
];
const ARTIFACTS = path.join(packageRoot(), 'artifacts');
/** In a narrower one the page hides its list of conversations. */
const VIEWPORT = { width: 1280, height: 860 };
const PICTURE_WIDTH = 640;

export interface TeamsWindow {
  readonly page: Page;
  /** Goes to a channel, or to `Personal Chat`, the conversation with the bot. */
  go(place: string): Promise<void>;
  say(text: string): Promise<void>;
  /** The newest card that holds the words. */
  card(words: string | RegExp): Locator;
  /** Presses a button of the newest card that holds the words. */
  press(words: string | RegExp, button: string): Promise<void>;
  /** Sees these words sooner or later. */
  sees(words: string | RegExp): Promise<void>;
  /** Of what the bot said in the conversation, without Microsoft's bars around it. */
  picture(name: string): Promise<void>;
}

export async function openTeamsPlayground() {
  const env = { TEAMS_PLAYGROUND_PORT: '0' };
  const program = startProgram({ directory: await newDirectory(), env, args: ['teams'] });
  const urls = await ready(program);
  const browser: Browser = await chromium.launch({ executablePath: findChromium() ?? '', args: FLAGS });
  const target = await openTarget(program);
  const errors: string[] = [];

  /** A window of its own, as one person; what was said before it was opened it does not show. */
  async function window(who: Speaker, options: BrowserContextOptions = {}): Promise<TeamsWindow> {
    const context = await browser.newContext({ viewport: VIEWPORT, ...options });
    context.setDefaultTimeout(PATIENCE_MS);
    // Microsoft's page wants fonts from elsewhere; nothing here needs them.
    await context.route(/^https:/, (route) => route.abort());
    const page = await context.newPage();
    page.on('pageerror', (error) => errors.push(`${who}: ${error.message}`));
    page.on('console', (message) => {
      const missing = message.text().startsWith('Failed to load');
      if (message.type() === 'error' && !missing) errors.push(`${who}: ${message.text()}`);
    });
    await page.goto(urls[who] ?? '');
    await page.getByText('Hello, this is Curfew').first().waitFor();
    await page.getByRole('button', { name: 'Hide log panel' }).click();
    return asWindow(page);
  }

  return {
    window,
    /** Moves the clock forward, as people do at the terminal. */
    async wait(duration: string): Promise<void> {
      const before = moved(program);
      program.child.stdin?.write(`${duration}\n`);
      await vi.waitFor(() => expect(moved(program)).toBe(before + 1), { timeout: PATIENCE_MS });
    },
    /** From now on the target lets the bot in, or does not. */
    admit: target.admit,
    /** Sooner or later PostgreSQL itself says that these, and no others, can use the role. */
    targetSays: (role: string, members: readonly string[]) =>
      vi.waitFor(async () => expect(await target.members(role)).toEqual(members), { timeout: PATIENCE_MS }),
    async close(): Promise<void> {
      await browser.close();
      await target.close();
      await discard(program);
      if (errors.length > 0) throw new Error(`the page complained:\n${errors.join('\n')}`);
    },
  };
}

const moved = (program: Program) => program.output().split('min ahead.').length - 1;

/** Where each person's Teams is, once all are ready. */
async function ready(program: Program): Promise<Record<string, string>> {
  const begun = vi.waitFor(() => expect(program.output()).toContain('Ctrl-C ends it.'));
  const over = program.over().then(({ output }) => Promise.reject(new Error(`it ended:\n${output}`)));
  over.catch(() => {});
  await Promise.race([begun, over]);
  const lines = program.output().matchAll(/^ +(Ana|Omar|Mia) +(http:\S+)/gm);
  return Object.fromEntries([...lines].map(([, name = '', url = '']) => [name.toLowerCase(), url]));
}

/** The server in which access is given, asked beside the bot as its superuser. */
async function openTarget(program: Program) {
  const started = descendantsOf(program.child.pid ?? 0).map(({ command }) =>
    / -D (?<data>\S+) -p (?<port>\d+) /.exec(command),
  );
  const { data = '', port = '' } = started.find((match) => match !== null)?.groups ?? {};
  const password = await readFile(path.join(data, '../password'), 'utf8');
  const sql = postgres({ host: '127.0.0.1', port: Number(port), user: 'postgres', password, max: 1 });
  return {
    async members(role: string): Promise<string[]> {
      const rows = await sql<{ member: string }[]>`
        select distinct m.rolname as member from pg_auth_members e
        join pg_roles r on r.oid = e.roleid join pg_roles m on m.oid = e.member
        where r.rolname = ${role} and (e.inherit_option or e.set_option) order by 1`;
      return rows.map(({ member }) => member);
    },
    async admit(yes: boolean): Promise<void> {
      await sql.unsafe(`alter role curfew ${yes ? 'login' : 'nologin'};
        select pg_terminate_backend(pid) from pg_stat_activity where usename = 'curfew'`);
    },
    close: () => sql.end({ timeout: 1 }),
  };
}

function asWindow(page: Page): TeamsWindow {
  const card = (words: string | RegExp) => page.locator('.ac-adaptiveCard').filter({ hasText: words }).last();
  return {
    page,
    card,
    go: (place) => page.getByRole('treeitem', { name: place }).click(),
    async say(text) {
      const composer = page.locator('[data-lexical-editor]');
      await composer.fill(text);
      await composer.press('Enter');
    },
    press: (words, button) => card(words).getByRole('button', { name: button, exact: true }).click(),
    sees: (words) => page.getByText(words).last().waitFor(),
    async picture(name) {
      mkdirSync(ARTIFACTS, { recursive: true });
      const places = await page.getByRole('region', { name: 'Chat and Teams Channel' }).boundingBox();
      const { x = 0, y = 0, width = 0, height = 0 } = places ?? {};
      const clip = { x: x + width, y, width: PICTURE_WIDTH, height };
      await page.screenshot({ path: path.join(ARTIFACTS, `${name}.png`), animations: 'disabled', clip });
    },
  };
}
