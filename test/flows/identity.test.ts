/** Who may speak: full members with one address of ours, and each address and account only one person. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Handle } from '../support/slack-workspace.ts';
import { createTown, type Town } from '../support/town.ts';
import { createTalk, roleOf, type Talk } from '../support/town-talk.ts';
import { visibleText } from '../support/visible-text.ts';

let town: Town;
let talk: Talk;
beforeAll(async () => {
  town = await createTown({ roles: [roleOf('dba'), roleOf('other')] });
  talk = createTalk(town);
});
afterAll(() => talk.close());

const patch = (who: Handle, over: Record<string, unknown>) => {
  town.slack.api.patchUser(town.slack.person(who).id, over);
  return town.slack.event('user_change', { user: { id: town.slack.person(who).id } });
};
const profile = (email: string | null) => ({ profile: { email, real_name: 'somebody' } });

describe('is refused with a sentence, has nothing done, and is on record:', () => {
  const words = 'dba 1h INC-1 let me in';
  it.each([
    ['a guest', 'sam', null, 'Guests cannot use Curfew'],
    ['a deactivated person', 'dee', null, 'Your account here is deactivated'],
    ['somebody of another workspace', 'zoe', null, 'Only members of the home workspace'],
    ['a single-channel guest', 'mia', { is_ultra_restricted: true }, 'Guests cannot use Curfew'],
    ['a bot', 'mia', { is_ultra_restricted: false, is_bot: true }, 'Bots cannot use Curfew'],
    [
      'somebody without a mail address',
      'mia',
      { is_bot: false, ...profile(null) },
      'shows Curfew no mail address',
    ],
    [
      'somebody with a foreign address',
      'mia',
      profile('mia@evil.test'),
      'mia@evil.test is not an address of a domain',
    ],
    [
      'somebody with a look-alike domain',
      'mia',
      profile('mia@notacme.test'),
      'is not an address of a domain',
    ],
  ] as const)('%s', async (_who, handle, over, sentence) => {
    if (over) await patch(handle, over);
    const before = await town.slack.messages('access-approvals');
    expect(await talk.says(handle, words)).toContain(sentence);
    const { id } = town.slack.person(handle);
    await talk.onRecord('speaker.refused', new RegExp(id));
    expect(await town.slack.messages('access-approvals')).toEqual(before);
    await town.slack.event('app_home_opened', { user: id, tab: 'home' });
    const home = await town.slack.until(() => town.slack.home(handle), 'the home page');
    expect(visibleText(home)).not.toContain('Request access');
  });

  it('whoever presses a button without being let in', async () => {
    const id = await talk.asks('ana', 'dba');
    const card = await talk.card(id, '#access-approvals');
    expect(await talk.presses('sam', card, 'approve')).toContain('Guests cannot use Curfew');
    expect(await talk.presses('zoe', card, 'approve')).toContain('Only members of the home workspace');
    const form = await talk.opens('sam', card, 'deny');
    expect(await talk.submits('sam', form, { reason: 'because' })).toContain('Guests cannot use Curfew');
    await talk.card(id, '#access-approvals', /Approve/);
    expect(await talk.says('ana', `cancel ${id}`)).toContain('Cancelled');
  });
});

it('takes a mail address whatever its case', async () => {
  await patch('lea', profile('LEA@Acme.Test'));
  const id = await talk.asks('ana', 'dba');
  expect(await talk.says('lea', `approve ${id}`)).toBe(`Approved ${id} for 1 h.`);
  await talk.card(id, 'ana', /Live until/);
  await talk.says('ana', `done ${id}`);
  await talk.card(id, '#access-approvals', /Ended/);
});

it('refuses who comes with another address than before, and tells the alerts channel', async () => {
  const { id: userId } = town.slack.person('ana');
  await patch('ana', profile('omar@acme.test'));
  const no =
    'Curfew knows you, or your mail address, as somebody else. Nothing was done, and the admins were told.';
  expect(await talk.says('ana', 'dba 1h INC-2 as omar')).toBe(no);
  expect(await talk.says('ana', 'mine')).toBe(no);
  const told = `Refused: chat user ${userId} comes with the address omar@acme.test. This person was bound to another`;
  await talk.line('#security-alerts', new RegExp(told));
  await talk.onRecord('principal.conflict', new RegExp(userId), 'changed');
  await patch('ana', profile('ana@acme.test'));
  expect(await talk.says('ana', 'mine')).toContain('You hold nothing');
});

it('refuses a second person with the address of a first', async () => {
  const { id: userId } = town.slack.person('mia');
  await patch('mia', profile('ana@acme.test'));
  expect(await talk.says('mia', 'dba 1h INC-3 as ana')).toContain(
    'Curfew knows you, or your mail address, as somebody else',
  );
  await talk.line(
    '#security-alerts',
    new RegExp(`${userId} comes with the address ana@acme.test.*bound to another person`),
  );
  await talk.onRecord('principal.conflict', new RegExp(userId), 'second');
  expect(town.vault.holds('dba', 'ana')).toBe(false);
  // Alerts are posted in order: one for each of the two conflicts, however often they spoke.
  const alerts = (await town.slack.messages('security-alerts')).map(visibleText);
  expect(alerts.filter((text) => text.startsWith('Refused: chat user'))).toHaveLength(2);
});

it('refuses an account that is pinned to somebody else', async () => {
  await patch('mia', profile('mia@acme.test'));
  const { connector } = town.vault;
  const resolve = connector.resolveAccount;
  Object.assign(connector, { resolveAccount: async () => ({ ok: true, account: 'ana', accountId: 'ana' }) });
  try {
    expect(await talk.says('mia', 'other 1h INC-4 as ana')).toContain(
      'The account ana on vault belongs to somebody else.',
    );
    await talk.onRecord('request.refused', /mia@acme.test/, 'account-is-own');
  } finally {
    Object.assign(connector, { resolveAccount: resolve });
  }
});

it('says so when the directory does not answer, and does nothing', async () => {
  await town.slack.event('user_change', { user: { id: town.slack.person('omar').id } });
  town.slack.api.fail('users.info', { kind: 'status', status: 500, times: 5 });
  expect(await talk.says('omar', 'mine')).toContain(
    'Curfew could not look up who you are just now, so nothing was done.',
  );
  town.slack.api.heal();
  expect(await talk.says('omar', 'mine')).toContain('You hold nothing');
});
