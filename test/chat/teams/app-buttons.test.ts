/** What a click and a form in Teams are answered with: at once, in their place, to who pressed. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { requestForm } from '../../../src/chat/cards/forms.ts';
import { createGate } from '../../support/gate.ts';
import { conversations, invoke, press, submitAsMessage } from '../../support/teams-activities.ts';
import { startTeamsIssuer, type TeamsIssuer } from '../../support/teams-issuer.ts';
import { type Bot, CHECKING, card, DIRECT, say, shown, startBot, takeAndSettle, told } from './bot.ts';

let issuer: TeamsIssuer;
let bot: Bot;

beforeAll(async () => {
  issuer = await startTeamsIssuer();
});
beforeEach(async () => {
  bot = await startBot(issuer);
});
afterEach(() => bot.close());
afterAll(() => issuer.close());

const request = { v: 1, do: 'form', form: 'request', about: null };
const approve = { do: 'act', verb: 'approve', id: 'R-7K3M', on: 'curfew:R-7K3M:owners:12' };

describe('a click', () => {
  test('on a request shows its card as it is now, with the answer on it', async () => {
    const body = await takeAndSettle(bot, press(approve, 'channel'));
    expect(bot.looked).toEqual(['R-7K3M']);
    expect(body).toMatchObject({ statusCode: 200, type: 'application/vnd.microsoft.card.adaptive' });
    expect(shown(body)).toMatch(/Noted\..*Waits for an owner\./);
    expect(bot.told).toEqual([]);
  });

  test.each([
    ['is no more', async () => null],
    ['cannot be read', () => Promise.reject(new Error('away'))],
  ])('on a request that %s is answered in words', async (_name, look) => {
    bot.look = look;
    expect(await bot.take(press(approve))).toEqual({
      statusCode: 200,
      type: 'application/vnd.microsoft.activity.message',
      value: 'Noted.',
    });
  });

  test('with nothing to say shows the card, or says that it is done', async () => {
    bot.dispatch = () => ({ kind: 'none' });
    expect(shown(await bot.take(press(approve)))).toContain('Waits for an owner.');
    expect(await bot.take(press({ ...approve, on: undefined }))).toMatchObject({ value: 'Done.' });
  });

  test('can answer with another card, or with a form', async () => {
    bot.dispatch = () => ({ kind: 'card', card: { ...card, title: 'Another' } });
    expect(shown(await bot.take(press(approve)))).toContain('Another');
    bot.dispatch = () => ({ kind: 'form', form: requestForm() });
    const body = await bot.take(press({ ...approve, verb: 'extend' }));
    expect(body).toMatchObject({ type: 'application/vnd.microsoft.card.adaptive' });
    expect(shown(body)).toContain('"form":"request"');
  });

  test('that takes too long says so, and the outcome comes by message to the clicker alone', async () => {
    await bot.outOfTime();
    const release = bot.hold();
    expect(await bot.take(press(approve, 'channel'))).toMatchObject({ value: CHECKING });
    release(say('You approved it.'));
    await bot.settled();
    expect(told(bot)).toEqual([[DIRECT, 'You approved it.']]);
  });

  test('that comes twice is one delivery', async () => {
    const activity = press(approve);
    const [first, second] = [await bot.take(activity), await bot.take(activity)];
    expect(second).toEqual(first);
    expect(bot.seen[1]?.key).toBe(bot.seen[0]?.key);
  });

  test('from an old client is answered by message', async () => {
    expect(await takeAndSettle(bot, submitAsMessage({ v: 1, ...approve }))).toBeNull();
    expect(bot.seen).toMatchObject([{ kind: 'action', verb: 'approve', id: 'R-7K3M' }]);
    expect(told(bot)).toEqual([[conversations.personal, 'Noted.']]);
  });

  test('on a button of another version is refused politely, and nothing is done', async () => {
    const old = { ...approve, v: 9 };
    const words = /^This button is from another version of Curfew\. Say status R-7K3M to Curfew to see it/;
    expect(await bot.take(press(old))).toMatchObject({ value: expect.stringMatching(words) });
    expect(await bot.take(invoke('task/fetch', { data: old }))).toMatchObject({
      task: { type: 'message', value: expect.stringMatching(words) },
    });
    await takeAndSettle(bot, submitAsMessage(old, 'channel'));
    expect(told(bot)[0]).toEqual([DIRECT, expect.stringMatching(words)]);
    expect(bot.seen).toEqual([]);
  });

  test('whose shape is wrong gets the documented error', async () => {
    expect(await bot.take(invoke('adaptiveCard/action', { action: 7 }))).toMatchObject({
      statusCode: 400,
      type: 'application/vnd.microsoft.error',
      value: { code: 'BadRequest' },
    });
  });
});

describe('a dialog', () => {
  const fetched = invoke('task/fetch', { data: { v: 1, do: 'act', verb: 'deny', id: 'R-7K3M' } });

  test.each([
    ['a button', fetched],
    ['the message extension', invoke('composeExtension/fetchTask', { commandId: 'request-access' })],
  ])('opens from %s with the form in it', async (_name, activity) => {
    bot.dispatch = () => ({ kind: 'form', form: requestForm() });
    bot.roles = [{ label: 'Production DBA', value: 'prod-dba' }];
    const body = await bot.take(activity);
    expect(body).toMatchObject({
      task: {
        type: 'continue',
        value: {
          title: 'Request access',
          card: { contentType: 'application/vnd.microsoft.card.adaptive', content: { type: 'AdaptiveCard' } },
        },
      },
    });
    expect(shown(body)).toContain('Production DBA');
    expect(bot.typed).toEqual(['']);
  });

  test('from the message extension that takes too long ends in a chat of the bot, not where it was used', async () => {
    await bot.outOfTime();
    const release = bot.hold();
    const data = { ...request, role: 'prod-dba', duration: '1h', reason: 'why' };
    const sent = invoke('composeExtension/submitAction', { commandId: 'request-access', data });
    expect(shown(await bot.take(sent))).toContain(CHECKING);
    release(say('Asked, as R-7K3M.'));
    await bot.settled();
    expect(told(bot)).toEqual([[DIRECT, 'Asked, as R-7K3M.']]);
    expect([bot.met, bot.visited]).toEqual([[], []]);
  });

  test('opens without waiting for the ledger', async () => {
    const gate = createGate();
    bot.keeping = gate.pass;
    bot.dispatch = () => ({ kind: 'form', form: requestForm() });
    expect(await bot.take(fetched)).toMatchObject({ task: { type: 'continue' } });
    gate.open();
  });

  test.each([
    ['task/submit', { data: { ...request, role: 'prod-dba', duration: '1h', reason: '' } }],
    [
      'composeExtension/submitAction',
      { commandId: 'request-access', data: { ...request, role: 'prod-dba', duration: '1h', reason: '' } },
    ],
  ])('that was filled in wrongly (%s) stays open, with all that was filled in', async (name, value) => {
    bot.dispatch = () => ({ kind: 'form-errors', errors: { reason: 'Say why, in a few words.' } });
    bot.roles = [{ label: 'Production DBA', value: 'prod-dba' }];
    const body = await bot.take(invoke(name, value));
    expect(bot.seen).toMatchObject([
      { kind: 'form', form: 'request', values: { role: 'prod-dba', duration: '1h' } },
    ]);
    expect(body).toMatchObject({ task: { type: 'continue' } });
    expect(shown(body)).toMatch(/Say why, in a few words\./);
    expect(shown(body)).toMatch(/"value":"prod-dba"/);
    expect(shown(body)).toMatch(/"value":"1h"/);
  });

  test('that comes again has the incident that was chosen, and the others to choose from', async () => {
    const incidents = [
      { label: 'INC-7 Slow search', value: '18:INC-7' },
      { label: 'INC-1042 Checkout is down', value: '17:INC-1042' },
    ];
    bot.dispatch = () => ({ kind: 'form-errors', errors: { reason: 'Say why.' }, incidents });
    const data = { ...request, duration: '1h', incident: '17:INC-1042', reason: '' };
    const body = await bot.take(invoke('task/submit', { data }));
    expect(bot.seen).toMatchObject([{ values: { incident: '17:INC-1042' } }]);
    expect(shown(body)).toMatch(/"id":"incident".*"value":"17:INC-1042"\}/);
    expect(shown(body)).toContain('"title":"INC-7 Slow search"');
  });

  test('that was taken says how it went', async () => {
    const submitted = () => invoke('task/submit', { data: { ...request, reason: 'x' } });
    expect(await bot.take(submitted())).toEqual({ task: { type: 'message', value: 'Noted.' } });
    bot.dispatch = () => ({ kind: 'none' });
    expect(await bot.take(submitted())).toEqual({ task: { type: 'message', value: 'Done.' } });
  });

  test('that takes too long says so in its place, and the outcome comes by message', async () => {
    await bot.outOfTime();
    const release = bot.hold();
    const body = await bot.take(invoke('task/submit', { data: { ...request, reason: 'x' } }));
    expect(body).toEqual({ task: { type: 'message', value: CHECKING } });
    release({ kind: 'form-errors', errors: { reason: 'No: that role was taken away.' } });
    await bot.settled();
    expect(shown(bot.told)).toContain('No: that role was taken away.');
  });
});

describe('a form in a card', () => {
  test('that was filled in wrongly comes again, whichever way it was sent', async () => {
    bot.dispatch = () => ({ kind: 'form-errors', errors: { reason: 'Say why, in a few words.' } });
    const data = { ...request, role: 'prod-dba', duration: '1h', reason: '' };
    expect(shown(await bot.take(press(data)))).toMatch(/Say why, in a few words\./);
    await takeAndSettle(bot, submitAsMessage(data));
    expect(shown(bot.told)).toMatch(/Say why, in a few words\..*/);
  });

  test('that was taken gives way to the answer, so that it is not sent twice', async () => {
    const taken = await bot.take(press({ ...request, reason: 'x' }));
    expect(taken).toMatchObject({ type: 'application/vnd.microsoft.card.adaptive' });
    expect(shown(taken)).toContain('Noted.');
    expect(shown(taken)).not.toContain('Input.');
    const about = await bot.take(press({ ...request, form: 'deny', about: 'R-7K3M', reason: 'x' }));
    expect(shown(about)).toMatch(/Noted\..*Waits for an owner\./);
  });
});

test('roles are offered as people type, at most 100 of 5,000, each with its name', async () => {
  bot.roles = Array.from({ length: 5000 }, (_, i) => ({ label: `Role ${i}`, value: `role-${i}` }));
  const body = await bot.take(invoke('application/search', { queryText: 'pro', dataset: 'roles' }));
  expect(bot.typed).toEqual(['pro']);
  expect(body).toMatchObject({
    statusCode: 200,
    type: 'application/vnd.microsoft.search.searchResponse',
    value: { results: expect.any(Array) },
  });
  const { results } = (body as { value: { results: object[] } }).value;
  expect(results).toHaveLength(100);
  expect(results[0]).toEqual({ title: 'Role 0 (role-0)', value: 'role-0' });
});
