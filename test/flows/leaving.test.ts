/** Somebody leaves: what they hold ends, and what they asked for is cancelled, at once. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Handle } from '../support/slack-workspace.ts';
import { createTown, type Town } from '../support/town.ts';
import { createTalk, roleOf, type Talk } from '../support/town-talk.ts';

let town: Town;
let talk: Talk;
beforeAll(async () => {
  town = await createTown({
    roles: ['held', 'asked', 'approved', 'starting', 'guest'].map((key) => roleOf(key)),
  });
  talk = createTalk(town);
});
afterAll(() => talk.close());

function leaves(who: Handle, headers = {}) {
  const { id } = town.slack.person(who);
  town.slack.api.patchUser(id, { deleted: true });
  return town.slack.event(
    'user_change',
    { user: { id, team_id: town.slack.workspace, deleted: true } },
    headers,
  );
}

it('ends every grant as offboarded and cancels every request, however often Slack says so', async () => {
  const held = await talk.live('ana', 'held');
  const starting = await talk.asks('ana', 'starting');
  town.vault.goDownAfterNextReading();
  await talk.says('omar', `approve ${starting}`);
  await talk.card(starting, '#access-approvals', /does not answer/);
  town.vault.state.down = false;
  const asked = await talk.asks('ana', 'asked');
  const card = await talk.card(asked, '#access-approvals', /Approve/);

  const event = await leaves('ana');
  expect(event.status).toBe(200);
  await Promise.all([event.again(), event.again()]);
  await town.slack.until(() => !town.vault.holds('held', 'ana'), 'the access to be gone');
  await talk.card(
    held,
    '#access-approvals',
    /Ended .*the account in chat was deactivated; absence confirmed/,
  );
  await talk.card(starting, '#access-approvals', /Ended|Failed/);
  await talk.card(asked, '#access-approvals', /Cancelled .*The account of ana in chat was deactivated\./s);
  await talk.timeline(held, /Ending: the account in chat was deactivated/);
  expect(await talk.presses('omar', card, 'approve')).toBe(`It was cancelled. (${asked})`);

  const { details } = await talk.onRecord('principal.offboarded', /^slack:directory$/, 'ana@acme.test');
  expect(details).toMatchObject({
    email: 'ana@acme.test',
    ended: [held, starting].sort(),
    cancelled: [asked],
  });
  expect((await talk.log()).filter(({ action }) => action === 'principal.offboarded')).toHaveLength(1);
  await talk.onRecord('grant.ending', /^slack:directory$/, `offboarded.*${held}|${held}.*offboarded`);
  expect(await talk.says('ana', 'held 1h INC-1 let me back in')).toContain(
    'Your account here is deactivated',
  );
});

it('leaves in peace whom Curfew never met, and what others hold', async () => {
  const other = await talk.live('lea', 'held');
  expect((await leaves('dee')).status).toBe(200);
  expect(
    (await town.slack.event('user_change', { user: { id: town.slack.person('lea').id, deleted: false } }))
      .status,
  ).toBe(200);
  expect(await talk.says('lea', 'mine')).toContain(other);
  expect(town.vault.holds('held', 'lea')).toBe(true);
});

it('cannot approve any more, and is not counted on: the other owner still can', async () => {
  const id = await talk.asks('mia', 'approved');
  const card = await talk.card(id, 'omar', /Approve/);
  await leaves('omar');
  expect(await talk.presses('omar', card, 'approve')).toContain('Your account here is deactivated');
  expect(await talk.says('lea', `approve ${id}`)).toBe(`Approved ${id} for 1 h.`);
  await talk.card(id, '#access-approvals', /Live until .*approved by lea/);
});

it('is made a guest, which is the same', async () => {
  const held = await talk.live('mia', 'guest', undefined, 'lea');
  const { id } = town.slack.person('mia');
  town.slack.api.patchUser(id, { is_restricted: true });
  await town.slack.event('user_change', {
    user: { id, team_id: town.slack.workspace, deleted: false, is_restricted: true },
  });
  await talk.card(
    held,
    '#access-approvals',
    /Ended .*the account in chat was made a guest; absence confirmed/,
  );
  expect(town.vault.holds('guest', 'mia')).toBe(false);
});
