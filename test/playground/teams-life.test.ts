/** A request's life in Microsoft's own playground, with the bot that `npm run playground:teams` starts. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { packageRoot } from '../../src/package-root.ts';
import { createBotProcess } from '../../src/playground/bot-process.ts';
import { startTarget } from '../../src/playground/target.ts';
import { TENANT } from '../../src/playground/teams/places.ts';
import { wordsIn } from '../support/card-buttons.ts';
import { startTeamsPlayground, type TeamsPlayground } from '../support/teams-playground.ts';

const undo: (() => unknown)[] = [];
let teams: TeamsPlayground;
let target: Awaited<ReturnType<typeof startTarget>>;

beforeAll(async () => {
  const directory = await mkdtemp(path.join(tmpdir(), 'curfew-teams-life-'));
  undo.push(() => rm(directory, { recursive: true, force: true }));
  let botUrl = '';
  const bot = createBotProcess({
    program: path.join(packageRoot(), 'dist-playground/src/playground/bot.js'),
    logFile: path.join(directory, 'bot.log'),
    changed(url) {
      botUrl = url ?? botUrl;
    },
    crashed: () => {},
  });
  target = await startTarget(directory);
  undo.push(target.stop);
  bot.load();
  undo.push(bot.stop);
  const { ledgerUrl, url: targetUrl } = target;
  await bot.begin({
    ledgerUrl,
    targetUrl,
    port: 0,
    slack: null,
    pagerduty: null,
    teams: { tenantId: TENANT },
  });
  teams = await startTeamsPlayground({ botUrl });
  undo.push(teams.stop);
});
afterAll(async () => {
  for (const step of undo.reverse()) await step();
});

const membersOf = async (role: string) =>
  (await target.roles()).find((each) => each.role === role)?.members ?? [];

describe('asking in Teams', () => {
  it('answers help in Ana’s chat', async () => {
    await teams.person('ana').says('help');
    await teams.waitFor('ana', ({ card }) => wordsIn(card).includes('prod-dba'));
  });

  it('gives what Omar approves with one press, and every card says so', async () => {
    const [ana, omar] = [teams.person('ana'), teams.person('omar')];
    await ana.says('prod-dba 1h INC-2041 restore the orders table');
    const asked = await teams.waitFor('omar', ({ card }) => wordsIn(card).includes('[Approve]'));
    const posted = await teams.waitFor('access-approvals', ({ card }) => wordsIn(card).includes('[Decide]'));
    const decide = teams.shown(posted, await omar.presses('Decide', { on: posted }));
    expect(wordsIn(decide.card)).toContain('[Approve]');
    expect((await omar.presses('Approve', { on: asked })).status).toBe(200);
    for (const where of ['ana', 'omar', 'access-approvals']) {
      await teams.waitFor(where, ({ card, updates }) => updates > 0 && /Live until/.test(wordsIn(card)));
    }
    expect(await membersOf('dba')).toEqual(['ana']);
  });

  it('takes it away again when Ana presses that she is done', async () => {
    const live = await teams.waitFor('ana', ({ card }) => wordsIn(card).includes("[I'm done]"));
    expect((await teams.person('ana').presses("I'm done", { on: live })).status).toBe(200);
    await vi.waitFor(async () => expect(await membersOf('dba')).toEqual([]));
    await teams.waitFor('omar', ({ card }) => /Ended/.test(wordsIn(card)));
  });

  it('takes a request, and a refusal with its reason, by forms in cards', async () => {
    const [ana, omar] = [teams.person('ana'), teams.person('omar')];
    await ana.says('elevate');
    const form = await teams.waitFor('ana', ({ card }) => wordsIn(card).includes('[Ask]'));
    await expect(ana.fills(form, { role: 'prod-dba' }, 'Ask')).rejects.toThrow('duration, reason');
    const values = { role: 'prod-dba', duration: '2h', reference: 'INC-2042', reason: 'look at the orders' };
    expect((await ana.fills(form, values, 'Ask')).status).toBe(200);
    const asked = await teams.waitFor('omar', ({ card }) => wordsIn(card).includes('look at the orders'));
    const deny = teams.shown(asked, await omar.presses('Deny', { on: asked }));
    expect((await omar.fills(deny, { reason: 'not today' }, 'Deny')).status).toBe(200);
    await teams.waitFor('ana', ({ card }) => wordsIn(card).includes('not today'));
  });
});
