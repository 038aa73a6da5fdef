/** What botbuilder does with an activity by itself stays within what Teams and Curfew expect of an answer. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  activityIn,
  BOT,
  installation,
  invoke,
  membership,
  people,
  words,
} from '../../support/teams-activities.ts';
import { startTeamsIssuer, type TeamsIssuer } from '../../support/teams-issuer.ts';
import { type Bot, startBot } from './bot.ts';

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

it.each([
  ['a card without an action', invoke('adaptiveCard/action', {})],
  ['a card without anything', invoke('adaptiveCard/action', undefined)],
  ['a card whose action is none', invoke('adaptiveCard/action', { action: 7 })],
])('%s is refused in the card, with 200 for HTTP', async (_name, activity) => {
  const { status, body } = await bot.send(activity);
  expect(status).toBe(200);
  expect(body).toMatchObject({ statusCode: 400, type: 'application/vnd.microsoft.error' });
});

it.each([
  ['a search without a question', invoke('application/search', undefined), 400],
  ['a dialog without a value', invoke('task/fetch', undefined), 400],
  ['an invoke that is not ours', invoke('fileConsent/invoke', undefined), 501],
  ['an invoke without a name', invoke('', undefined), 501],
  ['a sign-in', invoke('signin/verifyState', {}), 501],
])('%s is answered with its status alone', async (_name, activity, status) => {
  expect(await bot.send(activity)).toEqual({ status, body: null });
});

it.each([
  'messageReaction',
  'messageUpdate',
  'messageDelete',
  'event',
  'typing',
  'command',
  'endOfConversation',
  'surprise',
])('%s is taken and left alone, whatever it lacks', async (type) => {
  const { serviceUrl, channelId } = activityIn('personal');
  const bare = { type, serviceUrl, channelId, name: 'application/vnd.microsoft.meetingStart' };
  expect(await bot.send(bare)).toEqual({ status: 200, body: null });
  expect(bot.seen).toEqual([]);
  expect(bot.log.text()).toBe('[]');
});

it('asks Teams about nobody who joins a team', async () => {
  const many = { ...membership('membersAdded', people.omar.id, 'channel') };
  const membersAdded = ['29:ana-address', '29:omar-address', '29:zoe'].map((id) => ({ id }));
  expect((await bot.send({ ...many, membersAdded })).status).toBe(200);
  expect(bot.called).toEqual([]);
});

it('gives no answer to a message but that it was taken, also where replies are expected in it', async () => {
  const asked = { ...words('mine'), deliveryMode: 'expectReplies' };
  expect(await bot.send(asked)).toEqual({ status: 200, body: null });
});

it('tells neither the sender nor the console what went wrong inside', async () => {
  const printed = (['log', 'warn', 'error', 'info', 'debug'] as const).map((level) =>
    vi.spyOn(console, level).mockImplementation(() => {}),
  );
  bot.look = async () => {
    throw new Error('password=hunter2');
  };
  bot.roles = [];
  const press = {
    action: { type: 'Action.Execute', verb: 'curfew.look', data: { v: 1, do: 'look', about: 'R-7K3M' } },
  };
  const { status, body } = await bot.send(invoke('adaptiveCard/action', press));
  expect(status).toBe(200);
  expect(JSON.stringify(body)).not.toContain('hunter2');
  for (const spy of printed) {
    expect(spy).not.toHaveBeenCalled();
    spy.mockRestore();
  }
});

describe('an event without an id', () => {
  const { id: _id, ...coming } = membership('membersAdded', BOT.id, 'channel');
  const { id: _own, ...own } = installation('add');

  it('says all the same where Curfew was added', async () => {
    expect((await bot.send(coming)).status).toBe(200);
    await bot.settled();
    expect(bot.joined.map(({ name }) => name)).toEqual(['Databases']);
  });

  it('says all the same who added Curfew for themselves', async () => {
    expect((await bot.send({ ...own, id: null })).status).toBe(200);
    await bot.settled();
    expect(bot.arrived).toEqual([people.ana.aadObjectId.toLowerCase()]);
  });

  it('is taken where others come, and where it does not even say to whom or by whom', async () => {
    const { from: _from, recipient: _recipient, ...bare } = coming;
    expect((await bot.send({ ...coming, membersAdded: [{ id: people.omar.id }] })).status).toBe(200);
    expect((await bot.send(bare)).status).toBe(200);
    expect(bot.log.text()).toBe('[]');
  });
});
