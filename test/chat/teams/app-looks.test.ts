/** A look at a card shows it, or says why not; and one that nobody asked for writes to nobody. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createGate } from '../../support/gate.ts';
import { conversations, press, submitAsMessage } from '../../support/teams-activities.ts';
import { startTeamsIssuer, type TeamsIssuer } from '../../support/teams-issuer.ts';
import { type Activity, type Bot, card, shown, startBot, takeAndSettle, told } from './bot.ts';

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

describe('a look', () => {
  const look = press({ do: 'look', about: 'R-7K3M' });

  test('shows the card as this person may see it', async () => {
    expect(shown(await bot.take(look))).toContain('Waits for an owner.');
    expect(bot.looked).toEqual(['R-7K3M']);
    expect(bot.seen).toEqual([]);
  });

  test('at what is not theirs says so', async () => {
    bot.look = async () => null;
    expect(await bot.take(look)).toMatchObject({ value: expect.stringMatching(/no such request/) });
  });

  const notNow = 'This could not be shown just now: press again in a moment.';

  test('at what cannot be read just now says that, and not that there is nothing', async () => {
    bot.look = () => Promise.reject(new Error('away'));
    expect(await bot.take(look)).toMatchObject({ value: notNow });
  });

  test('that takes too long says so, and nothing comes after', async () => {
    expect(await tooLong(look)).toMatchObject({ value: notNow });
    expect(await tooLong(submitAsMessage({ v: 1, do: 'look', about: 'R-7K3M' }))).toBeNull();
    expect(told(bot)).toEqual([[conversations.personal, notNow]]);
  });

  describe('that nobody asked for, by a client that shows the card,', () => {
    /** At this the client goes on showing the card that it has. */
    const asItWas = { type: 'application/vnd.microsoft.error' };

    test('shows who is listed what they may do', async () => {
      expect(shown(await bot.take(refresh()))).toContain('Waits for an owner.');
    });

    test('leaves the card as all see it where it takes too long, and writes to nobody', async () => {
      expect(await tooLong(refresh())).toMatchObject(asItWas);
      expect(told(bot)).toEqual([]);
    });

    test.each([
      ['there is nothing for them', async () => null],
      ['it cannot be read', () => Promise.reject(new Error('away'))],
    ])('leaves the card as all see it where %s', async (_name, found) => {
      bot.look = found;
      expect(await takeAndSettle(bot, refresh())).toMatchObject(asItWas);
      expect(told(bot)).toEqual([]);
    });

    test('leaves a card of another version as it is', async () => {
      expect(await takeAndSettle(bot, refresh({ v: 9 }))).toMatchObject(asItWas);
    });
  });

  const refresh = (data: object = {}) => {
    const { value, ...pressed } = press({ do: 'look', about: 'R-7K3M', ...data }, 'channel');
    return { ...pressed, value: { ...(value as object), trigger: 'automatic' } };
  };

  /** The answer to a look that is done only after time is up; then all that follows is waited for. */
  async function tooLong(activity: Activity): Promise<unknown> {
    await bot.outOfTime();
    const gate = createGate();
    bot.look = () => gate.pass().then(() => card);
    const body = await bot.take(activity);
    gate.open();
    await bot.settled();
    return body;
  }
});
