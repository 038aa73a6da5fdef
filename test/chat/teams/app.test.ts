/** What people get to hear in Teams when they say, press or send something: in time, to them alone, to the end. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { requestForm } from '../../../src/chat/cards/forms.ts';
import { ChatError } from '../../../src/chat/port.ts';
import { createGate } from '../../support/gate.ts';
import {
  BOT,
  conversations,
  installation,
  invoke,
  membership,
  mentionOf,
  people,
  SERVICE_URL,
  TEAM,
  TENANT,
  words,
} from '../../support/teams-activities.ts';
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

const OMAR_ID = people.omar.aadObjectId;
const unreachable = new ChatError('unreachable', 'never_met', 'Add Curfew first.', { outcomeKnown: true });

describe('words', () => {
  test('in a personal chat are answered there', async () => {
    expect(await takeAndSettle(bot, words('mine'))).toBeNull();
    expect(bot.told).toMatchObject([
      { to: { conversation: conversations.personal, serviceUrl: SERVICE_URL }, summary: 'Noted.' },
    ]);
  });

  test.each(['groupChat', 'channel'] as const)('in a %s are answered to the speaker alone', async (where) => {
    const activity = words('mine', where);
    await takeAndSettle(bot, activity);
    expect(told(bot)).toEqual([
      [DIRECT, 'Noted.'],
      [conversations[where], 'I answered you privately, Ana Lopez.'],
    ]);
    expect(bot.told[1]?.to.replyTo).toBe(activity.id);
    expect(shown(bot.told[1]?.card)).toContain(people.ana.id);
  });

  test('among others that need no answer get none', async () => {
    bot.dispatch = () => ({ kind: 'none' });
    await takeAndSettle(bot, words('done', 'channel'));
    expect(told(bot)).toEqual([]);
  });

  test('of who has no chat with Curfew are answered in place, but lists are not shown to all', async () => {
    bot.direct = () => Promise.reject(unreachable);
    await takeAndSettle(bot, words('done R-1', 'channel'));
    bot.dispatch = () => ({ kind: 'form', form: requestForm() });
    await takeAndSettle(bot, words('', 'channel'));
    bot.dispatch = () => ({ kind: 'card', card });
    await takeAndSettle(bot, words('mine', 'channel'));
    expect(told(bot)).toEqual([
      [conversations.channel, 'Noted.'],
      [conversations.channel, 'Request access'],
      [conversations.channel, expect.stringMatching(/^Add Curfew in Teams .* only for you\.$/)],
    ]);
    expect(shown(bot.told)).not.toContain('Waits for an owner.');
  });

  test('whose private answer Teams does not take are not answered in public instead', async () => {
    bot.direct = () => Promise.reject(new ChatError('retry', 'busy', 'later', { outcomeKnown: false }));
    await takeAndSettle(bot, words('mine', 'channel'));
    expect(told(bot)).toEqual([[conversations.channel, expect.stringMatching(/Please say it again/)]]);
  });

  test('that take too long are answered in time, and the outcome follows', async () => {
    await bot.outOfTime();
    const release = bot.hold();
    expect(await bot.take(words('prod-dba 1h why', 'channel'))).toBeNull();
    release(say('Recorded as R-7K3M.'));
    await bot.settled();
    expect(told(bot)).toEqual([
      [DIRECT, CHECKING],
      [DIRECT, 'Recorded as R-7K3M.'],
      [conversations.channel, 'I answered you privately, Ana Lopez.'],
    ]);
  });

  test('that took too long and have nothing to say still say that it is recorded', async () => {
    await bot.outOfTime();
    const release = bot.hold();
    await bot.take(words('done'));
    release({ kind: 'none' });
    await bot.settled();
    expect(told(bot).map(([, summary]) => summary)).toEqual([CHECKING, 'It is recorded now.']);
  });

  test('sent again are the same delivery, and answered again', async () => {
    const activity = words('mine');
    await takeAndSettle(bot, activity);
    await takeAndSettle(bot, activity);
    const [first, second] = bot.seen;
    expect(second?.key).toBe(first?.key);
    expect(told(bot)).toHaveLength(2);
  });

  test('that fail get a sentence with a number, which stands in the log without what was typed', async () => {
    bot.dispatch = () => Promise.reject(new Error('duplicate key: reason "very private words"'));
    await takeAndSettle(bot, words('prod-dba 1h very private words'));
    const [, number = 'none'] = /error number ([0-9a-f]{8})/.exec(bot.told[0]?.summary ?? '') ?? [];
    expect(bot.log.text()).toContain(number);
    expect(bot.log.text()).not.toMatch(/private words|eyJ|very-secret-password/);
  });

  test('that mention somebody mean the person whom the ledger knows', async () => {
    await bot.take(words('mine', 'personal', 'omar'));
    const text = 'revoke <at>Omar Haddad</at> now';
    await bot.take({ ...words(''), text, entities: [mentionOf(people.omar)] });
    expect(bot.seen.at(-1)).toMatchObject({ text: `revoke <@${OMAR_ID}|Omar-Haddad> now` });
  });

  test('of who has no name in Teams are refused in words', async () => {
    await takeAndSettle(bot, { ...words('mine'), from: { id: '29:x', name: 'X' } });
    expect(bot.seen).toEqual([]);
    expect(told(bot)).toEqual([[conversations.personal, expect.stringMatching(/does not say who you are/)]]);
  });
});

describe('who speaks', () => {
  test('is kept before anything is looked up, with the chat if it is their own', async () => {
    let metBefore = 0;
    bot.dispatch = () => {
      metBefore = bot.met.length;
      return say('Noted.');
    };
    await takeAndSettle(bot, words('mine'));
    await takeAndSettle(bot, words('mine', 'channel'));
    expect(metBefore).toBe(2);
    expect(bot.met).toMatchObject([
      {
        tenant: TENANT,
        userId: people.ana.aadObjectId.toLowerCase(),
        address: people.ana.id,
        name: 'Ana Lopez',
        timeZone: 'Europe/Madrid',
        serviceUrl: SERVICE_URL,
        direct: conversations.personal,
        seenIn: conversations.personal,
      },
      { direct: null, seenIn: '19:dba@thread.tacv2' },
    ]);
    expect(bot.visited).toEqual([conversations.personal, '19:dba@thread.tacv2']);
  });

  test('is answered also where they cannot be kept', async () => {
    bot.keeping = () => Promise.reject(new Error('the ledger is away'));
    await takeAndSettle(bot, words('mine'));
    expect(told(bot)).toEqual([[conversations.personal, 'Noted.']]);
  });

  test('is not kept when they are of another tenant', async () => {
    const tenant = TENANT.replace('7a', '8b');
    const activity = words('mine');
    await bot.take({
      ...activity,
      conversation: { ...activity.conversation, tenantId: tenant },
      channelData: { tenant: { id: tenant } },
    });
    expect(bot.seen).toMatchObject([{ speaker: { workspace: tenant } }]);
    expect(bot.met).toEqual([]);
  });
});

describe('Curfew, added', () => {
  test('to a personal chat, shows the home page there, once', async () => {
    const added = installation('add');
    await takeAndSettle(bot, added);
    await takeAndSettle(bot, added);
    await takeAndSettle(bot, membership('membersAdded', BOT.id));
    expect(bot.told.map(({ to }) => to.conversation)).toEqual([conversations.personal]);
    expect(shown(bot.told)).toMatch(/Hello, this is Curfew.*My access/);
    expect(bot.met.at(-1)?.direct).toBe(conversations.personal);
    // What could not be shown to them before is shown now.
    expect(bot.arrived).toEqual([people.ana.aadObjectId.toLowerCase()]);
    await takeAndSettle(bot, installation('remove'));
    expect(bot.lost).toEqual([`${TENANT} ${people.ana.aadObjectId.toLowerCase()}`]);
    await takeAndSettle(bot, installation('add'));
    expect(bot.told).toHaveLength(2);
  });

  test('to a team, greets it once and knows its channels; removed, forgets them', async () => {
    await takeAndSettle(bot, installation('add', 'channel'));
    await takeAndSettle(bot, membership('membersAdded', BOT.id, 'channel'));
    expect(bot.joined.at(-1)).toEqual({ tenant: TENANT, ...TEAM, serviceUrl: SERVICE_URL });
    expect(bot.told).toHaveLength(1);
    expect(shown(bot.told)).toMatch(/Curfew is here/);
    expect(shown(bot.told)).not.toContain('My access');
    expect(bot.arrived).toEqual([]);
    await takeAndSettle(bot, membership('membersRemoved', BOT.id, 'channel'));
    expect(bot.left).toEqual([TEAM.id]);
    expect(bot.lost).toEqual([]);
  });
});

describe('Curfew, added while its ledger', () => {
  test.each(['personal', 'channel'] as const)(
    'is away (%s), is to be told again, and arrives then',
    async (where) => {
      bot.keeping = () => Promise.reject(new Error('the ledger is away'));
      expect((await bot.send(installation('add', where))).status).toBe(503);
      await bot.settled();
      expect([bot.told, bot.arrived]).toEqual([[], []]);
      bot.keeping = async () => {};
      await takeAndSettle(bot, membership('membersAdded', BOT.id, where));
      expect(bot.told).toHaveLength(1);
      expect(bot.met.at(-1)?.userId).toBe(people.ana.aadObjectId.toLowerCase());
      expect(bot.joined.map(({ id }) => id)).toEqual(where === 'channel' ? [TEAM.id] : []);
    },
  );

  test('takes too long, is to be told again, and is greeted once it is kept', async () => {
    await bot.outOfTime();
    const gate = createGate();
    bot.keeping = gate.pass;
    expect((await bot.send(installation('add'))).status).toBe(503);
    expect(bot.told).toEqual([]);
    gate.open();
    await bot.settled();
    expect(bot.told).toHaveLength(1);
    expect(bot.arrived).toHaveLength(1);
  });
});

describe('a team is known', () => {
  test('also where Teams does not say who added Curfew to it', async () => {
    const { aadObjectId: _unsaid, ...from } = people.ana;
    await takeAndSettle(bot, { ...installation('add', 'channel'), from });
    expect(bot.joined).toEqual([{ tenant: TENANT, ...TEAM, serviceUrl: SERVICE_URL }]);
    expect(bot.met).toEqual([]);
    expect(shown(bot.told)).toMatch(/Curfew is here/);
    await takeAndSettle(bot, { ...installation('add'), from });
    expect(bot.told).toHaveLength(1);
  });

  test('from whatever is said there, should its installation have been missed', async () => {
    const activity = words('mine', 'channel');
    const unnamed = { tenant: { id: TENANT }, team: { id: TEAM.id } };
    await takeAndSettle(bot, { ...activity, channelData: unnamed });
    expect(bot.joined).toEqual([{ tenant: TENANT, id: TEAM.id, name: '', serviceUrl: SERVICE_URL }]);
  });
});

describe('what is none of our business', () => {
  test('is taken politely, and nothing is done', async () => {
    await takeAndSettle(bot, { ...words('mine'), type: 'messageReaction' });
    await takeAndSettle(bot, { ...words('mine'), type: 'surprise' });
    expect([bot.seen, bot.told]).toEqual([[], []]);
  });

  test('of invokes is said to be not ours', async () => {
    expect((await bot.send(invoke('composeExtension/query', {}))).status).toBe(501);
  });
});

test('stopping waits for what is under way', async () => {
  await bot.outOfTime();
  const release = bot.hold();
  await bot.take(words('prod-dba 1h why'));
  const stopping = bot.app.stop();
  release(say('Recorded before the stop.'));
  await stopping;
  expect(told(bot).at(-1)).toEqual([conversations.personal, 'Recorded before the stop.']);
});
