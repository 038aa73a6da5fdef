/** Asking for access, in one line or by the form: what is wrong is said beside the field, and nothing happens. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTown, type Town } from '../support/town.ts';
import { answerText, createTalk, roleOf, type Talk } from '../support/town-talk.ts';
import { visibleText } from '../support/visible-text.ts';

let town: Town;
let talk: Talk;
beforeAll(async () => {
  const many = Array.from({ length: 5000 }, (_, n) => roleOf(`db-${String(n).padStart(4, '0')}-admin`));
  const few = ['prod-dba', 'by-form', 'repeated', 'cut'].map((key) => roleOf(key));
  town = await createTown({ roles: [...few, ...many] });
  talk = createTalk(town);
});
afterAll(() => talk.close());

/** How many requests the approvals channel knows of. */
async function asked(): Promise<number> {
  return (await town.slack.messages('#access-approvals')).length;
}

it('asks in one line, names who decides, and shows the owners what was asked', async () => {
  const said = await talk.says('ana', 'prod-dba 90m INC-7 the primary is failing over');
  expect(said).toMatch(/^Asked, as R-\w+\. To decide: omar, lea\.$/);
  const id = /R-\w+/.exec(said)?.[0] ?? '';
  const card = visibleText(await talk.card(id, '#access-approvals'));
  expect(card).toContain('ana asks for Role prod-dba');
  expect(card).toContain('holder of prod-dba on vault, as ana');
  expect(card).toContain('1 h 30 min');
  expect(card).toContain('INC-7');
  expect(card).toContain('> the primary is failing over');
  expect(card).toContain('[Approve] [Approve for less] [Deny]');
  const event = await talk.onRecord('request.created', /ana@acme.test/, id);
  expect(event.details).toMatchObject({ reference: 'INC-7', rule: 'owner-approves', policy: 'sha256:test' });
});

describe('the form', () => {
  it('opens empty when nothing is said, and asks when it is filled in', async () => {
    expect(await talk.says('ana', '')).toBe('');
    const view = talk.form('ana');
    expect(view.title?.text).toBe('Request access');
    expect(visibleText(view)).not.toContain('⚠');
    const values = { role: 'by-form', duration: '30m', reference: 'INC-8', reason: 'looking at locks' };
    expect(await talk.submits('ana', view, values)).toMatch(/Asked, as R-/);
    await town.slack.waitForMessage('access-approvals', (m) => visibleText(m).includes('looking at locks'));
  });

  it.each([
    ['prod-dbaa 1h why not', 'There is no role prod-dbaa. Did you mean prod-dba?', '1h', 'why not'],
    ['prod-dba 0m why', '0m is no time at all', '0m', 'why'],
    ['prod-dba -5m why', '-5m is negative', '-5m', 'why'],
    ['prod-dba 5h why', 'At most 4 h for this role.', '5h', 'why'],
    ['prod-dba 99999d why', '99999d is too long', '99999d', 'why'],
    ['prod-dba 1h', 'Say why, in a few words.', '1h', ''],
    ['prod-dba looking around', 'Say for how long, such as 30m or 1h30m.', '1h', 'looking around'],
  ])(
    'after "%s" it says what is wrong, and keeps what was understood',
    async (words, fault, duration, reason) => {
      const before = await asked();
      expect(await talk.says('mia', words)).toBe('');
      const text = visibleText(talk.form('mia'));
      expect(text).toContain(`⚠ ${fault}`);
      expect(text).toContain(duration);
      expect(text).toContain(reason);
      expect(await asked()).toBe(before);
      await talk.onRecord('request.refused', /mia@acme.test/, fault.slice(0, 20));
    },
  );

  it('says beside the field what is wrong in what was filled in, and stays open', async () => {
    await talk.says('mia', '');
    const view = talk.form('mia');
    const values = { role: 'by-form', duration: 'a while', reference: 'x', reason: 'why' };
    const faults = await talk.submits('mia', view, values);
    expect(faults).toContain('duration: a while is not a length of time');
    expect(faults).toContain('reference: Write a ticket such as INC-1042, or an https link.');
    expect(await talk.submits('mia', view, { ...values, duration: '9h', reference: 'INC-1' })).toBe(
      'duration: At most 4 h for this role.',
    );
    const event = await talk.onRecord('request.refused', /mia@acme.test/, 'by-form.*At most 4 h');
    expect(event.details).toMatchObject({ role: 'by-form' });
    expect(talk.form('mia')).toEqual(view);
  });

  it('says how long a reason is that does not fit, and keeps what does', async () => {
    expect(await talk.says('mia', `prod-dba 1h ${'x'.repeat(501)}`)).toBe('');
    const text = visibleText(talk.form('mia'));
    expect(text).toContain('⚠ The reason has 501 characters; at most 500 fit.');
    expect(text).toContain('x'.repeat(500));
    expect(text).not.toContain('x'.repeat(501));
  });

  it('finds a role among 5,000 by a part of its name, at most 100 at a time', async () => {
    const all = await town.slack.options('ana', '');
    expect(all).toHaveLength(100);
    expect(await town.slack.options('ana', 'DB-4711')).toEqual([
      { label: 'Role db-4711-admin', value: 'db-4711-admin' },
    ]);
    expect(await town.slack.options('ana', 'no such role')).toEqual([]);
    expect(await talk.says('ana', 'db-4711-admin 20m')).toBe('');
    const asking = await talk.submits('ana', talk.form('ana'), { reason: 'vacuum' });
    expect(asking).toMatch(/Asked, as R-/);
  });
});

it('opens the form from the home page as well', async () => {
  await town.slack.event('app_home_opened', { user: town.slack.person('ana').id, tab: 'home' });
  const home = await town.slack.until(() => town.slack.home('ana'), 'the home page');
  const view = await talk.opens('ana', home, 'new-request');
  expect(view.title?.text).toBe('Request access');
});

it('opens the form although the directory of Slack does not answer', async () => {
  const { id } = town.slack.person('lea');
  await town.slack.event('user_change', { user: { id } });
  let release = () => {};
  const until = new Promise<void>((resolve) => {
    release = resolve;
  });
  town.slack.api.fail('users.info', { kind: 'held', until, times: 10 });
  expect(await talk.says('lea', '')).toBe('');
  expect(visibleText(talk.form('lea'))).not.toContain('⚠');
  expect(await talk.says('lea', 'prod-dba 1h')).toBe('');
  expect(visibleText(talk.form('lea'))).toContain('⚠ Say why');
  town.slack.api.heal();
  release();
  await talk.onRecord('request.refused', /lea@acme.test/, 'Say why');
});

it('takes a repeated delivery for the same request, and answers it the same', async () => {
  const delivery = await town.slack.command('ana', 'repeated 1h INC-9 twice on the wire');
  const again = await Promise.all([delivery.again(), delivery.again()]);
  for (const repeated of again) expect(answerText(repeated)).toBe(answerText(delivery));
  const created = (await talk.log()).filter(({ details }) => details.reason === 'twice on the wire');
  expect(created.map(({ action }) => action)).toEqual(['request.created']);
});

it('keeps a form that is sent twice to one request', async () => {
  await talk.says('ana', 'cut 1h');
  const view = talk.form('ana');
  const delivery = await town.slack.submit('ana', view, { reason: 'sent twice' });
  const again = await delivery.again();
  expect(answerText(again)).toBe(answerText(delivery));
  const created = (await talk.log()).filter(({ details }) => details.reason === 'sent twice');
  expect(created.map(({ action }) => action)).toEqual(['request.created']);
});
