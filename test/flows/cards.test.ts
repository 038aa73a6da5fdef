/** Cards: everywhere the same state, the thread as the timeline, and old copies repaired. */
import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { cards } from '../../db/schema-messages.ts';
import type { Message } from '../support/slack-driver.ts';
import { createTown, type Town } from '../support/town.ts';
import { createTalk, roleOf, type Talk } from '../support/town-talk.ts';
import { visibleText } from '../support/visible-text.ts';

let town: Town;
let talk: Talk;
beforeAll(async () => {
  const dba = roleOf('own-channel', { channel: '#dba' });
  town = await createTown({
    roles: [...['whole', 'home', 'stale', 'deleted', 'hostile'].map((key) => roleOf(key)), dba],
  });
  talk = createTalk(town);
});
afterAll(() => talk.close());

const DECIDERS = ['#access-approvals', 'omar', 'lea'] as const;

/** Waits for the words in the channel, with each owner and with the requester. */
async function everywhere(id: string, words: RegExp): Promise<Message[]> {
  const shown: Message[] = [];
  for (const place of [...DECIDERS, 'ana'] as const) shown.push(await talk.card(id, place, words));
  return shown;
}

it('shows the same state in the channel, to each owner and to the requester, after every change', async () => {
  const id = await talk.asks('ana', 'whole', '1h INC-30 moving shards');
  const [channel, ...direct] = await everywhere(id, /Waits for 1 of 2: omar, lea/);
  for (const copy of direct.slice(0, 2)) expect(visibleText(copy)).toBe(visibleText(channel ?? null));

  await talk.says('omar', `approve ${id}`);
  const [live, ...copies] = await everywhere(id, /Live until 2026-11-20 15:00 UTC, approved by omar\./);
  for (const copy of copies.slice(0, 2)) expect(visibleText(copy)).toBe(visibleText(live ?? null));
  expect(visibleText(live ?? null)).not.toContain('Approve]');
  const holder = visibleText(await talk.card(id, 'ana', /I'm done/));
  expect(holder).toContain('Live until 2026-11-20 15:00 UTC');
  expect(holder).toContain('[Extend]');

  town.pass(3600);
  await everywhere(id, /Ended 2026-11-20 15:00 UTC, time was up; absence confirmed within a second\./);
  for (const place of DECIDERS) expect(await talk.cards(id, place)).toHaveLength(1);
});

it('tells the story in the card’s thread, in order, and every step to the requester', async () => {
  const [first] = await town.slack.messages('access-approvals');
  const id = /R-\w+/.exec(JSON.stringify(first))?.[0] ?? '';
  expect(await talk.timeline(id, /Ended/)).toEqual([
    'ana asked for Role whole for 1 h.',
    'Approved by omar for 1 h.',
    'Live until 2026-11-20 15:00 UTC.',
    'Ending: time was up.',
    'Ended: time was up. Absence confirmed within a second.',
  ]);
  await talk.line('ana', new RegExp(`${id}, Role whole: Ended`));
  const told = (await town.slack.dms('ana')).map(visibleText).filter((text) => text.startsWith(`${id}, `));
  expect(told).toEqual([
    `${id}, Role whole: Approved by omar for 1 h.`,
    `${id}, Role whole: Ended: time was up. Absence confirmed within a second.`,
  ]);
});

it('shows on the home page what I hold until when, what I asked for, and what waits for me', async () => {
  const home = (who: 'ana' | 'lea', words: RegExp) =>
    town.slack.until(() => {
      const page = town.slack.home(who);
      return page && words.test(visibleText(page)) && page;
    }, `${who}'s home page to read ${words}`);
  const opensHome = (who: 'ana' | 'lea') =>
    town.slack.event('app_home_opened', { user: town.slack.person(who).id, tab: 'home' });

  const id = await talk.asks('ana', 'home', '1h INC-31 at home');
  await Promise.all([opensHome('ana'), opensHome('lea')]);
  const waiting = await home('lea', /Waits for me.*Role home.*ana asks for 1 h\. Risk: high\./s);
  expect(visibleText(await home('ana', /My requests.*Role home/s))).toContain('[Cancel]');

  // What is pressed on the page changes the page, and is answered by a message.
  await town.slack.click('lea', waiting, 'approve', { id });
  await home('lea', /Nothing waits for your decision/);
  await talk.line('lea', new RegExp(`Approved ${id} for 1 h`));
  await talk.card(id, 'ana', /Live until/);
  await opensHome('ana');
  const mine = await home('ana', /My access.*Role home.*Live until/s);
  const end = new Date(town.clocks.now().getTime() + 3_600_000).toISOString().slice(0, 16).replace('T', ' ');
  expect(visibleText(mine)).toContain(`Live until ${end} UTC`);
  await town.slack.click('ana', mine, 'done', { id });
  await home('ana', /You hold nothing from Curfew just now|Ending|NOT yet/);
  await talk.card(id, '#access-approvals', /Ended .* handed back by ana/);
});

it('draws an old copy anew when somebody presses on it', async () => {
  const id = await talk.asks('ana', 'stale');
  const copy = await talk.card(id, 'lea', /Approve/);
  await talk.says('omar', `deny ${id} wrong night`);
  await talk.card(id, 'lea', /Denied/);
  const { channel, ts } = copy;
  const request = new URLSearchParams({ channel, ts, text: 'old', blocks: JSON.stringify(copy.blocks) });
  const headers = { authorization: `Bearer ${town.slack.botToken}` };
  await fetch(`${town.slack.apiUrl}chat.update`, { method: 'POST', headers, body: request });
  await talk.card(id, 'lea', /Approve/);
  expect(await talk.presses('lea', copy, 'approve')).toBe(`It was denied already, by omar. (${id})`);
  await talk.card(id, 'lea', /Denied/);
});

it('posts a card anew that somebody deleted', async () => {
  const id = await talk.asks('ana', 'deleted');
  const { channel, ts } = await talk.card(id, '#access-approvals');
  const headers = { authorization: `Bearer ${town.slack.botToken}` };
  const body = new URLSearchParams({ channel, ts });
  await fetch(`${town.slack.apiUrl}chat.delete`, { method: 'POST', headers, body });
  expect(await talk.cards(id, '#access-approvals')).toEqual([]);
  await talk.says('omar', `approve ${id}`);
  await talk.card(id, '#access-approvals', /Live until/);
  expect(await talk.cards(id, '#access-approvals')).toHaveLength(1);
});

it('posts to the channel of the role where it has one', async () => {
  const id = await talk.asks('ana', 'own-channel');
  await talk.card(id, '#dba', /ana asks for/);
  expect(await talk.cards(id, '#access-approvals')).toEqual([]);
});

it('lets nothing that people type become a mention, a link, bold or anything else but their words', async () => {
  const { id: omar } = town.slack.person('omar');
  const typed = `<!channel> <@${omar}> *bold* _it_ \`code\` &amp; <https://evil.test|click> :tada: ${'🔥'.repeat(400)}`;
  const id = await talk.asks('ana', 'hostile', `1h INC-32 ${typed}`);
  const card = await talk.card(id, '#access-approvals');
  const raw = JSON.stringify(card);
  expect(visibleText(card)).toContain('> <!channel> ');
  expect(visibleText(card)).toContain('*bold* _it_ `code` &amp;');
  expect(raw).not.toContain('"type":"broadcast"');
  expect(raw).not.toContain('"type":"link"');
  expect(raw).not.toMatch(/"type":"user"[^}]*"user_id"/);
  await talk.says('omar', `deny ${id} <!here> *no* & <@${omar}>`);
  await talk.card(id, 'ana', /> <!here> \*no\* & /);
  await talk.timeline(id, /Denied by omar: <!here> \*no\* & /);
  const rows = await town.ledger.db.select().from(cards).where(eq(cards.requestId, id));
  expect(rows.map(({ lastError }) => lastError)).toEqual(rows.map(() => null));
});
