/** What time alone does: reminders, expiry, and an end that stays where it was named. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTown, type Town } from '../support/town.ts';
import { createTalk, roleOf, type Talk } from '../support/town-talk.ts';
import { visibleText } from '../support/visible-text.ts';

let town: Town;
let talk: Talk;
beforeAll(async () => {
  town = await createTown({ roles: ['waiting', 'clock', 'passed', 'short'].map((key) => roleOf(key)) });
  talk = createTalk(town);
});
afterAll(() => talk.close());

it('ends at the time that was named, however late the approval comes', async () => {
  // 14:00 UTC is 15:00 in Berlin, where Ana is.
  const id = await talk.asks('ana', 'clock', 'until 18:00 INC-60 until the shift ends');
  await talk.card(id, '#access-approvals', /For: 3 h, until 2026-11-20 17:00 UTC/);
  town.pass(2.5 * 3600);
  expect(await talk.says('omar', `approve ${id}`)).toBe(`Approved ${id} for 30 min.`);
  await talk.line('ana', new RegExp(`${id}, Role clock: Approved by omar for 30 min`));
  await talk.card(id, 'ana', /Live until 2026-11-20 17:00 UTC/);
  town.pass(30 * 60);
  await talk.card(id, '#access-approvals', /Ended 2026-11-20 17:00 UTC, time was up/);
  expect(town.vault.holds('clock', 'ana')).toBe(false);
});

it('cannot be approved any more when the named time has passed', async () => {
  // 17:00 UTC is 18:00 in Berlin.
  const id = await talk.asks('ana', 'passed', 'until 18:30 INC-61 half an hour');
  town.pass(30 * 60);
  expect(await talk.says('omar', `approve ${id}`)).toContain(
    'The time until which it was asked for has passed.',
  );
  expect(town.vault.holds('passed', 'ana')).toBe(false);
  const card = await talk.card(id, '#access-approvals', /The time until which it was asked for has passed/);
  expect(visibleText(card)).not.toContain('[Approve]');
});

it('reminds who decides at half time, and lapses after eight hours', async () => {
  const id = await talk.asks('ana', 'waiting');
  const lapses = new Date(town.clocks.now().getTime() + 8 * 3_600_000)
    .toISOString()
    .slice(0, 16)
    .replace('T', ' ');
  await talk.card(id, '#access-approvals', /Approve/);
  town.pass(4 * 3600 - 1);
  town.pass(1);
  const [omar, lea] = [town.slack.person('omar').id, town.slack.person('lea').id];
  const words = `Still waiting for a decision by <@${omar}> and <@${lea}>. It lapses ${lapses} UTC.`;
  for (const who of ['omar', 'lea'] as const)
    await talk.line(who, new RegExp(`${id}, Role waiting: ${words}`));
  await talk.timeline(id, new RegExp(words));

  town.pass(4 * 3600);
  for (const place of ['#access-approvals', 'omar', 'lea', 'ana'] as const) {
    const card = await talk.card(id, place, /Nobody decided in time: it expired/);
    expect(visibleText(card)).not.toContain('[Approve]');
  }
  await talk.line('ana', new RegExp(`${id}, Role waiting: Nobody decided in time, so the request expired.`));
  await talk.onRecord('request.expired', /^curfew$/, id);
  const again = await talk.opens('ana', await talk.card(id, 'ana', /Ask again/), 'ask-again');
  expect(visibleText(again)).toContain('Role waiting');
  for (const who of ['omar', 'lea'] as const) {
    const reminders = (await town.slack.dms(who)).filter((m) =>
      visibleText(m).includes(`${id}, Role waiting: Still`),
    );
    expect(reminders).toHaveLength(1);
  }
});

it('says nothing of an end that is too near for a reminder', async () => {
  const id = await talk.live('ana', 'short', '4m INC-62 only a look');
  town.pass(4 * 60);
  await talk.card(id, '#access-approvals', /Ended/);
  const cards = (await talk.cards(id, 'ana')).map((message) => visibleText(message));
  expect(cards.filter((text) => /Ends soon|It ends at/.test(text))).toEqual([]);
});
