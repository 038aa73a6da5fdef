/** More time: a new vote by the owners, up to the role's longest, and never after the end. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTown, type Town } from '../support/town.ts';
import { createTalk, roleOf, type Talk } from '../support/town-talk.ts';
import { visibleText } from '../support/visible-text.ts';

let town: Town;
let talk: Talk;
beforeAll(async () => {
  town = await createTown({
    roles: ['moved', 'denied', 'capped', 'late', 'ended', 'clock'].map((key) => roleOf(key)),
  });
  talk = createTalk(town);
});
afterAll(() => talk.close());

const asked = (said: string) => /Asked, as (R-\w+)/.exec(said)?.[1] ?? said;

it('moves the end when an owner agrees, on the card too, and reminds of the new end', async () => {
  const id = await talk.live('ana', 'moved', '1h INC-20 moving data');
  const begun = town.clocks.now().getTime();
  const at = (minutes: number) => new Date(begun + minutes * 60_000).toISOString().slice(11, 16);
  town.pass(55 * 60);
  const reminder = await talk.card(id, 'ana', /It ends at/);
  expect(visibleText(reminder)).toContain(`It ends at 2026-11-20 ${at(60)} UTC. Ask now if you need longer.`);

  const form = await talk.opens('ana', reminder, 'extend');
  const more = asked(await talk.submits('ana', form, { duration: '30m', reason: 'the copy is slow' }));
  await talk.card(id, '#access-approvals', new RegExp(`30 min more was asked for: ${more} waits`));
  const card = await talk.card(more, '#access-approvals', /ana asks for 30 min more of Role moved/);
  expect(visibleText(card)).toContain('> the copy is slow');
  expect(await talk.presses('omar', card, 'approve')).toBe(`Approved ${more} for 30 min.`);
  await talk.card(id, '#access-approvals', new RegExp(`Live until 2026-11-20 ${at(90)} UTC`));
  await talk.line('ana', new RegExp(`Extended by omar: until 2026-11-20 ${at(90)} UTC`));
  await talk.onRecord('grant.extended', /omar@acme.test/, more);

  town.pass(30 * 60);
  await talk.card(id, 'ana', new RegExp(`It ends at 2026-11-20 ${at(90)} UTC`));
  const copies = (await talk.cards(id, 'ana')).map((message) => visibleText(message));
  expect(copies.filter((text) => text.includes(at(60)))).toEqual([]);
  expect(town.vault.holds('moved', 'ana')).toBe(true);
  town.pass(5 * 60);
  await talk.card(id, '#access-approvals', /Ended/);
  expect(town.vault.holds('moved', 'ana')).toBe(false);
});

it('leaves the end where it was when an owner says no', async () => {
  const id = await talk.live('ana', 'denied', '1h INC-21 once more');
  const more = asked(await talk.says('ana', `extend ${id} 1h nearly there`));
  await talk.card(more, 'lea', /1 h more/);
  expect(await talk.says('ana', `approve ${more}`)).toContain('Nobody decides on their own access');
  expect(await talk.says('lea', `deny ${more} the night is over`)).toBe(`Denied ${more}.`);
  await talk.line('ana', /Denied by lea: the night is over/);
  await talk.card(id, '#access-approvals', /Live until(?!.*was asked for)/s);
  town.pass(60 * 60);
  await talk.card(id, '#access-approvals', /Ended/);
});

it('says beside the field what is wrong, and refuses more than the role allows in all', async () => {
  const id = await talk.live('ana', 'capped', '3h INC-22 much work');
  const said = await talk.says('ana', `extend ${id} 90m more work`);
  expect(said).toContain('at most 4 h in all: 1 h more is what is left');
  const card = await talk.card(id, 'ana', /Extend/);
  const form = await talk.opens('ana', card, 'extend');
  expect(await talk.submits('ana', form, { duration: 'long', reason: 'x' })).toContain(
    'duration: long is not a length',
  );
  expect(await talk.says('ana', `extend ${id} 20m`)).toBe('');
  expect(visibleText(talk.form('ana'))).toContain('⚠ Say why, in a few words.');
  await talk.onRecord('request.refused', /ana@acme.test/, 'duration-cap');

  const more = asked(await talk.submits('ana', form, { duration: '1h', reason: 'the rest' }));
  expect(await talk.says('ana', `extend ${id} 10m again`)).toContain(
    `${more} is waiting for a decision already`,
  );
  await talk.says('omar', `approve ${more}`);
  await talk.card(id, 'ana', /Live until.*\[I'm done\](?! \[Extend\])/s);
  expect(await talk.says('ana', `extend ${id} 10m a little`)).toContain(
    'has the longest time that Role capped allows, 4 h',
  );
});

it('is refused after the end, and a request for it lapses with the access', async () => {
  const id = await talk.live('ana', 'late', '30m INC-23 short');
  const more = asked(await talk.says('ana', `extend ${id} 30m a bit`));
  const card = await talk.card(more, '#access-approvals', /Approve/);
  expect(await talk.says('ana', `done ${id}`)).toContain('Thank you');
  await talk.card(more, '#access-approvals', /Cancelled/);
  expect(await talk.presses('omar', card, 'approve')).toBe(`It was cancelled. (${more})`);
  expect(await talk.says('ana', `extend ${id} 30m a bit`)).toContain(`${id} is over: ask anew.`);
  for (const long of ['30m', 'until 00:01']) {
    expect(await talk.says('omar', `extend ${id} ${long} a bit`)).toContain(`There is no request ${id}`);
  }
  await talk.onRecord('extension.refused', /omar@acme.test/, id);
  expect(town.vault.holds('late', 'ana')).toBe(false);
});

it('is refused when the window closes in the very moment of the approval', async () => {
  const id = await talk.live('ana', 'ended', '30m INC-24 short');
  const more = asked(await talk.says('ana', `extend ${id} 30m a bit`));
  const card = await talk.card(more, '#access-approvals', /Approve/);
  town.clocks.pass(30 * 60);
  expect(await talk.presses('omar', card, 'approve')).toMatch(/that access is over|It was cancelled/);
  await talk.card(more, '#access-approvals', /Cancelled/);
  await talk.card(id, '#access-approvals', /Ended/);
  expect(town.vault.holds('ended', 'ana')).toBe(false);
  await talk.onRecord('request.cancelled', /./, more);
  expect(
    (await talk.log()).some(({ action, details }) => action === 'grant.extended' && details.request === more),
  ).toBe(false);
});

it('takes a time of day as the new end', async () => {
  const id = await talk.live('ana', 'clock', '1h INC-25 by the clock');
  const end = new Date(town.clocks.now().getTime() + 90 * 60_000);
  const berlin = new Intl.DateTimeFormat('en-GB', {
    timeZone: 'Europe/Berlin',
    hour: '2-digit',
    minute: '2-digit',
  });
  const more = asked(await talk.says('ana', `extend ${id} until ${berlin.format(end)} not done`));
  await talk.says('omar', `approve ${more}`);
  await talk.card(
    id,
    '#access-approvals',
    new RegExp(`Live until ${end.toISOString().slice(0, 16).replace('T', ' ')}`),
  );
});
